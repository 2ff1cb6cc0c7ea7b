// Only an empty directory can be removed.
#include "guest.h"

int main(void) {
    OK(__wasi_path_create_directory(ROOT, "d"));
    make_file(ROOT, "d/file", "");
    ERRNO(NOTEMPTY, __wasi_path_remove_directory(ROOT, "d"));
    ERRNO(NOTDIR, __wasi_path_remove_directory(ROOT, "d/file"));
    OK(__wasi_path_unlink_file(ROOT, "d/file"));
    OK(__wasi_path_remove_directory(ROOT, "d/"));
    ERRNO(NOENT, __wasi_path_remove_directory(ROOT, "d"));
}
