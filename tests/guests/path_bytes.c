// A path with a NUL is INVAL, one that is not UTF-8 ILSEQ, an empty one NOENT, a huge one NAMETOOLONG.
#include "guest.h"

// api.h measures paths with strlen, which would stop at the NUL.
__attribute__((import_module("wasi_snapshot_preview1"), import_name("path_create_directory"))) int create_directory(
    int fd, const char *path, size_t length);

int main(void) {
    static char huge[1 << 20];
    memset(huge, 'a', sizeof huge);
    ERRNO(INVAL, create_directory(ROOT, "a\0b", 3));
    ERRNO(INVAL, create_directory(ROOT, "a\0", 2));
    ERRNO(ILSEQ, create_directory(ROOT, "a\xff", 2));
    ERRNO(ILSEQ, create_directory(ROOT, "\xed\xa0\x80", 3)); // a lone surrogate
    ERRNO(NOENT, create_directory(ROOT, "", 0));
    ERRNO(NAMETOOLONG, create_directory(ROOT, huge, 256));
    ERRNO(NAMETOOLONG, create_directory(ROOT, huge, sizeof huge));
    OK(create_directory(ROOT, huge, 255));
    OK(create_directory(ROOT, "größe 你好 🐍", strlen("größe 你好 🐍")));
}
