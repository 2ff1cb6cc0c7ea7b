// The current folder and the way from a path to a granted folder, in place of
// wasi-libc's chdir.c: defined here, so that object is never linked.
//
// wasi-libc looks for the granted folder by the text of a path, ".." and all:
// started in /srv/a, it takes "../b/x.py" for something in /srv/a, which the
// host rightly refuses. Here ".." is resolved by the text where it crosses from
// one granted folder to another, and by the host where it stays in one, for
// only the host knows the links.

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wasi/libc-find-relpath.h>

// Where getcwd() and all of wasi-libc look.
extern char *__wasilibc_cwd;

// Memory that grows and is used again at the next call. There is one thread.
struct buffer {
    char *text;
    size_t size;
};

static bool
reserve(struct buffer *buffer, size_t size)
{
    if (buffer->size < size) {
        char *text = realloc(buffer->text, size);
        if (text == NULL) {
            errno = ENOMEM;
            return false;
        }
        *buffer = (struct buffer){.text = text, .size = size};
    }
    return true;
}

// The next component of *path, which moves past it; NULL after the last.
static const char *
next_part(const char **path, size_t *length)
{
    const char *part = *path + strspn(*path, "/");
    *length = strcspn(part, "/");
    *path = part + *length;
    return *length == 0 ? NULL : part;
}

static bool
is_dots(const char *part, size_t length, size_t dots)
{
    return length == dots && strncmp(part, "..", dots) == 0;
}

// Whether a relative path climbs out of the folder that it starts in.
static bool
climbs_out(const char *path)
{
    long depth = 0;
    size_t length;
    for (const char *part; (part = next_part(&path, &length)) != NULL;) {
        if (is_dots(part, length, 2)) {
            depth--;
        }
        else if (!is_dots(part, length, 1)) {
            depth++;
        }
        if (depth < 0) {
            return true;
        }
    }
    return false;
}

// An absolute path without ".", ".." and doubled slashes, by its text. A slash
// at the end stays: it demands a folder.
static bool
make_plain(const char *path, struct buffer *plain)
{
    size_t all = strlen(path);
    bool folder = all > 1 && path[all - 1] == '/';
    if (!reserve(plain, all + 2)) {
        return false;
    }
    size_t used = 0, length;
    for (const char *part; (part = next_part(&path, &length)) != NULL;) {
        if (is_dots(part, length, 2)) {
            while (used > 0 && plain->text[--used] != '/') {
            }
        }
        else if (!is_dots(part, length, 1)) {
            plain->text[used++] = '/';
            memcpy(plain->text + used, part, length);
            used += length;
        }
    }
    if (used == 0 || folder) {
        plain->text[used++] = '/';
    }
    plain->text[used] = '\0';
    return true;
}

// The granted folder that a path leads through, by its name and descriptor, and
// what is left of the path there.
static int
find(const char *path, const char **name, const char **rest)
{
    static struct buffer absolute, plain;
    if (path[0] == '\0') {
        errno = ENOENT;
        return -1;
    }
    size_t cwd = path[0] == '/' ? 0 : strlen(__wasilibc_cwd) + 1;
    if (!reserve(&absolute, cwd + strlen(path) + 1)) {
        return -1;
    }
    if (cwd > 0) {
        memcpy(absolute.text, __wasilibc_cwd, cwd - 1);
        absolute.text[cwd - 1] = '/';
    }
    strcpy(absolute.text + cwd, path);
    if (!make_plain(absolute.text, &plain)) {
        return -1;
    }

    const char *plain_name, *plain_rest;
    int plain_folder = __wasilibc_find_abspath(plain.text, &plain_name, &plain_rest);
    if (plain_folder == -1) {
        return -1;
    }
    int folder = __wasilibc_find_abspath(absolute.text, name, rest);
    if (folder != plain_folder || climbs_out(*rest)) {
        *name = plain_name;
        *rest = plain_rest;
    }
    return plain_folder;
}

// What every function of wasi-libc that takes a path calls.
int
__wasilibc_find_relpath_alloc(const char *path, const char **abs_prefix, char **relative_path,
                              size_t *relative_path_len, int can_realloc)
{
    const char *rest;
    int folder = find(path, abs_prefix, &rest);
    if (folder == -1) {
        return -1;
    }
    size_t size = strlen(rest) + 1;
    if (*relative_path_len < size) {
        char *larger = can_realloc ? realloc(*relative_path, size) : NULL;
        if (larger == NULL) {
            errno = can_realloc ? ENOMEM : ERANGE;
            return -1;
        }
        *relative_path = larger;
        *relative_path_len = size;
    }
    memcpy(*relative_path, rest, size);
    return folder;
}

int
chdir(const char *path)
{
    static struct buffer joined, cwd;
    const char *name, *rest;
    struct stat status;
    int folder = find(path, &name, &rest);
    if (folder == -1 || fstatat(folder, rest, &status, 0) == -1) {
        return -1;
    }
    if (!S_ISDIR(status.st_mode)) {
        errno = ENOTDIR;
        return -1;
    }
    if (!reserve(&joined, strlen(name) + strlen(rest) + 3)) {
        return -1;
    }
    strcpy(joined.text, "/");
    strcat(joined.text, name);
    strcat(joined.text, "/");
    strcat(joined.text, rest);
    // The old text is the current folder until the new one is complete.
    struct buffer next = {0};
    if (!make_plain(joined.text, &next)) {
        return -1;
    }
    size_t end = strlen(next.text);
    if (end > 1 && next.text[end - 1] == '/') {
        next.text[end - 1] = '\0';
    }
    free(cwd.text);
    cwd = next;
    __wasilibc_cwd = cwd.text;
    return 0;
}
