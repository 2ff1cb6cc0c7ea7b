// Creates one level at a time; an existing name, a missing parent and a file as parent are refused.
#include "guest.h"

int main(void) {
    OK(__wasi_path_create_directory(ROOT, "a"));
    OK(__wasi_path_create_directory(ROOT, "a/b/"));
    EQUAL(__WASI_FILETYPE_DIRECTORY, stat_of(ROOT, "a/b").filetype);
    ERRNO(EXIST, __wasi_path_create_directory(ROOT, "a"));
    ERRNO(EXIST, __wasi_path_create_directory(ROOT, "."));
    ERRNO(NOENT, __wasi_path_create_directory(ROOT, "none/b"));
    make_file(ROOT, "file", "");
    ERRNO(EXIST, __wasi_path_create_directory(ROOT, "file"));
    ERRNO(NOTDIR, __wasi_path_create_directory(ROOT, "file/b"));
}
