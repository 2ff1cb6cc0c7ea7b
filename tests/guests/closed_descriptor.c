// Every call on a descriptor that is not open is BADF, whatever its number.
#include "guest.h"

static void check(__wasi_fd_t fd) {
    uint8_t byte;
    __wasi_iovec_t in = {&byte, 1};
    __wasi_ciovec_t out = {&byte, 1};
    __wasi_size_t size;
    __wasi_fd_t accepted;
    __wasi_filesize_t offset;
    __wasi_fdstat_t fdstat;
    __wasi_filestat_t filestat;
    __wasi_prestat_t prestat;
    ERRNO(BADF, __wasi_fd_advise(fd, 0, 0, __WASI_ADVICE_NORMAL));
    ERRNO(BADF, __wasi_fd_allocate(fd, 0, 1));
    ERRNO(BADF, __wasi_fd_close(fd));
    ERRNO(BADF, __wasi_fd_datasync(fd));
    ERRNO(BADF, __wasi_fd_fdstat_get(fd, &fdstat));
    ERRNO(BADF, __wasi_fd_fdstat_set_flags(fd, 0));
    ERRNO(BADF, __wasi_fd_filestat_get(fd, &filestat));
    ERRNO(BADF, __wasi_fd_filestat_set_size(fd, 0));
    ERRNO(BADF, __wasi_fd_filestat_set_times(fd, 0, 0, 0));
    ERRNO(BADF, __wasi_fd_pread(fd, &in, 1, 0, &size));
    ERRNO(BADF, __wasi_fd_prestat_get(fd, &prestat));
    ERRNO(BADF, __wasi_fd_prestat_dir_name(fd, &byte, 1));
    ERRNO(BADF, __wasi_fd_pwrite(fd, &out, 1, 0, &size));
    ERRNO(BADF, __wasi_fd_read(fd, &in, 1, &size));
    ERRNO(BADF, __wasi_fd_readdir(fd, &byte, 1, 0, &size));
    ERRNO(BADF, __wasi_fd_seek(fd, 0, __WASI_WHENCE_SET, &offset));
    ERRNO(BADF, __wasi_fd_sync(fd));
    ERRNO(BADF, __wasi_fd_tell(fd, &offset));
    ERRNO(BADF, __wasi_fd_write(fd, &out, 1, &size));
    ERRNO(BADF, __wasi_path_create_directory(fd, "a"));
    ERRNO(BADF, __wasi_path_filestat_get(fd, 0, "a", &filestat));
    ERRNO(BADF, __wasi_path_filestat_set_times(fd, 0, "a", 0, 0, 0));
    ERRNO(BADF, __wasi_path_link(fd, 0, "a", fd, "b"));
    ERRNO(BADF, __wasi_path_readlink(fd, "a", &byte, 1, &size));
    ERRNO(BADF, __wasi_path_remove_directory(fd, "a"));
    ERRNO(BADF, __wasi_path_rename(fd, "a", fd, "b"));
    ERRNO(BADF, __wasi_path_symlink("a", fd, "b"));
    ERRNO(BADF, __wasi_path_unlink_file(fd, "a"));
    ERRNO(BADF, try_open(fd, "a", 0, CREAT, READ));
    ERRNO(BADF, __wasi_sock_accept(fd, 0, &accepted));
    ERRNO(BADF, __wasi_sock_shutdown(fd, __WASI_SDFLAGS_RD));
}

int main(void) {
    __wasi_fd_t fd = must_open(ROOT, "file", CREAT, READ | WRITE);
    OK(__wasi_fd_close(fd));
    check(fd);
    check(-100); // AT_FDCWD on the host
    check(-1);
    check(INT32_MAX);
}
