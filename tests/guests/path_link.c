// A hard link is a second name of a file; following links, existing targets and directories are refused.
#include "guest.h"

int main(void) {
    make_file(ROOT, "file", "hello");
    OK(__wasi_path_create_directory(ROOT, "d"));
    OK(__wasi_path_link(ROOT, 0, "file", ROOT, "d/second"));
    EQUAL(stat_of(ROOT, "file").ino, stat_of(ROOT, "d/second").ino);
    EQUAL(2, stat_of(ROOT, "file").nlink);
    OK(__wasi_path_unlink_file(ROOT, "file"));
    CHECK(holds(ROOT, "d/second", "hello"));

    ERRNO(INVAL, __wasi_path_link(ROOT, FOLLOW, "d/second", ROOT, "third"));
    ERRNO(EXIST, __wasi_path_link(ROOT, 0, "d/second", ROOT, "d"));
    ERRNO(NOENT, __wasi_path_link(ROOT, 0, "none", ROOT, "third"));
    EITHER(PERM, ACCES, __wasi_path_link(ROOT, 0, "d", ROOT, "directory"));
}
