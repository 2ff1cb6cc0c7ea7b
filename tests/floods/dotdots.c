// `a/../` 400,000 times is NAMETOOLONG; at the longest possible length it resolves, again and again.
#include "flood.h"

int main(void) {
    const int times = 400000, fits = 4096 / 5;
    char *path = malloc(times * 5 + 2);
    for (int i = 0; i < times; i++) memcpy(path + i * 5, "a/../", 5);
    strcpy(path + times * 5, "b");
    OK(__wasi_path_create_directory(ROOT, "a"));
    make_file(ROOT, "b", "text");
    ERRNO(NAMETOOLONG, try_open(ROOT, path, FOLLOW, 0, READ));
    strcpy(path + fits * 5, "b");
    for (int i = 0; i < 1000; i++) OK(try_open(ROOT, path, FOLLOW, 0, READ));
    // One step too many at the end of the longest path.
    strcpy(path + (fits - 2) * 5, "../b");
    for (int i = 0; i < 1000; i++) ERRNO(PERM, try_open(ROOT, path, FOLLOW, 0, READ));
    report_memory();
}
