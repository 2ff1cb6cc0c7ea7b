// Links with the longest possible text: their texts count as disk.
#include "flood.h"

int main(void) {
    static char text[4096];
    memset(text, 'x', 4000);
    char name[16];
    __wasi_errno_t error = 0;
    int links = 0;
    for (; links < 100000 && error == 0; links++) {
        snprintf(name, sizeof name, "%d", links);
        error = __wasi_path_symlink(text, ROOT, name);
    }
    ERRNO(NOSPC, error);
    CHECK(links > 1000 && links < 5000);
    OK(__wasi_path_unlink_file(ROOT, "7"));
    OK(__wasi_path_symlink(text, ROOT, "again"));
    report_memory();
}
