// pread and pwrite use their own offset and leave that of the descriptor unchanged.
#include "guest.h"

int main(void) {
    char buffer[8] = "";
    __wasi_size_t count;
    __wasi_filesize_t offset;
    __wasi_fd_t fd = must_open(ROOT, "file", CREAT, READ | WRITE);
    put(fd, "0123456789");
    __wasi_ciovec_t out[] = {{(uint8_t *)"A", 1}, {(uint8_t *)"B", 1}};
    OK(__wasi_fd_pwrite(fd, out, 2, 3, &count));
    EQUAL(2, count);
    __wasi_iovec_t in = {(uint8_t *)buffer, 4};
    OK(__wasi_fd_pread(fd, &in, 1, 2, &count));
    EQUAL(4, count);
    CHECK(strcmp(buffer, "2AB5") == 0);
    OK(__wasi_fd_pread(fd, &in, 1, 8, &count));
    EQUAL(2, count);
    OK(__wasi_fd_pread(fd, &in, 1, 100, &count));
    EQUAL(0, count);
    OK(__wasi_fd_tell(fd, &offset));
    EQUAL(10, offset);
    EITHER(BADF, NOTCAPABLE, __wasi_fd_pwrite(must_open(ROOT, "file", 0, READ), out, 2, 0, &count));
    EITHER(BADF, NOTCAPABLE, __wasi_fd_pread(must_open(ROOT, "file", 0, WRITE), &in, 1, 0, &count));
}
