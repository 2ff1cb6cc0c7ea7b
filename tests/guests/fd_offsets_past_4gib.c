// Offsets have more than 32 bits: a sparse file of 5 GiB is written, read, sought in and measured.
#include "guest.h"

int main(void) {
    const __wasi_filesize_t far = 5LL << 30;
    char byte = 0;
    __wasi_size_t count;
    __wasi_filesize_t offset;
    __wasi_fd_t fd = must_open(ROOT, "file", CREAT, READ | WRITE);
    __wasi_ciovec_t out = {(uint8_t *)"x", 1};
    __wasi_iovec_t in = {(uint8_t *)&byte, 1};
    OK(__wasi_fd_pwrite(fd, &out, 1, far, &count));
    EQUAL(far + 1, stat_of(ROOT, "file").size);
    OK(__wasi_fd_pread(fd, &in, 1, far, &count));
    EQUAL('x', byte);
    OK(__wasi_fd_seek(fd, -1, __WASI_WHENCE_END, &offset));
    EQUAL(far, offset);
    OK(__wasi_fd_read(fd, &in, 1, &count));
    EQUAL(1, count);
    OK(__wasi_fd_tell(fd, &offset));
    EQUAL(far + 1, offset);
}
