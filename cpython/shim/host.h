// The one import beside WASI, by which the guest asks its host.

#ifndef PYTHON_WASM_HOST_H
#define PYTHON_WASM_HOST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Asks the host for something. The answer's whole length comes back and as
// many bytes as fit are stored; a negative number is one of the refusals.
__attribute__((import_module("python_wasm"), import_name("host_call")))
extern int32_t host_call(int32_t op, const void *input, int32_t input_size,
                         void *output, int32_t output_capacity);

// Numbers shared with the host (crates/contract/src/host_call.rs; a test compares the two).
enum {
    HOST_AGAIN = 0,      // the last answer once more, for a larger buffer
    HOST_CWD = 1,        // -> the folder to start in
    HOST_READLINE = 2,   // a kind byte and the prompt -> a line with its newline
    HOST_GRANT = 3,      // a GRANT_ byte and an absolute path -> advice when it is not granted
    HOST_ENDED = 4,      // a byte for the limit that an uncaught exception met
    HOST_DUP = 5,        // one descriptor, or two -> the new one, or minus errno
    HOST_PAGE = 6,       // a text to read at the terminal, a screen at a time
    HOST_FUNCTION = 7,   // a message about functions of the host -> the answer
    HOST_MODE = 8,       // a descriptor, or also "follow" and a path -> st_mode, or minus errno
    HOST_ACCESS = 9,     // a descriptor, "follow", ACCESS_ bits, a path -> 0, or minus errno
    HOST_SET_MODE = 10,  // a descriptor, permissions, a path -> 0, or minus errno
    HOST_SET_LOCK = 11,  // a lock -> 0, or minus errno
    HOST_FIND_LOCK = 12, // a lock -> the kind of one in its way, or minus errno
    HOST_TERMINAL_SIZE = 13,  // a descriptor -> columns, and rows times 65536, or minus errno
    HOST_FLOCK = 14,     // a descriptor and the kind of a lock -> 0, or minus errno
};
enum { GRANT_READ = 0, GRANT_WRITE = 1 };
enum { ENDED_MEMORY = 1, ENDED_DISK = 2 };
enum { ACCESS_EXECUTE = 1, ACCESS_WRITE = 2, ACCESS_READ = 4 };
enum { HOST_EOF = -1, HOST_INTERRUPTED = -2, HOST_UNAVAILABLE = -3 };
enum { READ_ANSWER = 0, READ_SECRET = 1 };

// Asks the host for one number; minus ENOTSUP where it has no answer.
int32_t ask_number(int32_t op, const void *input, size_t input_size);

// Sets or releases a lock on a range of a file, as fcntl() does; 0, or -1 with
// errno set.
int python_wasm_set_lock(int fd, int type, off_t start, off_t length);

// Replaces `type` by that of a lock in the way of one; 0, or -1 with errno set.
int python_wasm_find_lock(int fd, int *type, off_t start, off_t length);

// Sets or releases a lock on a file, as flock() does; 0, or -1 with errno set.
int set_flock(int fd, int type);

// chmod(), which WASI has not. 0, or -1 with ENOTSUP where no permissions are kept.
int set_mode(const char *path, uint32_t permissions);

#endif
