// Prints without end, in pieces of 1 MiB, to standard output and standard error in turn.
#include "flood.h"

int main(void) {
    static uint8_t block[1 << 20];
    __wasi_ciovec_t out = {block, sizeof block};
    __wasi_size_t count;
    for (int i = 0;; i++) OK(__wasi_fd_write(1 + i % 2, &out, 1, &count));
}
