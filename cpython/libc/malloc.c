// malloc and its family: Doug Lea's allocator over memory.grow, in the place of the
// compiler's, whose classes of powers of two never split and never merge.
//
// Memory is one segment that grows at its end and never shrinks. Two things are ours: a
// large block grows without a copy beside it wherever it can, and a reserve is kept for
// programs that go on after a refusal (allocator.h).
//
// https://gee.cs.oswego.edu/dl/html/malloc.html tells how the allocator works.

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "allocator.h"

enum { PAGE = 65536 };

// Reads one variable more in each call of malloc and free.
static size_t owed;
static void repay(void);
static void refused(void);
static void *more_core(ptrdiff_t size);

// The names of C's library for what is Doug Lea's; realloc is below.
#define USE_DL_PREFIX 1
#define dlcalloc calloc
#define dlfree free
#define dlmalloc malloc
#define dlmalloc_usable_size malloc_usable_size
#define dlmemalign memalign
#define dlposix_memalign posix_memalign
#define dlvalloc valloc

#define HAVE_MMAP 0
#define HAVE_MORECORE 1
#define MORECORE more_core
#define MORECORE_CANNOT_TRIM 1
#define DEFAULT_GRANULARITY ((size_t)PAGE)
#define malloc_getpagesize ((size_t)PAGE)
#define MALLOC_ALIGNMENT _Alignof(max_align_t)
#define MALLOC_FAILURE_ACTION refused()
#define POSTACTION(M) ((void)(__builtin_expect(owed != 0, 0) && (repay(), 0)))
// A freed block that was not allocated traps where it is freed.
#define ABORT __builtin_trap()
#define NO_MALLINFO 1
#define NO_MALLOC_STATS 1
#define USE_BUILTIN_FFS 1
#define USE_LOCKS 0
#define LACKS_FCNTL_H 1
#define LACKS_STDLIB_H 1
#define LACKS_SYS_PARAM_H 1
#define LACKS_TIME_H 1
#define LACKS_UNISTD_H 1

#include "dlmalloc.c"

// --- growing ------------------------------------------------------------------

// The linker's name for the first byte behind the module's data and stack.
extern char __heap_base;

static bool alone;

// sbrk(2). Memory ends at a page, so all but the first piece begins at one.
static void *more_core(ptrdiff_t size) {
    static char *end = &__heap_base;
    static size_t seen;
    size_t there = __builtin_wasm_memory_size(0) * PAGE;
    if (!alone && seen != 0 && seen != there) {
        end = (char *)there;
    }
    seen = there;
    if (size < 0) {
        return MFAIL;
    }
    char *start = end;
    size_t room = there - (size_t)start;
    if ((size_t)size > room) {
        size_t pages = ((size_t)size - room + PAGE - 1) / PAGE;
        if (__builtin_wasm_memory_grow(0, pages) == SIZE_MAX) {
            return MFAIL;
        }
        seen += pages * PAGE;
    }
    end += size;
    return start;
}

// --- the reserve ----------------------------------------------------------------

static size_t reserve_size;
// NULL when it was given up, or was never asked for.
static void *reserve;
// Whether a refusal is looked into, or one may be that is not the caller's.
static bool quiet;

// Calls of malloc and free until it is worth while to look whether the reserve fits again.
enum { PATIENCE = 64 };

// A block of `size` bytes or NULL, without consequences.
static void *try(size_t size) {
    bool before = quiet;
    quiet = true;
    void *block = malloc(size);
    quiet = before;
    return block;
}

// Counts a call, and takes the reserve back when there is room for it and as much again.
static void repay(void) {
    if (quiet || --owed > 0) {
        return;
    }
    quiet = true;
    void *first = malloc(reserve_size);
    void *second = first == NULL ? NULL : malloc(reserve_size);
    if (second == NULL) {
        free(first);
        owed = PATIENCE;
    }
    else {
        free(second);
        reserve = first;
    }
    quiet = false;
}

// Runs before a function returns NULL. A request that would not fit into the reserve does not
// use it up, unless memory is full all the same.
static void refused(void) {
    errno = ENOMEM;
    // dlmalloc sets it for good when memory did not grow once.
    gm->mflags &= ~USE_NONCONTIGUOUS_BIT;
    if (quiet || reserve == NULL) {
        return;
    }
    void *room = try(reserve_size);
    if (room == NULL) {
        room = reserve;
        reserve = NULL;
        owed = PATIENCE;
    }
    free(room);
}

void malloc_own_memory(size_t size) {
    alone = true;
    reserve_size = size;
    owed = 1;
    repay();
}

// --- realloc ----------------------------------------------------------------------

// From this size on moving is avoided. Below it memory would grow where a hole fits.
enum { LARGE = PAGE };

// Makes the free end of memory `size` bytes longer than the last block needs to grow.
static bool grow_top(size_t size) {
    bool before = quiet;
    quiet = true;
    void *block = sys_alloc(gm, gm->topsize + pad_request(size));
    if (block != NULL) {
        free(block);
    }
    quiet = before;
    return block != NULL;
}

// Moves a block down into the free one before it: they become one block in use.
static mchunkptr slide(mchunkptr block) {
    size_t before = block->prev_foot, size = chunksize(block);
    mchunkptr into = chunk_minus_offset(block, before);
    if (into == gm->dv) {
        gm->dv = NULL;
        gm->dvsize = 0;
    }
    else {
        unlink_chunk(gm, into, before);
    }
    memmove(chunk2mem(into), chunk2mem(block), size - CHUNK_OVERHEAD);
    set_inuse(gm, into, before + size);
    return into;
}

// Makes a block `wanted` bytes large, header included, without a second one beside it. NULL
// when that cannot be.
static mchunkptr grow(mchunkptr block, size_t wanted) {
    mchunkptr next = next_chunk(block);
    bool last = next == gm->top;
    size_t size = chunksize(block);
    size_t before = pinuse(block) ? 0 : block->prev_foot;
    if (last && grow_top(wanted - size)) {
        return try_realloc_chunk(gm, block, wanted, 0);
    }
    // dlmalloc keeps one byte at the end of memory.
    size_t after = last ? gm->topsize - 1 : cinuse(next) ? 0 : chunksize(next);
    if (before == 0 || (before + size + after < wanted
                        && (!last || !grow_top(wanted - size - before)))) {
        return NULL;
    }
    return try_realloc_chunk(gm, slide(block), wanted, 0);
}

void *realloc(void *block, size_t size) {
    if (block == NULL) {
        return malloc(size);
    }
    if (size >= MAX_REQUEST) {
        refused();
        return NULL;
    }
    mchunkptr old = mem2chunk(block);
    size_t wanted = request2size(size), present = chunksize(old);
    mchunkptr new = try_realloc_chunk(gm, old, wanted, 0);
    if (new == NULL && present >= LARGE) {
        new = grow(old, wanted);
    }
    if (new != NULL) {
        return chunk2mem(new);
    }
    void *moved = malloc(size);
    if (moved != NULL) {
        memcpy(moved, block, present - CHUNK_OVERHEAD);
        free(block);
    }
    return moved;
}

void *reallocarray(void *block, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(block, bytes);
}

void *aligned_alloc(size_t alignment, size_t size) {
    return memalign(alignment, size);
}
