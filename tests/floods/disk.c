// Fills the disk to its limit by writes, holes, appending and many files; then all of these fail.
#include "flood.h"

int main(void) {
    static uint8_t block[1 << 16];
    __wasi_ciovec_t out = {block, sizeof block};
    __wasi_size_t count;
    __wasi_errno_t error = 0;
    char name[16];
    for (int i = 0; error == 0; i++) {
        snprintf(name, sizeof name, "%d", i);
        __wasi_fd_t fd = must_open(ROOT, name, CREAT, READ | WRITE);
        switch (i % 3) {
        case 0:
            error = __wasi_fd_write(fd, &out, 1, &count);
            break;
        case 1:
            error = __wasi_fd_pwrite(fd, &out, 1, i * 1000, &count);
            break;
        case 2:
            error = __wasi_fd_filestat_set_size(fd, 100000);
            break;
        }
        OK(__wasi_fd_close(fd));
        CHECK(i < 1000);
    }
    ERRNO(NOSPC, error);
    __wasi_fd_t fd = must_open(ROOT, "0", 0, READ | WRITE);
    EITHER(NOSPC, FBIG, __wasi_fd_pwrite(fd, &out, 1, 1LL << 62, &count));
    EITHER(NOSPC, FBIG, __wasi_fd_filestat_set_size(fd, INT64_MAX));
    ERRNO(INVAL, __wasi_fd_filestat_set_size(fd, UINT64_MAX));
    ERRNO(INVAL, __wasi_fd_pwrite(fd, &out, 1, UINT64_MAX, &count));
    OK(__wasi_fd_fdstat_set_flags(fd, __WASI_FDFLAGS_APPEND));
    while ((error = __wasi_fd_write(fd, &out, 1, &count)) == 0) {}
    ERRNO(NOSPC, error);
    report_memory();
}
