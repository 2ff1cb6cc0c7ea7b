// A file is always ready; standard input is ready when it has bytes and at its end.
#include "guest.h"

static __wasi_event_t wait_for(__wasi_fd_t fd, __wasi_eventtype_t type) {
    __wasi_subscription_t in = {.userdata = fd};
    in.u.tag = type;
    in.u.u.fd_read.file_descriptor = fd;
    __wasi_event_t out;
    __wasi_size_t count;
    OK(__wasi_poll_oneoff(&in, &out, 1, &count));
    EQUAL(1, count);
    EQUAL(fd, out.userdata);
    OK(out.error);
    EQUAL(type, out.type);
    return out;
}

int main(void) {
    char buffer[16];
    wait_for(must_open(ROOT, "file", CREAT, READ | WRITE), __WASI_EVENTTYPE_FD_WRITE);
    wait_for(1, __WASI_EVENTTYPE_FD_WRITE);
    wait_for(0, __WASI_EVENTTYPE_FD_READ);
    CHECK(strcmp(take(0, buffer, sizeof buffer), "input") == 0);
    wait_for(0, __WASI_EVENTTYPE_FD_READ);
    CHECK(strcmp(take(0, buffer, sizeof buffer), "") == 0);
}
