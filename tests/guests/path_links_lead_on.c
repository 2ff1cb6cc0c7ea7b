// Links lead to files, directories and other links; a loop is LOOP and a dangling link NOENT.
#include "guest.h"

int main(void) {
    char name[16], next[16];
    OK(__wasi_path_create_directory(ROOT, "d"));
    make_file(ROOT, "d/file", "hello");
    OK(__wasi_path_symlink("d", ROOT, "to-d"));
    OK(__wasi_path_symlink("to-d/file", ROOT, "to-file"));
    CHECK(holds(ROOT, "to-d/file", "hello"));
    CHECK(holds(ROOT, "to-file", "hello"));
    OK(__wasi_path_symlink("../to-file", ROOT, "d/up"));
    CHECK(holds(ROOT, "d/up", "hello"));
    ERRNO(LOOP, try_open(ROOT, "to-file", 0, 0, READ));

    OK(__wasi_path_symlink("self", ROOT, "self"));
    ERRNO(LOOP, try_open(ROOT, "self", FOLLOW, 0, READ));
    OK(__wasi_path_symlink("none", ROOT, "dangling"));
    ERRNO(NOENT, try_open(ROOT, "dangling", FOLLOW, 0, READ));

    for (int i = 0; i < 79; i++) {
        snprintf(name, sizeof name, "chain%d", i);
        snprintf(next, sizeof next, i == 78 ? "d/file" : "chain%d", i + 1);
        OK(__wasi_path_symlink(next, ROOT, name));
    }
    ERRNO(LOOP, try_open(ROOT, "chain0", FOLLOW, 0, READ));
    CHECK(holds(ROOT, "chain60", "hello"));
}
