// SQLite with the locks of the host.
//
// For WASI, SQLite leaves out locks and the write-ahead log, because preview1
// has neither fcntl()'s locks nor mmap(). Here the host has the locks, so
// SQLite is compiled as for any POSIX system, and this file provides what that
// takes. libc's headers come first: they have to know that this is WASI.

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#undef __wasi__

// --- Locks ------------------------------------------------------------------

// libc declares `struct flock`, and these only for other systems.
#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2
#define F_GETLK 12
#define F_SETLK 13

// Asks the host (cpython/shim/locks.c): 0, or -1 with errno set. A length of 0
// means up to the end. To look, `type` is the lock that would be set, and
// becomes the one that is in the way, or F_UNLCK.
extern int python_wasm_set_lock(int fd, int type, off_t start, off_t length);
extern int python_wasm_find_lock(int fd, int *type, off_t start, off_t length);

// Where SQLite says that it uses the shared memory of a write-ahead log: a byte
// of the file NAME-shm, which each process locks for reading.
#define SHM_IN_USE 128

static int
sqlite_fcntl(int fd, int command, ...)
{
    va_list arguments;
    va_start(arguments, command);
    int result;
    if (command == F_SETLK) {
        const struct flock *lock = va_arg(arguments, const struct flock *);
        // This memory is the guest's own (see sqlite_mmap), so it is used by
        // nobody else.
        bool is_ours = lock->l_start == SHM_IN_USE && lock->l_type == F_RDLCK;
        int type = is_ours ? F_WRLCK : lock->l_type;
        result = python_wasm_set_lock(fd, type, lock->l_start, lock->l_len);
    }
    else if (command == F_GETLK) {
        struct flock *lock = va_arg(arguments, struct flock *);
        int type = lock->l_type;
        result = python_wasm_find_lock(fd, &type, lock->l_start, lock->l_len);
        lock->l_type = (short)type;
    }
    else {
        result = fcntl(fd, command, va_arg(arguments, int));
    }
    va_end(arguments);
    return result;
}

#define fcntl sqlite_fcntl

// --- The index of a write-ahead log -----------------------------------------

// SQLite maps the file NAME-shm, which it has made long enough. No memory is
// shared with other processes here: each guest has an index of its own, which
// SQLite makes from the log, and a database in this mode is open in one guest
// or process at a time. Connections of one guest share the index.
static void *
sqlite_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
    void *memory = calloc(1, length);
    return memory == NULL ? MAP_FAILED : memory;
}

static int
sqlite_munmap(void *address, size_t length)
{
    free(address);
    return 0;
}

#define mmap sqlite_mmap
#define munmap sqlite_munmap

static bool
ends_with(const char *path, const char *end)
{
    size_t size = strlen(path), end_size = strlen(end);
    return size > end_size && strcmp(path + size - end_size, end) == 0;
}

// In a folder that cannot be written, a database with a write-ahead log is read
// without the two files that SQLite would make: an index that nobody shares
// needs none, and a log that is not there is empty. Nobody may have the
// database open then, because nothing would tell of what is written meanwhile.
static int
sqlite_open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    int fd = open(path, flags, va_arg(arguments, int));
    va_end(arguments);
    bool is_index = ends_with(path, "-shm");
    if (fd >= 0 || !(flags & O_CREAT) || !(is_index || ends_with(path, "-wal"))) {
        return fd;
    }
    if (errno != EPERM && errno != EACCES && errno != EROFS && errno != ENOTCAPABLE) {
        return -1;
    }
    int error = errno;
    int there = open(path, O_RDONLY);
    if (there < 0 && errno == ENOENT) {
        return open("/dev/null", flags & O_ACCMODE);
    }
    if (there < 0 || !is_index) {
        // A log is opened once more, for reading.
        if (there >= 0) {
            close(there);
        }
        errno = error;
        return -1;
    }
    int type = F_WRLCK;
    bool is_used = python_wasm_find_lock(there, &type, SHM_IN_USE, 1) < 0 || type != F_UNLCK;
    close(there);
    if (is_used) {
        errno = EBUSY;
        return -1;
    }
    return open("/dev/null", flags & O_ACCMODE);
}


// The stand-in for an index cannot be cut.
static int
sqlite_ftruncate(int fd, off_t size)
{
    int result = ftruncate(fd, size);
    struct stat status;
    if (result < 0 && fstat(fd, &status) == 0 && S_ISCHR(status.st_mode)) {
        return 0;
    }
    return result;
}

#define ftruncate sqlite_ftruncate

// --- Journals ---------------------------------------------------------------

// Where SQLite locks a database that is to be written.
#define RESERVED (0x40000000 + 1)

// A journal is removed by who has locked its database. A guest that goes on
// from a snapshot may go by a lock that it does not have: the journal belongs
// to somebody else then, or is what is left to repair the database with.
static int
sqlite_unlink(const char *path)
{
    const char *const ends[] = {"-journal", "-wal"};
    for (int i = 0; i < 2; i++) {
        char database[1024];
        size_t size = strlen(path) - (ends_with(path, ends[i]) ? strlen(ends[i]) : 0);
        if (size == strlen(path) || size >= sizeof database) {
            continue;
        }
        memcpy(database, path, size);
        database[size] = '\0';
        int fd = open(database, O_RDONLY);
        if (fd < 0) {
            continue;
        }
        int type = F_WRLCK;
        int found = python_wasm_find_lock(fd, &type, RESERVED, 1);
        close(fd);
        if (found < 0 || type != F_UNLCK) {
            errno = EIO;
            return -1;
        }
    }
    return unlink(path);
}

#define open sqlite_open
#define unlink sqlite_unlink

// --- Owners -----------------------------------------------------------------

// There is one user, and the host gives files their modes.
static int
sqlite_fchmod(int fd, mode_t mode)
{
    return 0;
}

static int
sqlite_fchown(int fd, uid_t owner, gid_t group)
{
    return 0;
}

static uid_t
sqlite_geteuid(void)
{
    return 1;
}

#define fchmod sqlite_fchmod
#define fchown sqlite_fchown
#define geteuid sqlite_geteuid

#include "sqlite3.c"
