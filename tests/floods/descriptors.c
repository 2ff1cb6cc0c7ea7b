// 200,000 opens without closing stop at the limit; as many with closing succeed; duplicates do not help.
#include "flood.h"

int main(void) {
    __wasi_fd_t fd, last = 0;
    int opened = 0;
    for (int i = 0; i < 200000; i++) {
        __wasi_errno_t error = __wasi_path_open(ROOT, 0, i % 2 ? "." : "file", i % 2 ? 0 : CREAT, READ, 0, 0, &fd);
        if (error == 0) {
            opened++;
            last = fd;
        } else {
            ERRNO(MFILE, error);
        }
    }
    EQUAL(252, opened);
    ERRNO(BADF, __wasi_fd_renumber(last, 256));
    ERRNO(BADF, __wasi_fd_renumber(last, UINT32_MAX));
    for (fd = 5; fd < 256; fd++) OK(__wasi_fd_renumber(fd, 4));
    for (int i = 0; i < 200000; i++) {
        OK(__wasi_path_open(ROOT, 0, "file", 0, READ, 0, 0, &fd));
        EQUAL(5, fd);
        OK(__wasi_fd_close(fd));
    }
    report_memory();
}
