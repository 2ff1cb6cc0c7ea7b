// Opening a FIFO does not wait for the other end.
#include "guest.h"

int main(void) {
    EITHER(SUCCESS, NXIO, try_open(ROOT, "fifo", 0, 0, WRITE));
    OK(try_open(ROOT, "fifo", 0, 0, READ));
    CHECK(stat_of(ROOT, "fifo").filetype != __WASI_FILETYPE_REGULAR_FILE);
}
