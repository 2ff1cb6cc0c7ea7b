// No subscriptions, or more than any guest needs, are INVAL. A bad descriptor is BADF, reported in its event
// if another event may occur.
#include "guest.h"

int main(void) {
    __wasi_size_t count;
    __wasi_event_t event;
    __wasi_event_t two[2];
    __wasi_subscription_t in[2] = {{.userdata = 7}, {.userdata = 8}};
    ERRNO(INVAL, __wasi_poll_oneoff(in, &event, 0, &count));

    in[0].u.tag = __WASI_EVENTTYPE_FD_READ;
    in[0].u.u.fd_read.file_descriptor = 99;
    ERRNO(BADF, __wasi_poll_oneoff(in, &event, 1, &count));

    in[1].u.tag = __WASI_EVENTTYPE_CLOCK;
    in[1].u.u.clock.id = __WASI_CLOCKID_MONOTONIC;
    in[1].u.u.clock.timeout = 1000000000000;
    OK(__wasi_poll_oneoff(in, two, 2, &count));
    EQUAL(1, count);
    EQUAL(7, two[0].userdata);
    ERRNO(BADF, two[0].error);

    const int many = 100000;
    __wasi_subscription_t *all = calloc(many, sizeof *all);
    __wasi_event_t *events = calloc(many, sizeof *events);
    ERRNO(INVAL, __wasi_poll_oneoff(all, events, many, &count));
}
