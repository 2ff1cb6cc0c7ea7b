// Creates names of 255 bytes up to the limit on files: files, folders, symbolic and hard links.
#include "flood.h"

int main(void) {
    static char name[256];
    memset(name, 'n', 255);
    make_file(ROOT, "first", "");
    __wasi_errno_t error = 0;
    int made = 1;
    for (; error == 0; made++) {
        name[sprintf(name, "%d", made)] = 'n';
        switch (made % 4) {
        case 0:
            error = try_open(ROOT, name, 0, CREAT, WRITE);
            break;
        case 1:
            error = __wasi_path_create_directory(ROOT, name);
            break;
        case 2:
            error = __wasi_path_symlink("first", ROOT, name);
            break;
        case 3:
            error = __wasi_path_link(ROOT, 0, "first", ROOT, name);
            break;
        }
    }
    ERRNO(NOSPC, error);
    EQUAL(30001, made);
    report_memory();
}
