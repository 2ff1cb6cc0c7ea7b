// libc's readdir lists 20,000 names in one pass, each once.
#include "guest.h"
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#define FILES 20000

int main(void) {
    static char seen[FILES];
    for (int i = 0; i < FILES; i++) {
        char path[16];
        snprintf(path, sizeof path, "%d", i);
        int fd = open(path, O_CREAT | O_WRONLY, 0666);
        CHECK(fd >= 0 && close(fd) == 0);
    }
    DIR *dir = opendir(".");
    int count = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        int number = atoi(entry->d_name);
        CHECK(!seen[number]);
        seen[number] = 1;
        count++;
    }
    EQUAL(FILES, count);
}
