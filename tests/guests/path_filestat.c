// The call decides whether a link is followed.
#include "guest.h"

int main(void) {
    __wasi_filestat_t stat;
    make_file(ROOT, "file", "hello");
    OK(__wasi_path_symlink("file", ROOT, "link"));
    OK(__wasi_path_filestat_get(ROOT, FOLLOW, "link", &stat));
    EQUAL(__WASI_FILETYPE_REGULAR_FILE, stat.filetype);
    EQUAL(5, stat.size);
    OK(__wasi_path_filestat_get(ROOT, 0, "link", &stat));
    EQUAL(__WASI_FILETYPE_SYMBOLIC_LINK, stat.filetype);
    EQUAL(4, stat.size);

    OK(__wasi_path_symlink("none", ROOT, "dangling"));
    OK(__wasi_path_filestat_get(ROOT, 0, "dangling", &stat));
    ERRNO(NOENT, __wasi_path_filestat_get(ROOT, FOLLOW, "dangling", &stat));
    ERRNO(NOTDIR, __wasi_path_filestat_get(ROOT, 0, "file/x", &stat));
    ERRNO(INVAL, __wasi_path_filestat_get(ROOT, 1 << 3, "file", &stat));
}
