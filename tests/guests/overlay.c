// Over an overlay all writes succeed, and the guest sees them.
#include "guest.h"

int main(void) {
    CHECK(holds(ROOT, "theirs", "theirs"));
    __wasi_fd_t fd = must_open(ROOT, "theirs", TRUNC, WRITE);
    put(fd, "changed");
    CHECK(holds(ROOT, "theirs", "changed"));
    make_file(ROOT, "new", "new");
    OK(__wasi_path_unlink_file(ROOT, "gone"));
    ERRNO(NOENT, try_open(ROOT, "gone", 0, 0, READ));
    OK(__wasi_path_rename(ROOT, "new", ROOT, "gone"));
    CHECK(holds(ROOT, "gone", "new"));
}
