// A descriptor moves to another number, whose file is closed; both must be open; a move to itself does nothing.
#include "guest.h"

int main(void) {
    char buffer[16];
    make_file(ROOT, "a", "first");
    make_file(ROOT, "b", "second");
    __wasi_fd_t a = must_open(ROOT, "a", 0, READ), b = must_open(ROOT, "b", 0, READ);
    OK(__wasi_fd_renumber(a, b));
    CHECK(strcmp(take(b, buffer, sizeof buffer), "first") == 0);
    ERRNO(BADF, __wasi_fd_close(a));
    OK(__wasi_fd_renumber(b, b));
    ERRNO(BADF, __wasi_fd_renumber(a, b));
    ERRNO(BADF, __wasi_fd_renumber(b, a));
    ERRNO(BADF, __wasi_fd_renumber(b, UINT32_MAX));
    OK(__wasi_fd_renumber(b, ROOT));
    ERRNO(BADF, __wasi_fd_close(b));
    OK(__wasi_fd_close(ROOT));
}
