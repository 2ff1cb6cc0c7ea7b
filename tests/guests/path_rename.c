// Replaces files by files and directories by directories, and refuses all mixtures and moves into itself.
#include "guest.h"

int main(void) {
    make_file(ROOT, "a", "first");
    make_file(ROOT, "b", "second");
    OK(__wasi_path_create_directory(ROOT, "d"));
    OK(__wasi_path_create_directory(ROOT, "e"));
    make_file(ROOT, "e/x", "");

    OK(__wasi_path_rename(ROOT, "a", ROOT, "b"));
    CHECK(holds(ROOT, "b", "first"));
    ERRNO(NOENT, try_open(ROOT, "a", 0, 0, READ));
    ERRNO(NOENT, __wasi_path_rename(ROOT, "a", ROOT, "c"));

    ERRNO(NOTEMPTY, __wasi_path_rename(ROOT, "d", ROOT, "e"));
    ERRNO(NOTDIR, __wasi_path_rename(ROOT, "d", ROOT, "b"));
    ERRNO(ISDIR, __wasi_path_rename(ROOT, "b", ROOT, "d"));
    ERRNO(INVAL, __wasi_path_rename(ROOT, "e", ROOT, "e/inside"));
    OK(__wasi_path_rename(ROOT, "e", ROOT, "d"));
    stat_of(ROOT, "d/x");
    OK(__wasi_path_rename(ROOT, "d/", ROOT, "moved/"));
    stat_of(ROOT, "moved/x");
    OK(__wasi_path_rename(ROOT, "b", ROOT, "b"));
    CHECK(holds(ROOT, "b", "first"));
}
