// 100,000 subscriptions at once are INVAL, whatever they are; 100,000 polls of a thousand succeed.
#include "flood.h"

#define MANY 100000

int main(void) {
    __wasi_subscription_t *in = calloc(MANY, sizeof *in);
    __wasi_event_t *out = calloc(MANY, sizeof *out);
    __wasi_size_t count;
    ERRNO(INVAL, __wasi_poll_oneoff(in, out, MANY, &count));
    ERRNO(INVAL, __wasi_poll_oneoff(in, out, UINT32_MAX, &count));
    for (int i = 0; i < 1024; i++) {
        in[i].userdata = i;
        in[i].u.tag = i % 2 ? __WASI_EVENTTYPE_FD_READ : __WASI_EVENTTYPE_FD_WRITE;
        in[i].u.u.fd_read.file_descriptor = i % 2 ? 0 : 1;
    }
    for (int i = 0; i < 100; i++) {
        OK(__wasi_poll_oneoff(in, out, 1024, &count));
        CHECK(count >= 512);
    }
    for (int i = 0; i < 100000; i++) OK(__wasi_poll_oneoff(in, out, 1, &count));
    report_memory();
}
