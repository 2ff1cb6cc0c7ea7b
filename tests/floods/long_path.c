// A path of 32 MiB is NAMETOOLONG in every call that takes one, thousands of times.
#include "flood.h"

// libc's bindings measure the string in each call, which would take most of the time: these take the length.
#define IMPORT(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))
#define LONG path, size
#define SHORT "a", 1

IMPORT(path_open)
int path_open(int, int, const char *, size_t, int, int64_t, int64_t, int, __wasi_fd_t *);
IMPORT(path_create_directory)
int path_create_directory(int, const char *, size_t);
IMPORT(path_filestat_get)
int path_filestat_get(int, int, const char *, size_t, __wasi_filestat_t *);
IMPORT(path_filestat_set_times)
int path_filestat_set_times(int, int, const char *, size_t, int64_t, int64_t, int);
IMPORT(path_link)
int path_link(int, int, const char *, size_t, int, const char *, size_t);
IMPORT(path_readlink)
int path_readlink(int, const char *, size_t, uint8_t *, size_t, __wasi_size_t *);
IMPORT(path_remove_directory)
int path_remove_directory(int, const char *, size_t);
IMPORT(path_rename)
int path_rename(int, const char *, size_t, int, const char *, size_t);
IMPORT(path_symlink)
int path_symlink(const char *, size_t, int, const char *, size_t);
IMPORT(path_unlink_file)
int path_unlink_file(int, const char *, size_t);

int main(void) {
    const size_t size = 32 << 20;
    char *path = malloc(size);
    memset(path, 'a', size);
    for (size_t at = 100; at < size; at += 101) path[at] = '/';
    __wasi_filestat_t stat;
    __wasi_size_t used;
    __wasi_fd_t fd;
    uint8_t byte;
    for (int i = 0; i < 5000; i++) {
        ERRNO(NAMETOOLONG, path_open(ROOT, 1, LONG, CREAT, READ, 0, 0, &fd));
        ERRNO(NAMETOOLONG, path_create_directory(ROOT, LONG));
        ERRNO(NAMETOOLONG, path_filestat_get(ROOT, 1, LONG, &stat));
        ERRNO(NAMETOOLONG, path_filestat_set_times(ROOT, 0, LONG, 0, 0, 0));
        ERRNO(NAMETOOLONG, path_link(ROOT, 0, LONG, ROOT, SHORT));
        ERRNO(NAMETOOLONG, path_link(ROOT, 0, SHORT, ROOT, LONG));
        ERRNO(NAMETOOLONG, path_readlink(ROOT, LONG, &byte, 1, &used));
        ERRNO(NAMETOOLONG, path_remove_directory(ROOT, LONG));
        ERRNO(NAMETOOLONG, path_rename(ROOT, LONG, ROOT, SHORT));
        ERRNO(NAMETOOLONG, path_rename(ROOT, SHORT, ROOT, LONG));
        ERRNO(NAMETOOLONG, path_symlink(LONG, ROOT, SHORT));
        ERRNO(NAMETOOLONG, path_symlink(SHORT, ROOT, LONG));
        ERRNO(NAMETOOLONG, path_unlink_file(ROOT, LONG));
    }
    report_memory();
}
