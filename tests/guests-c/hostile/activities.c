/* What goes wrong in C: each ends its own attempt, and tells how. */

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <isolet.h>

/* Calls itself without an end, with little on the stack. */
__attribute__((noinline)) static uint64_t descend(volatile uint64_t *depth) {
    *depth += 1;
    if (*depth == UINT64_MAX) {
        return 0;
    }
    uint64_t below = descend(depth);
    /* What is read after it makes a loop of it impossible. */
    return below + *depth;
}

static isolet_status deep_recursion(void) {
    volatile uint64_t depth = 0;
    return isolet_complete(isolet_uint(descend(&depth)));
}

/* The same with much on the stack that lies in the memory. */
__attribute__((noinline)) static uint64_t descend_with(uint64_t depth) {
    volatile uint64_t frame[1024];
    memset((void *)frame, (int)depth, sizeof frame);
    return frame[depth % 1024] == 1234567 ? 0 : frame[7] + descend_with(depth + 1);
}

static isolet_status stack_overflow(void) { return isolet_complete(isolet_uint(descend_with(0))); }

static isolet_status aborts(void) { abort(); }

static isolet_status fails_an_assertion(void) {
    volatile int rows = 0;
    assert(rows == 3);
    return ISOLET_OK;
}

static isolet_status panics(void) { isolet_panic("row %d is broken", 7); }

/* Nothing that the compiler sees through. */
static int *volatile nowhere = NULL;

static isolet_status reads_null(void) { return isolet_complete(isolet_int(*nowhere)); }

static isolet_status writes_null(void) {
    *nowhere = 7;
    return ISOLET_OK;
}

static isolet_status (*volatile no_function)(void) = NULL;

static isolet_status calls_null(void) { return no_function(); }

static isolet_status allocates(void) {
    for (;;) {
        size_t size = 1 << 20;
        memset(isolet_memory(size), 1, size);
    }
}

/* So that the compiler leaves out no memory that nobody reads. */
static void *volatile hoarded;

/* Looks at what malloc says, and gives up in its own way. */
static isolet_status allocates_and_looks(void) {
    for (;;) {
        size_t size = 1 << 20;
        void *memory = malloc(size);
        if (memory == NULL) {
            return ISOLET_FAIL(.message = "no memory", .type = "OutOfMemory");
        }
        memset(memory, 1, size);
        hoarded = memory;
    }
}

static isolet_status exits(void) { exit(3); }

static isolet_status says_nothing_of_its_failure(void) { return ISOLET_FAILED; }

ISOLET_ACTIVITIES(
    ISOLET_ACTIVITY(deep_recursion),
    ISOLET_ACTIVITY(stack_overflow),
    ISOLET_ACTIVITY(aborts),
    ISOLET_ACTIVITY(fails_an_assertion),
    ISOLET_ACTIVITY(panics),
    ISOLET_ACTIVITY(reads_null),
    ISOLET_ACTIVITY(writes_null),
    ISOLET_ACTIVITY(calls_null),
    ISOLET_ACTIVITY(allocates),
    ISOLET_ACTIVITY(allocates_and_looks),
    ISOLET_ACTIVITY(exits),
    ISOLET_ACTIVITY(says_nothing_of_its_failure),
)
