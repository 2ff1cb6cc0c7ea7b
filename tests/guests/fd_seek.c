// Seeks from start, offset and end, also past the end; before the start or past 2^63 is an error and moves nothing.
#include "guest.h"

int main(void) {
    __wasi_filesize_t offset;
    __wasi_fd_t fd = must_open(ROOT, "file", CREAT, READ | WRITE);
    put(fd, "0123456789");
    OK(__wasi_fd_seek(fd, 4, __WASI_WHENCE_SET, &offset));
    EQUAL(4, offset);
    OK(__wasi_fd_seek(fd, -1, __WASI_WHENCE_CUR, &offset));
    EQUAL(3, offset);
    OK(__wasi_fd_seek(fd, -2, __WASI_WHENCE_END, &offset));
    EQUAL(8, offset);
    OK(__wasi_fd_seek(fd, 100, __WASI_WHENCE_END, &offset));
    EQUAL(110, offset);
    EQUAL(10, stat_of(ROOT, "file").size);

    ERRNO(INVAL, __wasi_fd_seek(fd, -1, __WASI_WHENCE_SET, &offset));
    ERRNO(INVAL, __wasi_fd_seek(fd, -111, __WASI_WHENCE_CUR, &offset));
    ERRNO(INVAL, __wasi_fd_seek(fd, 0, 3, &offset));
    CHECK(__wasi_fd_seek(fd, INT64_MAX, __WASI_WHENCE_CUR, &offset) != 0);
    OK(__wasi_fd_tell(fd, &offset));
    EQUAL(110, offset);

    ERRNO(SPIPE, __wasi_fd_seek(0, 0, __WASI_WHENCE_CUR, &offset));
}
