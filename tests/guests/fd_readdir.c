// A listing has "." and ".." first, true inodes and types, and each name once, whatever the buffer's size.
#include "guest.h"

#define FILES 20

static char seen[FILES];
static uint8_t buffer[4096];

static void meet(const __wasi_dirent_t *entry, const char *name, int index) {
    if (index < 2) {
        EQUAL(index + 1, entry->d_namlen);
        CHECK(strncmp(name, "..", index + 1) == 0);
        EQUAL(__WASI_FILETYPE_DIRECTORY, entry->d_type);
        return;
    }
    char path[32] = "d/";
    memcpy(path + 2, name, entry->d_namlen);
    int number = atoi(path + 2);
    CHECK(number >= 0 && number < FILES && !seen[number]);
    seen[number] = 1;
    EQUAL(__WASI_FILETYPE_REGULAR_FILE, entry->d_type);
    EQUAL(stat_of(ROOT, path).ino, entry->d_ino);
}

/// Lists everything with buffers of this size, continuing after the last whole entry.
static void list(__wasi_fd_t fd, __wasi_size_t size) {
    __wasi_dircookie_t cookie = 0;
    __wasi_size_t used;
    int index = 0;
    memset(seen, 0, sizeof seen);
    do {
        OK(__wasi_fd_readdir(fd, buffer, size, cookie, &used));
        CHECK(used <= size);
        __wasi_size_t at = 0;
        __wasi_dirent_t entry;
        while (at + sizeof entry <= used) {
            memcpy(&entry, buffer + at, sizeof entry);
            if (at + sizeof entry + entry.d_namlen > used) break;
            meet(&entry, (char *)buffer + at + sizeof entry, index++);
            at += sizeof entry + entry.d_namlen;
            cookie = entry.d_next;
        }
        CHECK(at > 0 || used < size); // progress, or the end
    } while (used == size);
    EQUAL(2 + FILES, index);
}

int main(void) {
    OK(__wasi_path_create_directory(ROOT, "d"));
    for (int i = 0; i < FILES; i++) {
        char path[16];
        snprintf(path, sizeof path, "d/%03d", i);
        make_file(ROOT, path, "");
    }
    __wasi_fd_t fd = must_open(ROOT, "d", DIRECTORY, READ);
    __wasi_size_t used;
    OK(__wasi_fd_readdir(fd, buffer, 0, 0, &used));
    EQUAL(0, used);
    list(fd, sizeof buffer);
    list(fd, sizeof(__wasi_dirent_t) + 3); // exactly one entry
    list(fd, 100);                         // the last one cut

    // An invented cookie is safe.
    OK(__wasi_fd_readdir(fd, buffer, sizeof buffer, UINT64_MAX, &used));
    EQUAL(0, used);
    EITHER(BADF, NOTDIR, __wasi_fd_readdir(must_open(ROOT, "d/000", 0, READ), buffer, 100, 0, &used));
}
