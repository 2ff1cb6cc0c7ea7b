// Files that the host dated long before 1970 and long after 2554: times are clamped and never trap.
#include "flood.h"

int main(void) {
    EQUAL(0, stat_of(ROOT, "early").mtim);
    CHECK(stat_of(ROOT, "late").mtim > 1LL << 60);
    __wasi_fd_t fd = must_open(ROOT, "early", 0, READ | WRITE);
    __wasi_filestat_t stat;
    OK(__wasi_fd_filestat_get(fd, &stat));
    EITHER(SUCCESS, INVAL, __wasi_fd_filestat_set_times(fd, UINT64_MAX, UINT64_MAX, 1 | 4));
    EITHER(SUCCESS, INVAL, __wasi_path_filestat_set_times(ROOT, 0, "late", 0, UINT64_MAX, 1 | 4));
    report_memory();
}
