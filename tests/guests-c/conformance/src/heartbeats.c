/* Progress over attempts. */

#include <math.h>
#include <string.h>

#include "conformance.h"

/* What a later attempt knows of the one before. */
static isolet_status resumed(void) {
    yyjson_mut_doc *document = isolet_document();
    yyjson_mut_val *object = yyjson_mut_obj(document);
    uint64_t details = 0;
    ISOLET_TRY(isolet_heartbeat_detail(0, &details));
    yyjson_mut_obj_add_uint(document, object, "attempt", isolet_info()->attempt);
    if (isolet_heartbeat_detail_count() == 0) {
        yyjson_mut_obj_add_null(document, object, "details");
    } else {
        yyjson_mut_obj_add_uint(document, object, "details", details);
    }
    return isolet_complete(isolet_json(object));
}

isolet_status heartbeat_then_fail(void) {
    uint64_t count;
    int64_t pause_ms = 0;
    ISOLET_TRY(isolet_argument(0, &count));
    ISOLET_TRY(isolet_optional_argument(1, &pause_ms));
    if (isolet_info()->attempt > 1) {
        return resumed();
    }
    for (uint64_t number = 1; number <= count; number++) {
        isolet_heartbeat(isolet_uint(number));
        ISOLET_TRY(isolet_sleep(ISOLET_MILLISECONDS(pause_ms)));
    }
    return ISOLET_FAIL(.message = "first attempt");
}

isolet_status heartbeat_then_hang(void) {
    uint64_t count;
    ISOLET_TRY(isolet_argument(0, &count));
    if (isolet_info()->attempt > 1) {
        return resumed();
    }
    for (uint64_t number = 1; number <= count; number++) {
        isolet_heartbeat(isolet_uint(number));
    }
    return spin();
}

isolet_status heartbeat_details(void) {
    const char *kind;
    ISOLET_TRY(isolet_argument(0, &kind));
    if (isolet_info()->attempt > 1) {
        yyjson_mut_val *all = yyjson_mut_arr(isolet_document());
        for (size_t index = 0; index < isolet_heartbeat_detail_count(); index++) {
            yyjson_val *detail = NULL;
            ISOLET_TRY(isolet_heartbeat_detail(index, &detail));
            yyjson_mut_arr_append(all, yyjson_val_mut_copy(isolet_document(), detail));
        }
        return isolet_complete(isolet_json(all));
    }
    if (strcmp(kind, "several") == 0) {
        isolet_heartbeat_all(ISOLET_VALUES(isolet_null(), isolet_int(1), isolet_text("a")));
    } else if (strcmp(kind, "unreadable") == 0) {
        isolet_heartbeat(isolet_encoded("nobody/knows", "?", 1));
    } else {
        isolet_heartbeat_all(ISOLET_NO_VALUES);
    }
    return ISOLET_FAIL(.message = "first attempt");
}

isolet_status heartbeat_unencodable(void) {
    isolet_heartbeat(isolet_double(NAN));
    return isolet_sleep(ISOLET_SECONDS(60));
}

isolet_status heartbeat_unencodable_returned(void) {
    isolet_heartbeat(isolet_double(NAN));
    return isolet_complete(isolet_text("returned"));
}

isolet_status heartbeat_unencodable_caught(void) {
    isolet_heartbeat(isolet_double(NAN));
    bool interrupted = isolet_sleep(ISOLET_SECONDS(60)) == ISOLET_CANCELLED;
    uint32_t bits;
    const char *details = isolet_cancellation_details(&bits) ? "some" : "none";
    return isolet_complete(isolet_format("interrupted: %s, cancelled: %s, details: %s", interrupted ? "true" : "false",
                                         isolet_is_cancelled() ? "true" : "false", details));
}

isolet_status sleep_with_heartbeats(void) {
    uint64_t total_ms, every_ms;
    ISOLET_TRY(isolet_argument(0, &total_ms));
    ISOLET_TRY(isolet_argument(1, &every_ms));
    uint64_t steps = total_ms / (every_ms == 0 ? 1 : every_ms);
    for (uint64_t step = 1; step <= steps; step++) {
        ISOLET_TRY(isolet_sleep(ISOLET_MILLISECONDS(every_ms)));
        isolet_heartbeat(isolet_uint(step));
    }
    return isolet_complete(isolet_uint(steps));
}
