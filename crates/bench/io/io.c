// The program that `bench io` measures, on the host and in the sandbox: sequential blocks, long listings, many small
// files. It prints how many seconds it took.

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void check(int good, const char *what) {
    if (!good) {
        perror(what);
        exit(1);
    }
}

static void write_blocks(const char *path, size_t block, long count) {
    char *buffer = malloc(block);
    check(buffer != NULL, "malloc");
    memset(buffer, 'x', block);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    check(fd >= 0, "open");
    for (long done = 0; done < count; done++) {
        check(write(fd, buffer, block) == (ssize_t)block, "write");
    }
    check(close(fd) == 0, "close");
}

static void read_blocks(const char *path, size_t block, long count) {
    char *buffer = malloc(block);
    check(buffer != NULL, "malloc");
    int fd = open(path, O_RDONLY);
    check(fd >= 0, "open");
    for (long done = 0; done < count; done++) {
        check(read(fd, buffer, block) == (ssize_t)block, "read");
    }
    check(close(fd) == 0, "close");
}

static void list(const char *folder, long count) {
    DIR *dir = opendir(folder);
    check(dir != NULL, "opendir");
    long listed = 0;
    while (readdir(dir) != NULL) {
        listed++;
    }
    // Plus `.` and `..`.
    check(listed == count + 2, "readdir");
    check(closedir(dir) == 0, "closedir");
}

static void small_files(const char *folder, long count) {
    char name[256];
    check(mkdir(folder, 0777) == 0, "mkdir");
    for (long number = 0; number < count; number++) {
        snprintf(name, sizeof name, "%s/%ld", folder, number);
        int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0666);
        check(fd >= 0, "open");
        check(write(fd, "a small file\n", 13) == 13, "write");
        check(close(fd) == 0, "close");
    }
    for (long number = 0; number < count; number++) {
        struct stat stat_of;
        snprintf(name, sizeof name, "%s/%ld", folder, number);
        check(stat(name, &stat_of) == 0 && stat_of.st_size == 13, "stat");
    }
    list(folder, count);
    for (long number = 0; number < count; number++) {
        snprintf(name, sizeof name, "%s/%ld", folder, number);
        check(unlink(name) == 0, "unlink");
    }
    check(rmdir(folder) == 0, "rmdir");
}

int main(int argc, char **argv) {
    check(argc == 5, "io write|read|list|files PATH BLOCK COUNT");
    size_t block = strtoul(argv[3], NULL, 10);
    long count = strtol(argv[4], NULL, 10);
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    if (strcmp(argv[1], "write") == 0) {
        write_blocks(argv[2], block, count);
    } else if (strcmp(argv[1], "read") == 0) {
        read_blocks(argv[2], block, count);
    } else if (strcmp(argv[1], "list") == 0) {
        list(argv[2], count);
    } else {
        small_files(argv[2], count);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.6f\n", (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9);
}
