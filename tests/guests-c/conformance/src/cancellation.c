/* Being told to stop, and the ways to answer. */

#include "conformance.h"

const char *reasons(bool has_details, uint32_t bits) {
    static const char *const names[] = {"not_found", "cancel_requested", "paused",
                                        "reset",     "timed_out",        "worker_shutdown"};
    const char *all = "";
    if (!has_details) {
        return "none";
    }
    for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
        if ((bits & (1u << index)) != 0) {
            all = isolet_print("%s%s%s", all, *all == '\0' ? "" : ",", names[index]);
        }
    }
    return all;
}

static const char *reasons_now(void) {
    uint32_t bits;
    bool has_details = isolet_cancellation_details(&bits);
    return reasons(has_details, bits);
}

static void beat_until_cancelled(void) {
    while (!isolet_wait_for_cancelled(BEAT)) {
        isolet_heartbeat(isolet_text("waiting"));
    }
}

static isolet_status caught(void) {
    const char *told = isolet_print("caught: %s", reasons_now());
    isolet_log(ISOLET_INFO, "%s", told);
    return isolet_complete(isolet_text(told));
}

isolet_status wait_cancel_caught(void) {
    while (isolet_sleep(BEAT) == ISOLET_OK) {
        isolet_heartbeat(isolet_text("waiting"));
    }
    return caught();
}

isolet_status wait_cancel_ignored(void) {
    beat_until_cancelled();
    ISOLET_TRY(isolet_sleep(BEAT));
    ISOLET_TRY(isolet_check_cancelled());
    isolet_begin_shield();
    ISOLET_TRY(isolet_end_shield());
    return isolet_complete(isolet_format("ignored: %s", isolet_is_cancelled() ? "true" : "false"));
}

isolet_status wait_cancel_uncaught(void) {
    for (;;) {
        isolet_heartbeat(isolet_text("waiting"));
        ISOLET_TRY(isolet_sleep(BEAT));
    }
}

isolet_status wait_cancel_first_attempt(void) {
    const isolet_activity_info *attempt = isolet_info();
    if (attempt->attempt == 1) {
        return wait_cancel_uncaught();
    }
    yyjson_mut_val *pair = yyjson_mut_arr(isolet_document());
    yyjson_mut_arr_add_uint(isolet_document(), pair, attempt->attempt);
    if (attempt->start_to_close_timeout < 0) {
        yyjson_mut_arr_add_null(isolet_document(), pair);
    } else {
        yyjson_mut_arr_add_int(isolet_document(), pair, attempt->start_to_close_timeout / ISOLET_SECONDS(1));
    }
    return isolet_complete(isolet_json(pair));
}

isolet_status wait_cancel_swallowed(void) {
    while (isolet_sleep(BEAT) == ISOLET_OK) {
        isolet_heartbeat(isolet_text("waiting"));
    }
    isolet_heartbeat(isolet_text("working on"));
    /* The cancellation stands: only in a shield does a sleep last. */
    isolet_begin_shield();
    isolet_sleep(BEAT);
    isolet_end_shield();
    return isolet_complete(isolet_format("swallowed: %s", isolet_is_cancelled() ? "true" : "false"));
}

isolet_status wait_cancel_then_fail(void) {
    beat_until_cancelled();
    return ISOLET_FAIL(.message = "stopped halfway", .type = "Halfway");
}

isolet_status wait_cancel_polling(void) {
    for (;;) {
        isolet_heartbeat(isolet_text("polling"));
        ISOLET_TRY(isolet_check_cancelled());
    }
}

isolet_status wait_cancel_silent(void) {
    isolet_wait_for_cancelled(ISOLET_FOREVER);
    return caught();
}

isolet_status wait_cancel_twice(void) {
    yyjson_mut_doc *document = isolet_document();
    yyjson_mut_val *seen = yyjson_mut_arr(document);
    yyjson_mut_arr_add_str(document, seen, reasons_now());
    beat_until_cancelled();
    yyjson_mut_arr_add_str(document, seen, reasons_now());
    isolet_log(ISOLET_INFO, "cancelled once");
    isolet_wait_for_worker_shutdown(ISOLET_FOREVER);
    /* The second cancellation comes with the shutdown, which has no grace. */
    isolet_begin_shield();
    isolet_sleep(BEAT);
    isolet_end_shield();
    yyjson_mut_arr_add_str(document, seen, reasons_now());
    return isolet_complete(isolet_json(seen));
}

isolet_status wait_cancel_shielded(void) {
    yyjson_mut_doc *document = isolet_document();
    yyjson_mut_val *steps = yyjson_mut_arr(document);
    isolet_begin_shield();
    isolet_begin_shield();
    beat_until_cancelled();
    yyjson_mut_arr_add_str(document, steps, isolet_sleep(BEAT) == ISOLET_OK ? "slept on" : "cut short");
    bool passed = isolet_end_shield() == ISOLET_OK;
    yyjson_mut_arr_add_str(document, steps, passed ? "inner end passed" : "cut short at the inner end");
    yyjson_mut_arr_add_str(document, steps, isolet_sleep(BEAT) == ISOLET_OK ? "slept on" : "cut short");
    bool told = isolet_end_shield() == ISOLET_CANCELLED;
    yyjson_mut_arr_add_str(document, steps, told ? "cancelled after cleanup" : "never cancelled");
    return isolet_complete(isolet_json(steps));
}

isolet_status shield_forever(void) {
    isolet_begin_shield();
    while (isolet_sleep(BEAT) == ISOLET_OK) {
    }
    return isolet_end_shield();
}
