// Moves files and links between two writable preopens of one file system.
#include "guest.h"

int main(void) {
    make_file(ROOT, "file", "hello");
    OK(__wasi_path_rename(ROOT, "file", OTHER, "moved"));
    CHECK(holds(OTHER, "moved", "hello"));
    OK(__wasi_path_link(OTHER, 0, "moved", ROOT, "linked"));
    EQUAL(stat_of(OTHER, "moved").ino, stat_of(ROOT, "linked").ino);
}
