// Files, directories and standard streams have the types and rights that libc expects.
#include "guest.h"
#include <unistd.h>

int main(void) {
    __wasi_fdstat_t stat;
    OK(__wasi_fd_fdstat_get(must_open(ROOT, "file", CREAT, READ | WRITE), &stat));
    EQUAL(__WASI_FILETYPE_REGULAR_FILE, stat.fs_filetype);
    CHECK(stat.fs_rights_base & READ && stat.fs_rights_base & WRITE);

    OK(__wasi_fd_fdstat_get(must_open(ROOT, "file", 0, READ), &stat));
    CHECK(stat.fs_rights_base & READ && !(stat.fs_rights_base & WRITE));

    OK(__wasi_fd_fdstat_get(ROOT, &stat));
    EQUAL(__WASI_FILETYPE_DIRECTORY, stat.fs_filetype);
    CHECK(!(stat.fs_rights_base & __WASI_RIGHTS_FD_FILESTAT_SET_SIZE));

    // The test connects pipes, and a pipe is not a terminal.
    EQUAL(0, isatty(0));
    EQUAL(0, isatty(1));
    EITHER(NOTSUP, SUCCESS, __wasi_fd_fdstat_set_rights(ROOT, 0, 0));
}
