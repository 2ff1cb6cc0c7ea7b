// A preopen can be closed like any other descriptor, and is then BADF.
#include "guest.h"

int main(void) {
    __wasi_prestat_t prestat;
    OK(__wasi_fd_close(ROOT));
    ERRNO(BADF, __wasi_fd_prestat_get(ROOT, &prestat));
    ERRNO(BADF, __wasi_fd_close(ROOT));
    ERRNO(BADF, try_open(ROOT, "file", 0, CREAT, WRITE));
}
