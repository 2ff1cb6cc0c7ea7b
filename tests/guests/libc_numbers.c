// Floating point and 64-bit arithmetic as C prints it.
#include "guest.h"
#include <math.h>

int main(void) {
    volatile double zero = 0, two = 2;
    printf("%.17g %.17g\n", 0.1, sqrt(two));
    printf("%g %g %g\n", 1 / zero, -1 / zero, fmod(-7.5, 2));
    printf("%d\n", isnan(zero / zero) ? 1 : 0);
    printf("%lld %llu\n", (long long)INT64_MIN, (unsigned long long)UINT64_MAX);
    printf("%d %d\n", -7 / 2, -7 % 2);
    printf("%a\n", ldexp(1.5, -1074 + 1));
}
