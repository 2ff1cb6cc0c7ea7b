// Time zones. The compiler's libc knows UTC only. This is musl's code for all
// others; it maps the file of a zone into memory, where here it is read.

#define _XOPEN_SOURCE 700       // names of the fields of struct tm, as musl is built
#define _WASI_EMULATED_MMAN 1   // musl includes the header

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

// --- What musl's headers for its own use say -----------------------------------

#define hidden __attribute__((__visibility__("hidden")))
#define weak_alias(old, new) extern __typeof(old) new __attribute__((__weak__, __alias__(#old)))

// Instead of libc.h: nobody runs with another user's rights.
#define LIBC_H
static const struct {
    bool secure;
} libc = {false};

// What musl calls malloc when a program has brought its own. Here that is libc's.
#define __libc_malloc malloc

// Instead of lock.h: there is one thread.
#define LOCK_H
#define LOCK(lock)
#define UNLOCK(lock)

// --- Files of zones --------------------------------------------------------------

// No zone of the world has a larger file.
#define MOST_BYTES (1 << 20)

static unsigned char *read_all(int fd, size_t size) {
    unsigned char *bytes = malloc(size);
    size_t done = 0;
    while (bytes != NULL && done < size) {
        ssize_t got = read(fd, bytes + done, size - done);
        if (got <= 0) {
            free(bytes);
            return NULL;
        }
        done += (size_t)got;
    }
    return bytes;
}

static const unsigned char *__map_file(const char *path, size_t *size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return NULL;
    }
    struct stat status;
    unsigned char *bytes = NULL;
    if (fstat(fd, &status) == 0 && status.st_size > 0 && status.st_size <= MOST_BYTES) {
        *size = (size_t)status.st_size;
        bytes = read_all(fd, *size);
    }
    close(fd);
    return bytes;
}

static void __munmap(void *bytes, size_t size) {
    (void)size;
    free(bytes);
}

#include "__tz.c"
