// Removes a name at once; the file stays for those who have it open.
#include "guest.h"

int main(void) {
    char buffer[16];
    __wasi_filestat_t stat;
    make_file(ROOT, "file", "hello");
    __wasi_fd_t fd = must_open(ROOT, "file", 0, READ);
    OK(__wasi_path_unlink_file(ROOT, "file"));
    ERRNO(NOENT, __wasi_path_filestat_get(ROOT, 0, "file", &stat));
    CHECK(strcmp(take(fd, buffer, sizeof buffer), "hello") == 0);
    OK(__wasi_fd_filestat_get(fd, &stat));
    EQUAL(0, stat.nlink);

    OK(__wasi_path_create_directory(ROOT, "d"));
    EITHER(ISDIR, PERM, __wasi_path_unlink_file(ROOT, "d"));
    ERRNO(NOENT, __wasi_path_unlink_file(ROOT, "none"));
    OK(__wasi_path_symlink("d", ROOT, "link"));
    OK(__wasi_path_unlink_file(ROOT, "link"));
    stat_of(ROOT, "d");
}
