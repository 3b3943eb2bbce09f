/* Ways to fail. */

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "conformance.h"

/* Reads a number, as C does. */
static isolet_status number_of(const char *text, long *number) {
    char *end;
    errno = 0;
    *number = strtol(text, &end, 10);
    if (end == text) {
        errno = EINVAL;
    }
    return errno == 0 ? ISOLET_OK : isolet_fail_errno("%s is no number", text);
}

isolet_status fail(void) {
    long number;
    return number_of("x", &number);
}

static isolet_status delay_of(size_t index, isolet_duration *delay) {
    int64_t milliseconds = 0;
    ISOLET_TRY(isolet_optional_argument(index, &milliseconds));
    *delay = ISOLET_MILLISECONDS(milliseconds);
    return ISOLET_OK;
}

isolet_status fail_application(void) {
    const char *type;
    bool non_retryable;
    isolet_duration delay;
    ISOLET_TRY(isolet_argument(0, &type));
    ISOLET_TRY(isolet_argument(1, &non_retryable));
    ISOLET_TRY(delay_of(2, &delay));
    return ISOLET_FAIL(.message = "failed on purpose", .type = type, .non_retryable = non_retryable,
                       .next_retry_delay = delay, .details = ISOLET_VALUES(isolet_text("detail"), isolet_int(42)));
}

isolet_status fail_benign(void) { return ISOLET_FAIL(.message = "expected", .type = "Expected", .benign = true); }

isolet_status fail_cancelled(void) { return ISOLET_CANCELLED; }

isolet_status fail_empty(void) { return ISOLET_FAIL(.message = ""); }

isolet_status fail_until_attempt(void) {
    uint32_t attempt, now = isolet_info()->attempt;
    isolet_duration delay;
    ISOLET_TRY(isolet_argument(0, &attempt));
    ISOLET_TRY(delay_of(1, &delay));
    if (now < attempt) {
        return ISOLET_FAIL(.message = isolet_print("attempt %u fails", (unsigned)now), .type = "NotYet",
                           .next_retry_delay = delay);
    }
    return isolet_complete(isolet_uint(now));
}

isolet_status fail_with_bad_detail(void) {
    return ISOLET_FAIL(.message = "lost", .type = "Lost", .details = ISOLET_VALUES(isolet_double(INFINITY)));
}

isolet_status fail_with_cause(void) {
    long number;
    if (number_of("x", &number) == ISOLET_OK) {
        return ISOLET_OK;
    }
    isolet_failure inner = {.message = "inner", .type = "Inner", .cause = isolet_last_failure()};
    return ISOLET_FAIL(.message = "outer", .type = "Outer", .cause = &inner);
}

isolet_status fail_with_kind(void) {
    static const struct {
        const char *name;
        isolet_failure failure;
    } kinds[] = {
        {"timeout", {.kind = ISOLET_TIMEOUT_FAILURE, .timeout_type = ISOLET_START_TO_CLOSE}},
        {"terminated", {.kind = ISOLET_TERMINATED_FAILURE}},
        {"server", {.kind = ISOLET_SERVER_FAILURE, .non_retryable = true}},
        {"activity",
         {.kind = ISOLET_ACTIVITY_FAILURE, .called_type = "ship", .called_id = "7", .worker_identity = "somebody"}},
        {"child_workflow",
         {.kind = ISOLET_CHILD_WORKFLOW_FAILURE,
          .called_namespace = "default",
          .called_type = "Order",
          .called_id = "order-7",
          .called_run_id = "run"}},
    };
    const char *name;
    ISOLET_TRY(isolet_argument(0, &name));
    for (size_t index = 0; index < sizeof kinds / sizeof *kinds; index++) {
        if (strcmp(kinds[index].name, name) == 0) {
            isolet_failure failure = kinds[index].failure;
            failure.message = "of another kind";
            return isolet_fail(&failure);
        }
    }
    return ISOLET_FAIL(.message = isolet_print("no kind %s", name));
}
