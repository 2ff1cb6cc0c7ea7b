// A chain of 79 links, links that double at each step, and links with the longest text lead nowhere.
#include "flood.h"

int main(void) {
    static char text[4097];
    char name[16], next[64];
    for (int i = 0; i < 79; i++) {
        snprintf(name, sizeof name, "chain%d", i);
        snprintf(next, sizeof next, "chain%d", i + 1);
        OK(__wasi_path_symlink(next, ROOT, name));
        snprintf(name, sizeof name, "twice%d", i);
        snprintf(next, sizeof next, "twice%d/../twice%d/..", i + 1, i + 1);
        OK(__wasi_path_symlink(next, ROOT, name));
    }
    make_file(ROOT, "chain79", "");
    OK(__wasi_path_create_directory(ROOT, "twice79"));
    for (int i = 0; i < 40; i++) {
        memset(text, '/', 4000);
        memcpy(text, "./", 2);
        sprintf(text + 4000, "long%d", i + 1);
        snprintf(name, sizeof name, "long%d", i);
        __wasi_errno_t error = __wasi_path_symlink(text, ROOT, name);
        CHECK(error == 0 || error == __WASI_ERRNO_NAMETOOLONG);
    }
    for (int i = 0; i < 1000; i++) {
        ERRNO(LOOP, try_open(ROOT, "chain0", FOLLOW, 0, READ));
        ERRNO(LOOP, try_open(ROOT, "twice0", FOLLOW, 0, READ));
        ERRNO(LOOP, try_open(ROOT, "twice0/x", FOLLOW, CREAT, WRITE));
        // Joined, the texts are longer than a path may be, but a host does not have to join them.
        __wasi_errno_t error = try_open(ROOT, "long0", FOLLOW, 0, READ);
        CHECK(error == __WASI_ERRNO_LOOP || error == __WASI_ERRNO_NAMETOOLONG || error == __WASI_ERRNO_NOENT);
    }
    report_memory();
}
