// A file shrinks, and grows with zeros; the offset stays. Read-only files and too large sizes are refused.
#include "guest.h"

int main(void) {
    char buffer[16];
    __wasi_filesize_t offset;
    __wasi_fd_t fd = must_open(ROOT, "file", CREAT, READ | WRITE);
    put(fd, "hello");
    OK(__wasi_fd_filestat_set_size(fd, 2));
    OK(__wasi_fd_tell(fd, &offset));
    EQUAL(5, offset);
    OK(__wasi_fd_filestat_set_size(fd, 4));
    OK(__wasi_fd_seek(fd, 0, __WASI_WHENCE_SET, &offset));
    take(fd, buffer, sizeof buffer);
    EQUAL(0, memcmp(buffer, "he\0\0", 5));
    EQUAL(4, stat_of(ROOT, "file").size);

    ERRNO(INVAL, __wasi_fd_filestat_set_size(must_open(ROOT, "file", 0, READ), 0));
    CHECK(__wasi_fd_filestat_set_size(fd, (uint64_t)INT64_MAX + 1) != 0);
    EQUAL(4, stat_of(ROOT, "file").size);
}
