// What malloc.c offers beside the functions of <stdlib.h> and <malloc.h>.

#ifndef PYTHON_WASM_ALLOCATOR_H
#define PYTHON_WASM_ALLOCATOR_H

#include <stddef.h>

// For a program that goes on when memory has run out, and that alone grows its memory.
//
// Keeps `reserve` bytes back. The first request that memory has no room for is refused and
// makes them free memory, so that who handles the refusal has some. They are kept back
// again when twice as much is free.
//
// What the host adds to the memory belongs to malloc from now on. Without this call it
// belongs to whoever called memory.grow.
void malloc_own_memory(size_t reserve);

#endif
