// Times are set by descriptor and by path, one, both or none; a time and "now" at once is INVAL.
#include "guest.h"

#define BOTH (__WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_MTIM)

int main(void) {
    __wasi_filestat_t stat;
    __wasi_fd_t fd = must_open(ROOT, "file", CREAT, READ | WRITE);
    OK(__wasi_fd_filestat_set_times(fd, 1000000000, 2000000000, BOTH));
    stat = stat_of(ROOT, "file");
    EQUAL(1000000000, stat.atim);
    EQUAL(2000000000, stat.mtim);

    OK(__wasi_path_filestat_set_times(ROOT, 0, "file", 5, 3000000000, __WASI_FSTFLAGS_MTIM));
    stat = stat_of(ROOT, "file");
    EQUAL(1000000000, stat.atim);
    EQUAL(3000000000, stat.mtim);

    OK(__wasi_path_filestat_set_times(ROOT, 0, "file", 5, 5, 0));
    EQUAL(3000000000, stat_of(ROOT, "file").mtim);
    OK(__wasi_path_filestat_set_times(ROOT, 0, "file", 5, 5, __WASI_FSTFLAGS_MTIM_NOW));
    CHECK(stat_of(ROOT, "file").mtim > 3000000000);

    __wasi_fstflags_t twice = __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_ATIM_NOW;
    ERRNO(INVAL, __wasi_fd_filestat_set_times(fd, 5, 5, twice));
    ERRNO(INVAL, __wasi_path_filestat_set_times(ROOT, 0, "file", 5, 5, twice));
    ERRNO(NOENT, __wasi_path_filestat_set_times(ROOT, 0, "none", 5, 5, BOTH));
    ERRNO(INVAL, __wasi_fd_filestat_set_times(fd, 5, 5, 1 << 4));
}
