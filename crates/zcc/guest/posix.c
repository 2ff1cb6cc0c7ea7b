// What ordinary programs call of POSIX and wasi-libc does not define: users, permissions, temporary files, a shell.
//
// WASI has one user, no permissions and no processes. So what would change owners and permissions finds the file and
// leaves it as it is, and what would start a process says that it cannot.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// --- users and permissions ----------------------------------------------------------------------------------------

// The user of a container that nobody has named.
enum { USER = 1000 };

uid_t getuid(void) { return USER; }
uid_t geteuid(void) { return USER; }
gid_t getgid(void) { return USER; }
gid_t getegid(void) { return USER; }
pid_t getppid(void) { return 1; }

// Succeeds if the file is there.
static int leave(const char *path, int flags) {
    struct stat found;
    return fstatat(AT_FDCWD, path, &found, flags);
}

static int leave_open(int fd) {
    struct stat found;
    return fstat(fd, &found);
}

int chown(const char *path, uid_t user, gid_t group) {
    (void)user, (void)group;
    return leave(path, 0);
}

int lchown(const char *path, uid_t user, gid_t group) {
    (void)user, (void)group;
    return leave(path, AT_SYMLINK_NOFOLLOW);
}

int fchown(int fd, uid_t user, gid_t group) {
    (void)user, (void)group;
    return leave_open(fd);
}

// The header gives these three other names, because wasi-libc's fail and would be linked as well.
int chmod(const char *path, mode_t mode) {
    (void)mode;
    return leave(path, 0);
}

int fchmod(int fd, mode_t mode) {
    (void)mode;
    return leave_open(fd);
}

int fchmodat(int fd, const char *path, mode_t mode, int flags) {
    struct stat found;
    (void)mode;
    return fstatat(fd, path, &found, flags);
}

mode_t umask(mode_t mode) {
    static mode_t mask = 022;
    mode_t before = mask;
    mask = mode & 0777;
    return before;
}

// --- temporary files ------------------------------------------------------------------------------------------------

// Puts random letters in the place of the six X before the last `suffix` bytes, until `make` has made something.
static int made(char *template, int suffix, int (*make)(const char *)) {
    static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyz012345";
    enum { RANDOM = 6, TRIES = 100 };
    size_t length = strlen(template);
    if (suffix < 0 || length < RANDOM + (size_t)suffix) {
        errno = EINVAL;
        return -1;
    }
    char *place = template + length - (size_t)suffix - RANDOM;
    if (memcmp(place, "XXXXXX", RANDOM) != 0) {
        errno = EINVAL;
        return -1;
    }
    for (int i = 0; i < TRIES; i++) {
        unsigned char bytes[RANDOM];
        if (getentropy(bytes, RANDOM) != 0) {
            break;
        }
        for (int j = 0; j < RANDOM; j++) {
            place[j] = LETTERS[bytes[j] % 32];
        }
        int result = make(template);
        if (result >= 0 || errno != EEXIST) {
            return result;
        }
    }
    memcpy(place, "XXXXXX", RANDOM);
    return -1;
}

static int make_file(const char *path) {
    return open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
}

static int make_folder(const char *path) {
    return mkdir(path, 0700);
}

int mkstemps(char *template, int suffix) { return made(template, suffix, make_file); }
int mkstemp(char *template) { return made(template, 0, make_file); }
char *mkdtemp(char *template) { return made(template, 0, make_folder) < 0 ? NULL : template; }

// In TMPDIR or /tmp if they were granted, and else in the current folder.
FILE *tmpfile(void) {
    const char *folders[] = {getenv("TMPDIR"), "/tmp", "."};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char path[4096];
        if (!folders[i] || snprintf(path, sizeof path, "%s/tmp-XXXXXX", folders[i]) >= (int)sizeof path) {
            continue;
        }
        int fd = mkstemp(path);
        if (fd >= 0) {
            unlink(path);
            return fdopen(fd, "w+");
        }
    }
    return NULL;
}

// --- processes ------------------------------------------------------------------------------------------------------

// There is no shell: C's own way to say so is 0 for no command.
int system(const char *command) {
    if (!command) {
        return 0;
    }
    errno = ENOSYS;
    return -1;
}

FILE *popen(const char *command, const char *mode) {
    (void)command, (void)mode;
    errno = ENOSYS;
    return NULL;
}

int pclose(FILE *file) {
    (void)file;
    errno = ECHILD;
    return -1;
}
