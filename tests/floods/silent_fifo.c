// Reads a FIFO that somebody holds open without writing; only the deadline ends it.
#include "flood.h"

int main(void) {
    char buffer[16];
    __wasi_fd_t fd = must_open(ROOT, "fifo", 0, READ);
    puts("reading");
    fflush(stdout);
    take(fd, buffer, sizeof buffer);
}
