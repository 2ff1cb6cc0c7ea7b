// Lists 100,000 names in one pass, with libc's buffer and with others, and removes them while listing.
#include "flood.h"
#include <dirent.h>
#include <unistd.h>

#define FILES 100000

static unsigned char seen[FILES];
static int calls;

/// Calls back for each name of a pass, continuing after the last whole entry, as libc does.
static int list(__wasi_fd_t fd, uint8_t *buffer, __wasi_size_t size, int remove) {
    __wasi_dircookie_t cookie = 0;
    __wasi_size_t used;
    int count = 0;
    memset(seen, 0, sizeof seen);
    do {
        calls++;
        OK(__wasi_fd_readdir(fd, buffer, size, cookie, &used));
        __wasi_dirent_t entry;
        for (__wasi_size_t at = 0; at + sizeof entry <= used;) {
            memcpy(&entry, buffer + at, sizeof entry);
            if (at + sizeof entry + entry.d_namlen > used) break;
            char name[16] = {0};
            CHECK(entry.d_namlen < sizeof name);
            memcpy(name, buffer + at + sizeof entry, entry.d_namlen);
            if (name[0] != '.') {
                int number = atoi(name);
                CHECK(!seen[number]);
                seen[number] = 1;
                count++;
                if (remove) OK(__wasi_path_unlink_file(ROOT, name));
            }
            at += sizeof entry + entry.d_namlen;
            cookie = entry.d_next;
        }
    } while (used == size);
    return count;
}

int main(int argc, char **argv) {
    static uint8_t small[4096];
    const size_t large_size = 8 << 20;
    uint8_t *large = malloc(large_size);
    __wasi_fd_t fd = must_open(ROOT, ".", DIRECTORY, READ);
    EQUAL(FILES, list(fd, small, sizeof small, 0));
    CHECK(calls < FILES / 50);
    EQUAL(FILES, list(fd, small, 60, 0));
    EQUAL(FILES, list(fd, large, large_size, 0));

    DIR *dir = opendir(".");
    int count = 0;
    while (readdir(dir) != NULL) count++;
    EQUAL(2 + FILES, count);

    // Cookies from far ahead and far back, in turn.
    __wasi_size_t used;
    for (int i = 0; i < 10; i++) {
        OK(__wasi_fd_readdir(fd, small, sizeof small, UINT64_MAX, &used));
        EQUAL(0, used);
        OK(__wasi_fd_readdir(fd, small, sizeof small, 2, &used));
        EQUAL(sizeof small, used);
    }
    if (argc > 1 && strcmp(argv[1], "remove") == 0) {
        EQUAL(FILES, list(fd, small, sizeof small, 1));
        EQUAL(0, list(fd, small, sizeof small, 0));
    }
    report_memory();
}
