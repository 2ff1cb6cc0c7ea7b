// Reads a FIFO that somebody holds open and writes nothing to, says so first: only the deadline ends that.
#include "flood.h"

int main(void) {
    char buffer[16];
    __wasi_fd_t fd = must_open(ROOT, "fifo", 0, READ);
    puts("reading");
    fflush(stdout);
    take(fd, buffer, sizeof buffer);
}
