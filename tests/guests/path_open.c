// The flags of path_open: create, create exclusively, truncate, and directories only.
#include "guest.h"

int main(void) {
    ERRNO(NOENT, try_open(ROOT, "file", 0, 0, READ));
    OK(try_open(ROOT, "file", 0, CREAT | EXCL, WRITE));
    ERRNO(EXIST, try_open(ROOT, "file", 0, CREAT | EXCL, WRITE));
    OK(try_open(ROOT, "file", 0, CREAT, WRITE));
    put(must_open(ROOT, "file", 0, WRITE), "hello");
    CHECK(holds(ROOT, "file", "hello"));
    OK(try_open(ROOT, "file", 0, TRUNC, WRITE));
    CHECK(holds(ROOT, "file", ""));

    OK(__wasi_path_create_directory(ROOT, "d"));
    OK(try_open(ROOT, "d", 0, DIRECTORY, READ));
    OK(try_open(ROOT, ".", 0, 0, 0));
    ERRNO(NOTDIR, try_open(ROOT, "file", 0, DIRECTORY, READ));
    ERRNO(ISDIR, try_open(ROOT, "d", 0, 0, READ | WRITE));
    ERRNO(ISDIR, try_open(ROOT, ".", 0, DIRECTORY, READ | WRITE));
    ERRNO(INVAL, try_open(ROOT, "new", 0, 1 << 7, READ));

    __wasi_fd_t file = must_open(ROOT, "file", 0, READ);
    ERRNO(NOTDIR, try_open(file, "x", 0, CREAT, WRITE));

    // An opened directory is a root of its own: no path leads up from it.
    __wasi_fd_t inner = must_open(ROOT, "d", DIRECTORY, READ);
    OK(try_open(inner, "x", 0, CREAT, WRITE));
    stat_of(ROOT, "d/x");
    EITHER(PERM, NOTCAPABLE, try_open(inner, "../file", 0, 0, READ));
}
