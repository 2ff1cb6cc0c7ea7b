// All descriptors are in the middle of a listing of long names: what the host keeps for them is bounded.
#include "flood.h"

#define FILES 3000

int main(void) {
    static char name[256];
    static uint8_t page[1 << 20];
    memset(name, 'n', 255);
    for (int i = 0; i < FILES; i++) {
        name[sprintf(name, "%d", i)] = 'n';
        make_file(ROOT, name, "");
    }
    __wasi_size_t used;
    __wasi_fd_t fd;
    int open = 0;
    while (__wasi_path_open(ROOT, 0, ".", DIRECTORY, READ, 0, 0, &fd) == 0) {
        open++;
        OK(__wasi_fd_readdir(fd, page, sizeof page / 2, 0, &used));
        EQUAL(sizeof page / 2, used);
    }
    CHECK(open > 200);
    report_memory();
}
