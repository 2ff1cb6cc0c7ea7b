// Opening more descriptors than allowed is MFILE and creates no file; closing one makes room.
#include "guest.h"

int main(int argc, char **argv) {
    EQUAL(2, argc);
    int limit = atoi(argv[1]), open = 4; // stdio and the preopen
    __wasi_errno_t error;
    __wasi_fd_t fd;
    while ((error = __wasi_path_open(ROOT, 0, "file", CREAT, READ, 0, 0, &fd)) == 0) open++;
    ERRNO(MFILE, error);
    EQUAL(limit, open);
    ERRNO(MFILE, try_open(ROOT, "another", 0, CREAT, WRITE));
    OK(__wasi_fd_close(4));
    EQUAL(4, must_open(ROOT, "file", 0, READ));
    __wasi_filestat_t stat;
    ERRNO(NOENT, __wasi_path_filestat_get(ROOT, 0, "another", &stat));
}
