/* `malloc`: Doug Lea's, as WASI's C library has it, over a heap that the component's memory begins with.
 *
 * An attempt that stays within that heap asks the host for no memory. What grows does so by system calls that all
 * threads of the worker wait for, and has to be taken back after the attempt. Zig's own `malloc`, which this replaces,
 * grows by 64 KiB for each size of what is allocated. */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* What attempts have before memory grows. Pages of it that an attempt does not write to cost nothing. */
#define FIRST_HEAP (256 << 10)

/* WebAssembly's, by which memory grows. */
#define PAGE (64 << 10)

extern unsigned char __heap_base;

/* Hands out memory as `sbrk` does, in pieces that need not follow each other; for 0 the end of the last one. */
static void *more_memory(ptrdiff_t size) {
    static char first[FIRST_HEAP] __attribute__((aligned(16)));
    static bool first_is_used;
    static char *end;
    if (size == 0) {
        return end == NULL ? (void *)&__heap_base : end;
    }
    if (size < 0) {
        return (void *)-1;
    }
    if (!first_is_used && size <= FIRST_HEAP) {
        first_is_used = true;
        end = first + FIRST_HEAP;
        return first;
    }
    size_t pages = ((size_t)size + PAGE - 1) / PAGE;
    size_t before = __builtin_wasm_memory_grow(0, pages);
    if (before == SIZE_MAX) {
        errno = ENOMEM;
        return (void *)-1;
    }
    end = (char *)((before + pages) * PAGE);
    return (void *)(before * PAGE);
}

#define MORECORE more_memory
#define MORECORE_CONTIGUOUS 0
#define MORECORE_CANNOT_TRIM 1
#define HAVE_MMAP 0
#define LACKS_TIME_H 1
#define LACKS_UNISTD_H 1
#define NO_MALLINFO 1
#define NO_MALLOC_STATS 1
#define MALLOC_ALIGNMENT 16
#define malloc_getpagesize PAGE
/* Damage that it finds ends the attempt. */
#define ABORT __builtin_trap()

/* Under names of their own the compiler takes nothing for granted of them. */
#define USE_DL_PREFIX 1
#define DLMALLOC_EXPORT static inline
static size_t dlmalloc_usable_size(void *);

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Weverything"
#include "../vendor/dlmalloc/malloc.inc"
#pragma clang diagnostic pop

void *malloc(size_t size) { return dlmalloc(size); }
void free(void *memory) { dlfree(memory); }
void *calloc(size_t count, size_t size) { return dlcalloc(count, size); }
void *realloc(void *memory, size_t size) { return dlrealloc(memory, size); }
int posix_memalign(void **memory, size_t alignment, size_t size) { return dlposix_memalign(memory, alignment, size); }
void *aligned_alloc(size_t alignment, size_t size) { return dlmemalign(alignment, size); }
void *memalign(size_t alignment, size_t size) { return dlmemalign(alignment, size); }
size_t malloc_usable_size(void *memory) { return dlmalloc_usable_size(memory); }

/* The C library's own names for them. */
void *__libc_malloc(size_t) __attribute__((alias("malloc")));
void __libc_free(void *) __attribute__((alias("free")));
void *__libc_calloc(size_t, size_t) __attribute__((alias("calloc")));
void *__libc_realloc(void *, size_t) __attribute__((alias("realloc")));
