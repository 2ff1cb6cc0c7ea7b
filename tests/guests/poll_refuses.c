// No subscription at all, and more than any guest needs, are INVAL; a bad descriptor is told in its event.
#include "guest.h"

int main(void) {
    __wasi_size_t count;
    __wasi_event_t event;
    __wasi_subscription_t in = {.userdata = 7};
    ERRNO(INVAL, __wasi_poll_oneoff(&in, &event, 0, &count));

    in.u.tag = __WASI_EVENTTYPE_FD_READ;
    in.u.u.fd_read.file_descriptor = 99;
    OK(__wasi_poll_oneoff(&in, &event, 1, &count));
    EQUAL(1, count);
    EQUAL(7, event.userdata);
    ERRNO(BADF, event.error);

    const int many = 100000;
    __wasi_subscription_t *all = calloc(many, sizeof *all);
    __wasi_event_t *events = calloc(many, sizeof *events);
    ERRNO(INVAL, __wasi_poll_oneoff(all, events, many, &count));
}
