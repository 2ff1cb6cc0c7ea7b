// Calls for files refuse a directory.
#include "guest.h"

int main(void) {
    uint8_t byte;
    __wasi_iovec_t in = {&byte, 1};
    __wasi_ciovec_t out = {&byte, 1};
    __wasi_size_t size;
    __wasi_filesize_t offset;
    EITHER(ISDIR, BADF, __wasi_fd_read(ROOT, &in, 1, &size));
    EITHER(ISDIR, BADF, __wasi_fd_pread(ROOT, &in, 1, 0, &size));
    EITHER(ISDIR, BADF, __wasi_fd_write(ROOT, &out, 1, &size));
    EITHER(ISDIR, BADF, __wasi_fd_pwrite(ROOT, &out, 1, 0, &size));
    ERRNO(BADF, __wasi_fd_advise(ROOT, 0, 0, __WASI_ADVICE_NORMAL));
    ERRNO(BADF, __wasi_fd_allocate(ROOT, 0, 1));
    ERRNO(BADF, __wasi_fd_sync(ROOT));
    ERRNO(BADF, __wasi_fd_datasync(ROOT));
    ERRNO(BADF, __wasi_fd_fdstat_set_flags(ROOT, __WASI_FDFLAGS_NONBLOCK));
    ERRNO(BADF, __wasi_fd_filestat_set_size(ROOT, 0));
    ERRNO(BADF, __wasi_fd_seek(ROOT, 0, __WASI_WHENCE_SET, &offset));
    ERRNO(BADF, __wasi_fd_tell(ROOT, &offset));
}
