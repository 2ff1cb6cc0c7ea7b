// With APPEND every write goes to the end, whatever the offset; the flag can be set and cleared later.
#include "guest.h"

int main(void) {
    __wasi_fd_t fd;
    __wasi_filesize_t offset;
    __wasi_fdstat_t stat;
    OK(__wasi_path_open(ROOT, 0, "file", CREAT, READ | WRITE, 0, __WASI_FDFLAGS_APPEND, &fd));
    OK(__wasi_fd_fdstat_get(fd, &stat));
    EQUAL(__WASI_FDFLAGS_APPEND, stat.fs_flags & __WASI_FDFLAGS_APPEND);
    put(fd, "one ");
    OK(__wasi_fd_seek(fd, 0, __WASI_WHENCE_SET, &offset));
    put(fd, "two ");
    CHECK(holds(ROOT, "file", "one two "));

    OK(__wasi_fd_fdstat_set_flags(fd, 0));
    OK(__wasi_fd_seek(fd, 0, __WASI_WHENCE_SET, &offset));
    put(fd, "ONE ");
    CHECK(holds(ROOT, "file", "ONE two "));

    OK(__wasi_fd_fdstat_set_flags(fd, __WASI_FDFLAGS_APPEND));
    put(fd, "three");
    CHECK(holds(ROOT, "file", "ONE two three"));
}
