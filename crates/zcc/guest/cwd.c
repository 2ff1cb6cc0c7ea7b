// Lets a program start in the folder that PWD names, if that was granted under its name.
//
// wasi-libc starts in "/", whoever calls. It has a current folder only in programs that use getcwd, chdir or
// realpath; in the others a relative name is looked for in the folder that was granted as ".". So all of this is
// made of WASI's own calls: no program gets larger by what it does not use.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasi/api.h>

// getcwd.o defines it, where that is linked.
extern char *__wasilibc_cwd __attribute__((weak));

enum { LONGEST = 4096, MOST = 1 << 20 };

static char folder[LONGEST];

// Copies the value of PWD. It is left out if the environment is larger than anybody's.
static bool find(void) {
    size_t count, size;
    if (__wasi_environ_sizes_get(&count, &size) != 0 || count >= MOST / sizeof(char *) || size > MOST) {
        return false;
    }
    uint8_t *variables[count + 1], text[size + 1];
    if (__wasi_environ_get(variables, text) != 0) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = (const char *)variables[i];
        if (name[0] == 'P' && name[1] == 'W' && name[2] == 'D' && name[3] == '=') {
            size_t length = 0;
            while (name[4 + length] != 0 && length < LONGEST - 1) {
                folder[length] = name[4 + length];
                length++;
            }
            return name[4 + length] == 0 && folder[0] == '/';
        }
    }
    return false;
}

// Whether the folder is one that was granted, or lies in one.
static bool granted(void) {
    for (__wasi_fd_t fd = 3;; fd++) {
        __wasi_prestat_t stat;
        if (__wasi_fd_prestat_get(fd, &stat) != 0) {
            return false;
        }
        size_t length = stat.u.dir.pr_name_len;
        uint8_t name[length + 1];
        if (length >= LONGEST || __wasi_fd_prestat_dir_name(fd, name, length) != 0) {
            continue;
        }
        while (length > 0 && (name[length - 1] == '/' || name[length - 1] == 0)) {
            length--;
        }
        size_t same = 0;
        while (same < length && folder[same] == (char)name[same]) {
            same++;
        }
        bool ends = folder[same] == 0 || folder[same] == '/';
        // A name that is left empty was "/", for it began with a slash.
        if (same == length && ends && stat.u.dir.pr_name_len > 0 && name[0] == '/') {
            return true;
        }
    }
}

__attribute__((constructor)) static void start(void) {
    if (&__wasilibc_cwd && find() && granted()) {
        __wasilibc_cwd = folder;
    }
}
