/* A component whose only activity takes the tasks of every type that no other component takes. */

#include <string.h>

#include <isolet.h>

static isolet_status anything(void) {
    const char *type = isolet_info()->activity_type;
    if (strcmp(type, "sum") != 0) {
        return isolet_complete(isolet_format("%s with %zu arguments", type, isolet_argument_count()));
    }
    int64_t sum = 0;
    for (size_t index = 0; index < isolet_argument_count(); index++) {
        int64_t term;
        ISOLET_TRY(isolet_argument(index, &term));
        sum += term;
    }
    return isolet_complete(isolet_format("sum is %lld", (long long)sum));
}

ISOLET_ACTIVITIES(ISOLET_DYNAMIC(anything))
