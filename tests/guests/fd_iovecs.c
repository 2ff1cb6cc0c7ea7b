// Several buffers are one transfer; no buffers transfer nothing; all are checked before a byte moves.
#include "guest.h"

int main(void) {
    char one[4] = "", two[4] = "";
    __wasi_size_t count;
    __wasi_filesize_t offset;
    __wasi_fd_t fd = must_open(ROOT, "file", CREAT, READ | WRITE);
    __wasi_ciovec_t out[] = {{(uint8_t *)"abc", 3}, {NULL, 0}, {(uint8_t *)"def", 3}};
    OK(__wasi_fd_write(fd, out, 3, &count));
    EQUAL(6, count);
    OK(__wasi_fd_write(fd, out, 0, &count));
    EQUAL(0, count);

    OK(__wasi_fd_seek(fd, 0, __WASI_WHENCE_SET, &offset));
    __wasi_iovec_t in[] = {{(uint8_t *)one, 2}, {NULL, 0}, {(uint8_t *)two, 3}};
    OK(__wasi_fd_read(fd, in, 3, &count));
    EQUAL(5, count);
    CHECK(strcmp(one, "ab") == 0 && strcmp(two, "cde") == 0);
    OK(__wasi_fd_read(fd, in, 3, &count));
    EQUAL(1, count);
    OK(__wasi_fd_read(fd, in, 3, &count));
    EQUAL(0, count);

    out[2].buf = (uint8_t *)0xffffff00;
    out[2].buf_len = 0x1000;
    ERRNO(FAULT, __wasi_fd_write(fd, out, 3, &count));
    EQUAL(6, stat_of(ROOT, "file").size);
}
