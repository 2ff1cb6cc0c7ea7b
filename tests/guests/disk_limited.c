// A write past the disk limit is NOSPC; removing a file makes room again.
#include "guest.h"

int main(void) {
    static uint8_t block[65536];
    __wasi_ciovec_t out = {block, sizeof block};
    __wasi_size_t count;
    __wasi_errno_t error;
    uint64_t written = 0;
    __wasi_fd_t fd = must_open(ROOT, "file", CREAT, WRITE);
    while ((error = __wasi_fd_write(fd, &out, 1, &count)) == 0) {
        written += count;
        CHECK(written <= 1 << 20);
    }
    ERRNO(NOSPC, error);
    EQUAL(1 << 20, written);
    ERRNO(NOSPC, __wasi_fd_filestat_set_size(fd, 1LL << 40));
    OK(__wasi_fd_close(fd));
    OK(__wasi_path_unlink_file(ROOT, "file"));
    make_file(ROOT, "small", "fits");
}
