/* Memory and texts that stay until the attempt ends, or until they are released. */

#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Before each piece of memory: the one that was made before. */
struct isolet_mark {
    struct isolet_mark *before;
    /* As malloc aligns. */
    max_align_t memory[];
};

static isolet_mark *newest;

void *isolet_lasting_memory(size_t size) {
    void *memory = malloc(size == 0 ? 1 : size);
    if (memory == NULL) {
        /* The host knows that it refused memory, and says so. */
        abort();
    }
    return memory;
}

void *isolet_memory(size_t size) {
    size_t total;
    if (__builtin_add_overflow(size, sizeof(isolet_mark), &total)) {
        abort();
    }
    isolet_mark *made = isolet_lasting_memory(total);
    made->before = newest;
    newest = made;
    return made->memory;
}

void *isolet_longer_memory(void *memory, size_t size) {
    size_t total;
    if (newest == NULL || newest->memory != memory || __builtin_add_overflow(size, sizeof(isolet_mark), &total)) {
        abort();
    }
    isolet_mark *longer = realloc(newest, total);
    if (longer == NULL) {
        abort();
    }
    newest = longer;
    return longer->memory;
}

isolet_mark *isolet_memory_mark(void) { return newest; }

void isolet_memory_release(isolet_mark *mark) {
    while (newest != mark && newest != NULL) {
        isolet_mark *before = newest->before;
        free(newest);
        newest = before;
    }
}

void *isolet_array_of(size_t count, size_t size) {
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) {
        abort();
    }
    return memset(isolet_memory(total), 0, total);
}

char *isolet_copy(const void *text, size_t length) {
    char *copy = isolet_memory(length + 1);
    if (length != 0) {
        memcpy(copy, text, length);
    }
    copy[length] = '\0';
    return copy;
}

const char *isolet_lasting_copy(const char *text) {
    if (text == NULL) {
        return NULL;
    }
    size_t size = strlen(text) + 1;
    return memcpy(isolet_lasting_memory(size), text, size);
}

char *isolet_print_list(const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *text = isolet_copy("", 0);
    if (length > 0) {
        text = isolet_memory((size_t)length + 1);
        vsnprintf(text, (size_t)length + 1, format, again);
    }
    va_end(again);
    return text;
}

char *isolet_print(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = isolet_print_list(format, arguments);
    va_end(arguments);
    return text;
}
