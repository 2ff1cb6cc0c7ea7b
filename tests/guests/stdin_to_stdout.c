// Copies standard input to standard output, and prints the number of bytes on standard error.
#include "guest.h"
#include <unistd.h>

int main(void) {
    static char buffer[65536];
    long long total = 0;
    for (ssize_t count; (count = read(0, buffer, sizeof buffer)) > 0; total += count) {
        for (ssize_t done = 0; done < count;) {
            ssize_t written = write(1, buffer + done, count - done);
            CHECK(written > 0);
            done += written;
        }
    }
    fprintf(stderr, "%lld\n", total);
}
