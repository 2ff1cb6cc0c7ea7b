// Calls itself until the stack is exhausted.
#include "guest.h"

__attribute__((noinline)) static int deeper(volatile int *above) {
    volatile int here[16] = {*above + 1};
    if (here[0] < 0) return 0; // never met: the stack ends long before
    return deeper(here) + here[0];
}

int main(void) {
    volatile int start = 0;
    return deeper(&start);
}
