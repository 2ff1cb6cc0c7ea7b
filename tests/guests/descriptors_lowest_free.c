// A new descriptor takes the lowest free number.
#include "guest.h"

int main(void) {
    __wasi_fd_t first = must_open(ROOT, "file", CREAT, READ);
    __wasi_fd_t second = must_open(ROOT, "file", 0, READ);
    __wasi_fd_t third = must_open(ROOT, "file", 0, READ);
    EQUAL(4, first);
    EQUAL(5, second);
    EQUAL(6, third);
    OK(__wasi_fd_close(third));
    OK(__wasi_fd_close(first));
    EQUAL(4, must_open(ROOT, "file", 0, READ));
    EQUAL(6, must_open(ROOT, "file", 0, READ));
}
