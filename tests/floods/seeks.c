// Offsets at the limits of 64 bits are errors: none wraps, and no byte is written.
#include "flood.h"

int main(void) {
    uint8_t byte = 1;
    __wasi_ciovec_t out = {&byte, 1};
    __wasi_iovec_t in = {&byte, 1};
    __wasi_size_t count;
    __wasi_filesize_t at;
    __wasi_fd_t fd = must_open(ROOT, "file", CREAT, READ | WRITE);
    OK(__wasi_fd_seek(fd, INT64_MAX, __WASI_WHENCE_SET, &at));
    EITHER(INVAL, OVERFLOW, __wasi_fd_seek(fd, 1, __WASI_WHENCE_CUR, &at));
    EITHER(INVAL, OVERFLOW, __wasi_fd_seek(fd, INT64_MAX, __WASI_WHENCE_CUR, &at));
    ERRNO(INVAL, __wasi_fd_seek(fd, INT64_MIN, __WASI_WHENCE_SET, &at));
    ERRNO(INVAL, __wasi_fd_seek(fd, INT64_MIN, __WASI_WHENCE_END, &at));
    EITHER(FBIG, INVAL, __wasi_fd_write(fd, &out, 1, &count));
    OK(__wasi_fd_read(fd, &in, 1, &count));
    EQUAL(0, count);
    for (int shift = 32; shift < 64; shift++) {
        __wasi_errno_t error = __wasi_fd_pwrite(fd, &out, 1, 1ULL << shift, &count);
        CHECK(error == __WASI_ERRNO_NOSPC || error == __WASI_ERRNO_FBIG || error == __WASI_ERRNO_INVAL);
    }
    EQUAL(0, stat_of(ROOT, "file").size);
    report_memory();
}
