/* What the running attempt is, and telling how far it is. */

#include "internal.h"

#include <string.h>

static isolet_duration from_option_duration(bool is_some, isolet_activity_types_duration_t duration) {
    return is_some ? isolet_from_duration(duration) : ISOLET_FOREVER;
}

static const isolet_retry_policy *from_policy(const isolet_activity_types_retry_policy_t *given) {
    const isolet_bindings_list_string_t *names = &given->non_retryable_error_types;
    const char **types = isolet_lasting_memory(names->len * sizeof *types);
    for (size_t index = 0; index < names->len; index++) {
        types[index] = isolet_lasting_copy(isolet_from_string(names->ptr[index]));
    }
    isolet_retry_policy *policy = isolet_lasting_memory(sizeof *policy);
    *policy = (isolet_retry_policy){
        .initial_interval = from_option_duration(given->initial_interval.is_some, given->initial_interval.val),
        .backoff_coefficient = given->backoff_coefficient,
        .maximum_interval = from_option_duration(given->maximum_interval.is_some, given->maximum_interval.val),
        .maximum_attempts = given->maximum_attempts,
        .non_retryable_types = types,
        .non_retryable_type_count = names->len,
    };
    return policy;
}

static const char *lasting(isolet_bindings_string_t text) { return isolet_lasting_copy(isolet_from_string(text)); }

static void read_names(const isolet_activity_info_activity_info_t *given, isolet_activity_info *info) {
    info->activity_id = lasting(given->activity_id);
    info->activity_run_id = isolet_lasting_copy(isolet_from_option(given->activity_run_id));
    info->activity_type = lasting(given->activity_type);
    info->activity_namespace = lasting(given->namespace_);
    info->task_queue = lasting(given->task_queue);
    info->task_token = (isolet_bytes){given->task_token.ptr, given->task_token.len};
    if (given->workflow.is_some) {
        info->workflow_namespace = lasting(given->workflow.val.namespace_);
        info->workflow_id = lasting(given->workflow.val.workflow_id);
        info->workflow_run_id = lasting(given->workflow.val.run_id);
        info->workflow_type = lasting(given->workflow.val.workflow_type);
    }
}

static void read_times(const isolet_activity_info_activity_info_t *given, isolet_activity_info *info) {
    info->scheduled_time = isolet_from_timestamp(given->scheduled_time);
    info->current_attempt_scheduled_time = isolet_from_timestamp(given->current_attempt_scheduled_time);
    info->started_time = isolet_from_timestamp(given->started_time);
    info->schedule_to_close_timeout =
        from_option_duration(given->schedule_to_close_timeout.is_some, given->schedule_to_close_timeout.val);
    info->start_to_close_timeout =
        from_option_duration(given->start_to_close_timeout.is_some, given->start_to_close_timeout.val);
    info->heartbeat_timeout = from_option_duration(given->heartbeat_timeout.is_some, given->heartbeat_timeout.val);
    info->deadline = given->deadline.is_some ? isolet_from_timestamp(given->deadline.val) : ISOLET_NEVER;
}

static void read_rest(const isolet_activity_info_activity_info_t *given, isolet_activity_info *info) {
    info->attempt = given->attempt;
    info->is_local = given->is_local;
    info->heartbeat_details =
        isolet_kept(isolet_from_payloads(given->heartbeat_details.ptr, given->heartbeat_details.len));
    if (given->retry_policy.is_some) {
        info->retry_policy = from_policy(&given->retry_policy.val);
    }
    info->priority.key = given->priority.priority_key.is_some ? given->priority.priority_key.val : 0;
    info->priority.fairness_key = isolet_lasting_copy(isolet_from_option(given->priority.fairness_key));
    info->priority.fairness_weight = given->priority.fairness_weight.is_some ? given->priority.fairness_weight.val : 0;
    isolet_named_payload *headers = isolet_lasting_memory(given->headers.len * sizeof *headers);
    for (size_t index = 0; index < given->headers.len; index++) {
        isolet_payload value = isolet_from_payload(&given->headers.ptr[index].f1);
        headers[index].name = lasting(given->headers.ptr[index].f0);
        headers[index].value = *isolet_kept((isolet_payloads){&value, 1}).values;
    }
    info->headers = headers;
    info->header_count = given->headers.len;
}

const isolet_activity_info *isolet_info(void) {
    static isolet_activity_info *info;
    if (info == NULL) {
        /* Asked for once: the host's answer never changes. */
        isolet_activity_info_activity_info_t given;
        isolet_activity_info_get(&given);
        isolet_mark *mark = isolet_memory_mark();
        info = memset(isolet_lasting_memory(sizeof *info), 0, sizeof *info);
        read_names(&given, info);
        read_times(&given, info);
        read_rest(&given, info);
        isolet_memory_release(mark);
    }
    return info;
}

const char *isolet_idempotency_key(void) {
    static const char *key;
    if (key == NULL) {
        isolet_bindings_string_t given;
        isolet_activity_info_idempotency_key(&given);
        isolet_mark *mark = isolet_memory_mark();
        key = lasting(given);
        isolet_memory_release(mark);
    }
    return key;
}

void isolet_heartbeat(isolet_payload detail) { isolet_heartbeat_all((isolet_payloads){&detail, 1}); }

void isolet_heartbeat_all(isolet_payloads details) {
    isolet_mark *mark = isolet_memory_mark();
    const char *error = isolet_error_of(details);
    if (error == NULL) {
        isolet_activity_heartbeat_list_payload_t list = {isolet_to_payloads(details), details.count};
        isolet_activity_heartbeat_record(&list);
    } else {
        isolet_activity_types_failure_chain_t chain =
            isolet_to_chain(&(isolet_failure){.message = error, .type = "TypeError"});
        isolet_activity_heartbeat_record_failed(&chain);
    }
    isolet_memory_release(mark);
}

size_t isolet_heartbeat_detail_count(void) { return isolet_info()->heartbeat_details.count; }

isolet_status isolet_heartbeat_detail_as(size_t index, isolet_kind kind, void *target) {
    isolet_payloads details = isolet_info()->heartbeat_details;
    if (index >= details.count || isolet_decode_as(&details.values[index], kind, target) == ISOLET_OK) {
        return ISOLET_OK;
    }
    return isolet_fail_because("Failed decoding heartbeat details", true);
}
