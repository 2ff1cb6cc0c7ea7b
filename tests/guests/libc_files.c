// What C programs use: stdio, directories, stat, rename, truncate, temporary names, the working directory.
#include "guest.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
    char line[64], path[128];
    struct stat stat_;
    EQUAL(0, mkdir("d", 0777));
    EQUAL(0, chdir("d"));
    CHECK(getcwd(path, sizeof path) != NULL && strcmp(path, "/d") == 0);

    FILE *file = fopen("text", "w+");
    CHECK(file != NULL);
    for (int i = 0; i < 1000; i++) fprintf(file, "line %d\n", i);
    EQUAL(0, fseek(file, 0, SEEK_SET));
    int lines = 0;
    while (fgets(line, sizeof line, file)) lines++;
    EQUAL(1000, lines);
    CHECK(strcmp(line, "line 999\n") == 0);
    EQUAL(0, ftruncate(fileno(file), 7));
    EQUAL(0, fclose(file));

    EQUAL(0, rename("text", "renamed"));
    EQUAL(0, stat("renamed", &stat_));
    EQUAL(7, stat_.st_size);
    CHECK(S_ISREG(stat_.st_mode));
    EQUAL(0, symlink("renamed", "link"));
    EQUAL(0, lstat("link", &stat_));
    CHECK(S_ISLNK(stat_.st_mode));

    EQUAL(-1, open("renamed", O_CREAT | O_EXCL | O_WRONLY, 0666));
    EQUAL(EEXIST, errno);
    EQUAL(-1, open("../../etc/passwd", O_RDONLY));
    CHECK(errno == EPERM || errno == ENOENT || errno == ENOTCAPABLE);
    EQUAL(0, unlink("link"));
    EQUAL(0, remove("renamed"));
    EQUAL(0, rmdir("/d"));
}
