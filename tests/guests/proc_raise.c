// A signal that the guest raises never reaches the host.
#include "guest.h"

// wasi-libc no longer declares it.
__attribute__((import_module("wasi_snapshot_preview1"), import_name("proc_raise"))) int proc_raise(int signal);

int main(void) {
    for (int signal = 0; signal < 32; signal++) ERRNO(NOTSUP, proc_raise(signal));
}
