// Files and directories have size, type, links and inode; a standard stream has no size and no times.
#include "guest.h"

int main(void) {
    __wasi_filestat_t stat;
    __wasi_fd_t fd = must_open(ROOT, "file", CREAT, READ | WRITE);
    put(fd, "hello");
    OK(__wasi_fd_filestat_get(fd, &stat));
    EQUAL(5, stat.size);
    EQUAL(1, stat.nlink);
    EQUAL(__WASI_FILETYPE_REGULAR_FILE, stat.filetype);
    CHECK(stat.ino != 0 && stat.mtim != 0);
    EQUAL(stat.ino, stat_of(ROOT, "file").ino);

    OK(__wasi_fd_filestat_get(ROOT, &stat));
    EQUAL(__WASI_FILETYPE_DIRECTORY, stat.filetype);
    CHECK(stat.ino != 0 && stat.ino != stat_of(ROOT, "file").ino);

    for (int fd = 0; fd < 3; fd++) {
        OK(__wasi_fd_filestat_get(fd, &stat));
        EQUAL(0, stat.size);
        EQUAL(0, stat.mtim);
        EQUAL(0, stat.atim);
    }
}
