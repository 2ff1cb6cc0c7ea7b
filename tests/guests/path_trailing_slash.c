// A trailing slash demands a directory, and does not make a refused link be followed.
#include "guest.h"

int main(void) {
    make_file(ROOT, "file", "");
    OK(__wasi_path_create_directory(ROOT, "d"));
    OK(__wasi_path_symlink("file", ROOT, "link"));
    EITHER(NOTDIR, NOENT, try_open(ROOT, "file/", 0, 0, READ));
    EITHER(NOTDIR, NOENT, try_open(ROOT, "link/", FOLLOW, 0, READ));
    OK(try_open(ROOT, "d/", 0, 0, READ));
    ERRNO(NOTDIR, __wasi_path_unlink_file(ROOT, "file/"));
    stat_of(ROOT, "file");
    CHECK(try_open(ROOT, "new/", 0, CREAT, WRITE) != 0);
    __wasi_filestat_t stat;
    ERRNO(NOENT, __wasi_path_filestat_get(ROOT, 0, "new", &stat));
}
