// Allocation is not supported, and the size stays as it was.
#include "guest.h"

int main(void) {
    __wasi_fd_t fd = must_open(ROOT, "file", CREAT, READ | WRITE);
    put(fd, "12345");
    ERRNO(NOTSUP, __wasi_fd_allocate(fd, 0, 100));
    EQUAL(5, stat_of(ROOT, "file").size);
}
