// Modes of files and access to them: what every function of wasi-libc ends in that tells of a file. WASI has no
// modes, so the host is asked beside it. A host that does not answer leaves the kind alone, as wasi-libc does.

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wasi/api.h>
#include <wasi/libc-find-relpath.h>

#include "host.h"

static_assert(R_OK == ACCESS_READ && W_OK == ACCESS_WRITE && X_OK == ACCESS_EXECUTE, "the bits of access()");

// Longer paths than the host takes.
enum { PATH_SIZE = 4096 };

// Asks about `path` below `fd`, with some bytes before the path. -ENOSYS if the host does not answer.
static int32_t
ask(int32_t request, int fd, const char *before, size_t before_size, const char *path)
{
    char question[sizeof fd + sizeof(uint32_t) + PATH_SIZE];
    size_t size = strlen(path);
    if (size > PATH_SIZE) {
        return -ENAMETOOLONG;
    }
    memcpy(question, &fd, sizeof fd);
    memcpy(question + sizeof fd, before, before_size);
    memcpy(question + sizeof fd + before_size, path, size);
    int32_t answer;
    int32_t stored = host_call(request, question, (int32_t)(sizeof fd + before_size + size),
                               &answer, sizeof answer);
    return stored == sizeof answer ? answer : -ENOSYS;
}

static mode_t
kind(__wasi_filetype_t type)
{
    switch (type) {
    case __WASI_FILETYPE_BLOCK_DEVICE:
        return S_IFBLK;
    case __WASI_FILETYPE_CHARACTER_DEVICE:
        return S_IFCHR;
    case __WASI_FILETYPE_DIRECTORY:
        return S_IFDIR;
    case __WASI_FILETYPE_REGULAR_FILE:
        return S_IFREG;
    case __WASI_FILETYPE_SOCKET_DGRAM:
    case __WASI_FILETYPE_SOCKET_STREAM:
        return S_IFSOCK;
    case __WASI_FILETYPE_SYMBOLIC_LINK:
        return S_IFLNK;
    default:
        return 0;
    }
}

static struct timespec
moment(__wasi_timestamp_t stamp)
{
    return (struct timespec){.tv_sec = stamp / 1000000000, .tv_nsec = stamp % 1000000000};
}

// `mode` is the host's answer. The file may be another one by now, or gone: then its kind is that of before.
static void
fill(struct stat *status, const __wasi_filestat_t *from, int32_t mode)
{
    *status = (struct stat){
        .st_dev = from->dev,
        .st_ino = from->ino,
        .st_nlink = from->nlink,
        .st_mode = mode > 0 ? (mode_t)mode : kind(from->filetype),
        .st_size = (off_t)from->size,
        .st_atim = moment(from->atim),
        .st_mtim = moment(from->mtim),
        .st_ctim = moment(from->ctim),
    };
}

static int
failed(int error)
{
    errno = error;
    return -1;
}

int
fstat(int fd, struct stat *status)
{
    __wasi_filestat_t found;
    __wasi_errno_t error = __wasi_fd_filestat_get(fd, &found);
    if (error != 0) {
        return failed(error);
    }
    int32_t mode;
    int32_t stored = host_call(HOST_MODE, &fd, sizeof fd, &mode, sizeof mode);
    fill(status, &found, stored == sizeof mode ? mode : 0);
    return 0;
}

int
__wasilibc_nocwd_fstatat(int fd, const char *restrict path, struct stat *restrict status, int flags)
{
    char follow = (flags & AT_SYMLINK_NOFOLLOW) == 0;
    __wasi_filestat_t found;
    __wasi_errno_t error = __wasi_path_filestat_get(
        fd, follow ? __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW : 0, path, &found);
    if (error != 0) {
        return failed(error);
    }
    fill(status, &found, ask(HOST_MODE, fd, &follow, 1, path));
    return 0;
}

int
__wasilibc_nocwd_faccessat(int fd, const char *path, int amode, int flags)
{
    if ((amode & ~(F_OK | R_OK | W_OK | X_OK)) != 0
        || (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW)) != 0) {
        return failed(EINVAL);
    }
    char follow = (flags & AT_SYMLINK_NOFOLLOW) == 0;
    __wasi_filestat_t found;
    __wasi_errno_t error = __wasi_path_filestat_get(
        fd, follow ? __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW : 0, path, &found);
    if (error != 0) {
        return failed(error);
    }
    if (amode == F_OK) {
        return 0;
    }
    char how[2] = {follow, (char)amode};
    int32_t answer = ask(HOST_ACCESS, fd, how, sizeof how, path);
    return answer == 0 || answer == -ENOSYS ? 0 : failed(-answer);
}

int
set_mode(const char *path, uint32_t permissions)
{
    const char *name;
    char *rest = NULL;
    size_t size = 0;
    int folder = __wasilibc_find_relpath_alloc(path, &name, &rest, &size, 1);
    if (folder == -1) {
        free(rest);
        return failed(ENOENT);
    }
    char bits[sizeof permissions];
    memcpy(bits, &permissions, sizeof bits);
    int32_t answer = ask(HOST_SET_MODE, folder, bits, sizeof bits, rest);
    free(rest);
    return answer == 0 ? 0 : failed(answer == -ENOSYS ? ENOTSUP : -answer);
}

// mkdir() of os.mkdir(). The host makes every folder with the mode 0755: what 0777 becomes by the usual mask.
int
python_wasm_mkdir(const char *path, mode_t mode)
{
    const mode_t usual = 0755;
    if (mkdir(path, mode) < 0) {
        return -1;
    }
    if ((mode & usual) != usual) {
        // Folders of the host keep theirs.
        (void)set_mode(path, mode & usual);
    }
    return 0;
}
