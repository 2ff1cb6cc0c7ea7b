// Nests folders 3,000 deep, beyond the longest path, each made from its parent, and moves and removes them.
#include "flood.h"

#define DEPTH 3000

int main(void) {
    __wasi_fd_t fd = ROOT, below;
    for (int i = 0; i < DEPTH; i++) {
        OK(__wasi_path_create_directory(fd, "d"));
        OK(__wasi_path_open(fd, 0, "d", DIRECTORY, READ, 0, 0, &below));
        if (fd != ROOT) OK(__wasi_fd_close(fd));
        fd = below;
    }
    OK(__wasi_path_rename(ROOT, "d", ROOT, "e"));
    make_file(fd, "bottom", "text");
    __wasi_filestat_t stat;
    OK(__wasi_path_filestat_get(fd, 0, "bottom", &stat));
    ERRNO(PERM, __wasi_path_filestat_get(fd, 0, "../x", &stat));
    ERRNO(INVAL, __wasi_path_rename(ROOT, "e", fd, "e"));
    ERRNO(NOTEMPTY, __wasi_path_remove_directory(ROOT, "e"));
    report_memory();
}
