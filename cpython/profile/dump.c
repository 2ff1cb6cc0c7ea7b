// Writes what the training counted, when the program ends: linked into the instrumented module only.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "InstrProfiling.h"
#include "InstrProfilingInternal.h"

// Instrumented code refers to it, so that the linker brings the runtime in.
int __llvm_profile_runtime = 0;

void *minicov_alloc_zeroed(size_t size, size_t alignment) {
    void *memory = aligned_alloc(alignment < 8 ? 8 : alignment, (size + 7) & ~(size_t)7);
    return memory == NULL ? NULL : memset(memory, 0, size);
}

void minicov_dealloc(void *memory, size_t size, size_t alignment) {
    free(memory);
}

static uint32_t write_pieces(ProfDataWriter *writer, ProfDataIOVec *pieces, uint32_t count) {
    FILE *file = writer->WriterCtx;
    for (uint32_t i = 0; i < count; i++) {
        size_t size = pieces[i].ElmSize * pieces[i].NumElm;
        if (pieces[i].Data == NULL) {
            while (size-- > 0) {
                fputc(0, file);
            }
        } else {
            fwrite(pieces[i].Data, 1, size, file);
        }
    }
    return ferror(file) != 0;
}

__attribute__((destructor)) static void write_profile(void) {
    FILE *file = fopen("/profile/raw", "wb");
    ProfDataWriter writer = {write_pieces, file};
    if (file == NULL || lprofWriteData(&writer, lprofGetVPDataReader(), 0) != 0 || fclose(file) != 0) {
        perror("the profile cannot be written to /profile/raw");
        abort();
    }
}
