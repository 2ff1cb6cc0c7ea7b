// Past the limit on names a new name is NOSPC, for files, directories, symbolic and hard links.
#include "guest.h"

int main(void) {
    for (int i = 0; i < 10; i++) {
        char name[8];
        snprintf(name, sizeof name, "%d", i);
        make_file(ROOT, name, "");
    }
    ERRNO(NOSPC, try_open(ROOT, "new", 0, CREAT, WRITE));
    ERRNO(NOSPC, __wasi_path_create_directory(ROOT, "new"));
    ERRNO(NOSPC, __wasi_path_symlink("0", ROOT, "new"));
    ERRNO(NOSPC, __wasi_path_link(ROOT, 0, "0", ROOT, "new"));
    OK(__wasi_path_unlink_file(ROOT, "0"));
    make_file(ROOT, "new", "");
}
