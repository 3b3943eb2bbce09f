/* Using time, memory and WASI. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conformance.h"

extern char **environ;

isolet_status sleep_ms(void) {
    uint64_t ms;
    ISOLET_TRY(isolet_argument(0, &ms));
    ISOLET_TRY(isolet_sleep(ISOLET_MILLISECONDS(ms)));
    return isolet_complete(isolet_uint(ms));
}

static int64_t now_ms(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

isolet_status cpu_ms(void) {
    int64_t ms;
    ISOLET_TRY(isolet_argument(0, &ms));
    int64_t end = now_ms(CLOCK_MONOTONIC) + ms;
    volatile uint64_t sum = 0;
    while (now_ms(CLOCK_MONOTONIC) < end) {
        for (uint64_t number = 0; number < 100000; number++) {
            sum += number;
        }
    }
    return isolet_complete(isolet_int(ms));
}

isolet_status spin(void) {
    volatile uint64_t count = 0;
    for (;;) {
        count++;
    }
}

isolet_status allocate(void) {
    uint32_t mib;
    ISOLET_TRY(isolet_argument(0, &mib));
    size_t size = (size_t)mib << 20;
    memset(isolet_memory(size), 1, size);
    return isolet_complete(isolet_uint(size));
}

isolet_status clock_ms(void) { return isolet_complete(isolet_int(now_ms(CLOCK_REALTIME))); }

isolet_status random_text(void) {
    uint64_t number;
    if (getentropy(&number, sizeof number) != 0) {
        return isolet_fail_errno("no random bytes");
    }
    return isolet_complete(isolet_format("%016llx", (unsigned long long)number));
}

isolet_status read_file(void) {
    const char *path;
    ISOLET_TRY(isolet_argument(0, &path));
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return isolet_fail_errno("%s", path);
    }
    char *text = NULL;
    size_t size = 0;
    for (;;) {
        text = realloc(text, size + 4096);
        size_t read = fread(text + size, 1, 4096, file);
        size += read;
        if (read == 0) {
            break;
        }
    }
    if (ferror(file)) {
        return isolet_fail_errno("%s", path);
    }
    fclose(file);
    return isolet_complete(isolet_text_of_length(text, size));
}

isolet_status environment(void) {
    yyjson_mut_val *names = yyjson_mut_arr(isolet_document());
    for (char **each = environ; each != NULL && *each != NULL; each++) {
        yyjson_mut_arr_add_strncpy(isolet_document(), names, *each, strcspn(*each, "="));
    }
    return isolet_complete(isolet_json(names));
}
