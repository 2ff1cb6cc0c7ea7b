// Arguments and environment arrive byte by byte as given, and nothing of the host's is added.
#include "guest.h"

int main(int argc, char **argv) {
    EQUAL(4, argc);
    CHECK(strcmp(argv[0], "a-name") == 0);
    CHECK(strcmp(argv[1], "") == 0);
    CHECK(strcmp(argv[2], "two words") == 0);
    CHECK(strcmp(argv[3], "grüße 你好") == 0);

    __wasi_size_t count, size;
    OK(__wasi_environ_sizes_get(&count, &size));
    EQUAL(3, count);
    EQUAL(sizeof "EMPTY=" + sizeof "LINES=one\ntwo=2" + sizeof "NAME=ж\"'", size);
    CHECK(strcmp(getenv("EMPTY"), "") == 0);
    CHECK(strcmp(getenv("LINES"), "one\ntwo=2") == 0);
    CHECK(strcmp(getenv("NAME"), "ж\"'") == 0);
    CHECK(getenv("PATH") == NULL && getenv("HOME") == NULL);
}
