// Relative and absolute sleeps on both clocks last at least as long as asked.
#include "guest.h"

static __wasi_timestamp_t now(__wasi_clockid_t id) {
    __wasi_timestamp_t time;
    OK(__wasi_clock_time_get(id, 0, &time));
    return time;
}

int main(void) {
    for (int id = 0; id < 2; id++) {
        for (int absolute = 0; absolute < 2; absolute++) {
            __wasi_timestamp_t before = now(id);
            __wasi_subscription_t in = {.userdata = 42};
            in.u.tag = __WASI_EVENTTYPE_CLOCK;
            in.u.u.clock.id = id;
            in.u.u.clock.timeout = 5000000 + (absolute ? before : 0);
            in.u.u.clock.flags = absolute ? __WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME : 0;
            __wasi_event_t out;
            __wasi_size_t count;
            OK(__wasi_poll_oneoff(&in, &out, 1, &count));
            EQUAL(1, count);
            EQUAL(42, out.userdata);
            EQUAL(0, out.error);
            EQUAL(__WASI_EVENTTYPE_CLOCK, out.type);
            CHECK(now(id) >= before + 5000000);
        }
    }
}
