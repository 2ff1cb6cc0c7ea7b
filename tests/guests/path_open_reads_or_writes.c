// A file opened for reading only or writing only refuses the other.
#include "guest.h"

int main(void) {
    uint8_t byte = 'x';
    __wasi_size_t count;
    __wasi_iovec_t in = {&byte, 1};
    __wasi_ciovec_t out = {&byte, 1};
    make_file(ROOT, "file", "hello");
    EITHER(BADF, NOTCAPABLE, __wasi_fd_write(must_open(ROOT, "file", 0, READ), &out, 1, &count));
    EITHER(BADF, NOTCAPABLE, __wasi_fd_read(must_open(ROOT, "file", 0, WRITE), &in, 1, &count));
    CHECK(holds(ROOT, "file", "hello"));
}
