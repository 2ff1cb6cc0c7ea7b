// Between a writable and a read-only preopen nothing changes on the read-only side, by any call.
#include "guest.h"

#define REFUSED(call) \
    do { \
        int got_ = (call); \
        if (got_ != __WASI_ERRNO_PERM && got_ != __WASI_ERRNO_ROFS && got_ != __WASI_ERRNO_ACCES && \
            got_ != __WASI_ERRNO_XDEV) { \
            fprintf(stderr, "%s:%d: %s is %d\n", __FILE__, __LINE__, #call, got_); \
            exit(1); \
        } \
    } while (0)

int main(void) {
    make_file(ROOT, "mine", "mine");
    CHECK(holds(OTHER, "theirs", "theirs"));
    REFUSED(try_open(OTHER, "theirs", 0, 0, WRITE));
    REFUSED(try_open(OTHER, "theirs", 0, TRUNC, READ));
    REFUSED(try_open(OTHER, "theirs", 0, TRUNC, WRITE));
    REFUSED(try_open(OTHER, "new", 0, CREAT, WRITE));
    REFUSED(__wasi_path_create_directory(OTHER, "new"));
    REFUSED(__wasi_path_unlink_file(OTHER, "theirs"));
    REFUSED(__wasi_path_remove_directory(OTHER, "d"));
    REFUSED(__wasi_path_symlink("theirs", OTHER, "new"));
    REFUSED(__wasi_path_filestat_set_times(OTHER, 0, "theirs", 0, 0, __WASI_FSTFLAGS_MTIM));
    REFUSED(__wasi_path_rename(OTHER, "theirs", ROOT, "stolen"));
    REFUSED(__wasi_path_rename(ROOT, "mine", OTHER, "planted"));
    REFUSED(__wasi_path_link(OTHER, 0, "theirs", ROOT, "shared"));
    REFUSED(__wasi_path_link(ROOT, 0, "mine", OTHER, "shared"));
    REFUSED(__wasi_path_rename(OTHER, "theirs", OTHER, "renamed"));
    __wasi_fd_t inner = must_open(OTHER, "d", DIRECTORY, READ);
    REFUSED(try_open(inner, "new", 0, CREAT, WRITE));
    CHECK(holds(OTHER, "theirs", "theirs"));
    CHECK(holds(ROOT, "mine", "mine"));
}
