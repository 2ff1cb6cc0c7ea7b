// Prints a line and then sleeps for the longest possible time.
#include "guest.h"

int main(void) {
    puts("asleep");
    fflush(stdout);
    __wasi_subscription_t in = {0};
    in.u.tag = __WASI_EVENTTYPE_CLOCK;
    in.u.u.clock.id = __WASI_CLOCKID_MONOTONIC;
    in.u.u.clock.timeout = UINT64_MAX;
    __wasi_event_t out;
    __wasi_size_t count;
    OK(__wasi_poll_oneoff(&in, &out, 1, &count));
}
