// The guest sees the clock that the host sets; a sleep moves it forward without waiting.
#include "guest.h"
#include <time.h>

int main(void) {
    CHECK(time(NULL) == 1000000000);
    struct timespec year = {365 * 86400, 0};
    EQUAL(0, nanosleep(&year, NULL));
    CHECK(time(NULL) >= 1000000000 + 365 * 86400);
}
