/* Being told to stop. */

#include "internal.h"

static bool is_interruptible = true;
static uint32_t shields;

void isolet_set_interruptible(bool interruptible) { is_interruptible = interruptible; }

bool isolet_may_interrupt(void) { return is_interruptible && shields == 0; }

bool isolet_is_cancelled(void) { return isolet_activity_cancellation_is_cancelled(); }

bool isolet_cancellation_details(uint32_t *reasons) {
    isolet_activity_cancellation_cancellation_details_t details = 0;
    bool is_there = isolet_activity_cancellation_details(&details);
    *reasons = is_there ? details : 0;
    return is_there;
}

bool isolet_is_worker_shutdown(void) { return isolet_activity_cancellation_is_worker_shutdown(); }

isolet_status isolet_check_cancelled(void) {
    return isolet_may_interrupt() && isolet_is_cancelled() ? ISOLET_CANCELLED : ISOLET_OK;
}

/* Waits for these events at most so long; tells which have happened. */
static isolet_activity_cancellation_event_t wait(isolet_activity_cancellation_event_t until, isolet_duration timeout) {
    isolet_activity_cancellation_duration_t duration = isolet_to_duration(timeout);
    return isolet_activity_cancellation_wait(until, timeout < 0 ? NULL : &duration);
}

isolet_status isolet_sleep(isolet_duration duration) {
    isolet_activity_cancellation_event_t until = isolet_may_interrupt() ? ISOLET_ACTIVITY_CANCELLATION_EVENT_CANCELLED : 0;
    return (wait(until, duration) & until) != 0 ? ISOLET_CANCELLED : ISOLET_OK;
}

bool isolet_wait_for_cancelled(isolet_duration timeout) {
    isolet_activity_cancellation_event_t until = ISOLET_ACTIVITY_CANCELLATION_EVENT_CANCELLED;
    return (wait(until, timeout) & until) != 0;
}

bool isolet_wait_for_worker_shutdown(isolet_duration timeout) {
    isolet_activity_cancellation_event_t until = ISOLET_ACTIVITY_CANCELLATION_EVENT_WORKER_SHUTDOWN;
    return (wait(until, timeout) & until) != 0;
}

void isolet_begin_shield(void) { shields++; }

isolet_status isolet_end_shield(void) {
    if (shields > 0) {
        shields--;
    }
    return isolet_check_cancelled();
}
