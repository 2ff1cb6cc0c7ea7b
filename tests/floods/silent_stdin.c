// Waits for input that never comes: by reading, or with an argument by polling.
#include "flood.h"

int main(int argc, char **argv) {
    char buffer[16];
    (void)argv;
    puts("waiting");
    fflush(stdout);
    if (argc > 1) {
        __wasi_subscription_t in = {0};
        in.u.tag = __WASI_EVENTTYPE_FD_READ;
        __wasi_event_t out;
        __wasi_size_t count;
        OK(__wasi_poll_oneoff(&in, &out, 1, &count));
    } else {
        take(0, buffer, sizeof buffer);
    }
}
