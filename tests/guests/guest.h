// Shared by the C guests: checks that end the guest and print where they failed, and calls that must succeed.
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

/// The first preopen.
#define ROOT 3
/// The second preopen, for guests that get two.
#define OTHER 4

#define READ __WASI_RIGHTS_FD_READ
#define WRITE __WASI_RIGHTS_FD_WRITE
#define CREAT __WASI_OFLAGS_CREAT
#define EXCL __WASI_OFLAGS_EXCL
#define TRUNC __WASI_OFLAGS_TRUNC
#define DIRECTORY __WASI_OFLAGS_DIRECTORY
#define FOLLOW __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
            exit(1); \
        } \
    } while (0)

#define EQUAL(expected, value) \
    do { \
        long long wanted_ = (expected), got_ = (value); \
        if (wanted_ != got_) { \
            fprintf(stderr, "%s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, #value, got_, wanted_); \
            exit(1); \
        } \
    } while (0)

/// Checks that the call returns this errno, named without its prefix.
#define ERRNO(name, call) EQUAL(__WASI_ERRNO_##name, call)
#define OK(call) ERRNO(SUCCESS, call)

/// Checks that the call returns one of two errnos, where the reference suites accept both.
#define EITHER(one, other, call) \
    do { \
        int got_ = (call); \
        if (got_ != __WASI_ERRNO_##one && got_ != __WASI_ERRNO_##other) { \
            fprintf(stderr, "%s:%d: %s is %d, neither " #one " nor " #other "\n", __FILE__, __LINE__, #call, got_); \
            exit(1); \
        } \
    } while (0)

/// Tries to open a path, and closes the descriptor if there is one.
static inline __wasi_errno_t try_open(
    __wasi_fd_t dir, const char *path, __wasi_lookupflags_t follow, __wasi_oflags_t oflags, __wasi_rights_t rights) {
    __wasi_fd_t fd;
    __wasi_errno_t error = __wasi_path_open(dir, follow, path, oflags, rights, 0, 0, &fd);
    if (error == 0) OK(__wasi_fd_close(fd));
    return error;
}

/// Opens a path, which must succeed.
static inline __wasi_fd_t must_open(
    __wasi_fd_t dir, const char *path, __wasi_oflags_t oflags, __wasi_rights_t rights) {
    __wasi_fd_t fd;
    __wasi_errno_t error = __wasi_path_open(dir, FOLLOW, path, oflags, rights, 0, 0, &fd);
    if (error != 0) {
        fprintf(stderr, "cannot open %s: errno %d\n", path, error);
        exit(1);
    }
    return fd;
}

/// Writes a text at the descriptor's offset.
static inline void put(__wasi_fd_t fd, const char *text) {
    __wasi_ciovec_t iov = {(const uint8_t *)text, strlen(text)};
    __wasi_size_t count;
    OK(__wasi_fd_write(fd, &iov, 1, &count));
    EQUAL(iov.buf_len, count);
}

/// Creates a file with this text.
static inline void make_file(__wasi_fd_t dir, const char *path, const char *text) {
    __wasi_fd_t fd = must_open(dir, path, CREAT | EXCL, WRITE);
    put(fd, text);
    OK(__wasi_fd_close(fd));
}

/// Reads up to `size - 1` bytes from the descriptor's offset, as a string.
static inline char *take(__wasi_fd_t fd, char *buffer, size_t size) {
    __wasi_iovec_t iov = {(uint8_t *)buffer, size - 1};
    __wasi_size_t count;
    OK(__wasi_fd_read(fd, &iov, 1, &count));
    buffer[count] = 0;
    return buffer;
}

/// Checks whether the file holds exactly this text (of less than 256 bytes).
static inline int holds(__wasi_fd_t dir, const char *path, const char *text) {
    char buffer[256];
    __wasi_fd_t fd = must_open(dir, path, 0, READ);
    int same = strcmp(take(fd, buffer, sizeof buffer), text) == 0;
    OK(__wasi_fd_close(fd));
    return same;
}

/// Returns the attributes of an existing path, without following a link.
static inline __wasi_filestat_t stat_of(__wasi_fd_t dir, const char *path) {
    __wasi_filestat_t stat;
    OK(__wasi_path_filestat_get(dir, 0, path, &stat));
    return stat;
}
