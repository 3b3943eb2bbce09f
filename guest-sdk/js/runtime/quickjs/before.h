/* Included before everything else of QuickJS. It compiles its check of the stack away where `__wasi__` is defined, so
   that endless recursion would be a trap instead of a RangeError. What needs the name is included here before it goes. */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <time.h>
#include <math.h>
#include <unistd.h>
#include <sys/time.h>
#undef __wasi__

/* See src/freed.rs. */
extern unsigned char ISOLET_EMPTIES_FREED;

static inline void isolet_free(void *memory)
{
    if (memory != NULL && ISOLET_EMPTIES_FREED)
        explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}

static inline void *isolet_realloc(void *memory, size_t size)
{
    size_t had;
    void *moved;

    if (memory == NULL || !ISOLET_EMPTIES_FREED)
        return realloc(memory, size);
    moved = malloc(size);
    if (moved == NULL)
        return NULL;
    had = malloc_usable_size(memory);
    memcpy(moved, memory, had < size ? had : size);
    isolet_free(memory);
    return moved;
}

#define free isolet_free
#define realloc isolet_realloc

/* What the build leaves behind for good has this many references or more, and nobody counts them (after.h): counting
   would write to a page for each function that is called and for each name that is looked up. The value has room above
   and below for what is counted elsewhere meanwhile. */
#define ISOLET_FOR_GOOD 0x40000000

static inline int *isolet_count(int *count)
{
    static int elsewhere;

    if (__builtin_expect(*count < ISOLET_FOR_GOOD, 1))
        return count;
    elsewhere = ISOLET_FOR_GOOD;
    return &elsewhere;
}

/* So many bytes of the stack in memory for each call of a function that recurses: see xtask/src/js_runtime/compiler.rs.
   They are shown to nobody, which the compiler does not know. */
#define ISOLET_FRAME(bytes)          \
    char isolet_frame[bytes];        \
    __asm__ volatile("" : : "r"(isolet_frame) : "memory")
