// The status is the guest's own, and its earlier output is kept.
#include "guest.h"

int main(int argc, char **argv) {
    EQUAL(2, argc);
    printf("leaving with %s", argv[1]);
    exit(atoi(argv[1]));
}
