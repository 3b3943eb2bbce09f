/* Waiting for events: for a while, for ever, and as an event loop does. */

#include <time.h>

#include "conformance.h"
#include "isolet_bindings.h"

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

isolet_status wait_with_timeouts(void) {
    yyjson_mut_doc *document = isolet_document();
    yyjson_mut_val *told = yyjson_mut_arr(document);
    int64_t began = now_ms();
    for (int round = 0; round < 2; round++) {
        isolet_duration timeout = ISOLET_MILLISECONDS(round * 50);
        yyjson_mut_arr_add_bool(document, told, isolet_wait_for_cancelled(timeout));
        yyjson_mut_arr_add_bool(document, told, isolet_wait_for_worker_shutdown(timeout));
    }
    yyjson_mut_val *pair = yyjson_mut_arr(document);
    yyjson_mut_arr_append(pair, told);
    yyjson_mut_arr_add_int(document, pair, now_ms() - began);
    return isolet_complete(isolet_json(pair));
}

/* Waits on a pollable, as an event loop would on several. */
static void poll_for(isolet_activity_cancellation_pollable_event_t event) {
    wasi_io_poll_own_pollable_t pollable = isolet_activity_cancellation_pollable_subscribe(event);
    wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(pollable));
    wasi_io_poll_pollable_drop_own(pollable);
}

isolet_status wait_cancel_async(void) {
    isolet_heartbeat(isolet_text("waiting"));
    poll_for(ISOLET_ACTIVITY_CANCELLATION_EVENT_CANCELLED);
    return isolet_complete(isolet_bool(isolet_is_cancelled()));
}

static isolet_status shut_down(void) {
    return isolet_complete(isolet_format("shutdown: %s, cancelled: %s", isolet_is_worker_shutdown() ? "true" : "false",
                                         isolet_is_cancelled() ? "true" : "false"));
}

isolet_status stay_until_shutdown_async(void) {
    poll_for(ISOLET_ACTIVITY_CANCELLATION_EVENT_WORKER_SHUTDOWN);
    return shut_down();
}

isolet_status stay_until_shutdown(void) {
    while (!isolet_wait_for_worker_shutdown(BEAT)) {
        isolet_heartbeat(isolet_text("waiting"));
    }
    return shut_down();
}

isolet_status park(void) {
    for (;;) {
        isolet_activity_cancellation_wait(0, NULL);
    }
}
