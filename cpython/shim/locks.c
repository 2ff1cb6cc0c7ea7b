// Locks on files. preview1 has none: the host sets them (SQLite needs them).
// A host that knows no locks has no files that others could lock, as when the
// recipe runs this module.

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "host.h"

#define F_UNLCK 2

// What the host is asked (crates/contract/src/host_call.rs).
struct question {
    int32_t fd;
    int32_t type;       // F_RDLCK, F_WRLCK, F_UNLCK: 0, 1, 2
    int64_t start;
    int64_t length;
};

// Sets or releases a lock; 0, or -1 with errno set.
int
python_wasm_set_lock(int fd, int type, off_t start, off_t length)
{
    struct question question = {fd, type, start, length};
    int32_t answer = ask_number(HOST_SET_LOCK, &question, sizeof question);
    if (answer < 0 && answer != -ENOTSUP) {
        errno = -answer;
        return -1;
    }
    return 0;
}

int
set_flock(int fd, int type)
{
    int32_t question[2] = {fd, type};
    int32_t answer = ask_number(HOST_FLOCK, question, sizeof question);
    if (answer < 0 && answer != -ENOTSUP) {
        errno = -answer;
        return -1;
    }
    return 0;
}

// Replaces `type` by that of a lock of somebody else that is in the way, or by
// F_UNLCK; 0, or -1 with errno set.
int
python_wasm_find_lock(int fd, int *type, off_t start, off_t length)
{
    struct question question = {fd, *type, start, length};
    int32_t answer = ask_number(HOST_FIND_LOCK, &question, sizeof question);
    if (answer == -ENOTSUP) {
        answer = F_UNLCK;
    }
    if (answer < 0) {
        errno = -answer;
        return -1;
    }
    *type = answer;
    return 0;
}
