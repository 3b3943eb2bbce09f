/* Between what the SDK shows and what the host takes and gives. */

#include "internal.h"

#include <string.h>

#define NANOSECONDS 1000000000

isolet_bindings_string_t isolet_to_string(const char *text) {
    return (isolet_bindings_string_t){(uint8_t *)text, text == NULL ? 0 : strlen(text)};
}

isolet_bindings_option_string_t isolet_to_option(const char *text) {
    return (isolet_bindings_option_string_t){text != NULL, isolet_to_string(text)};
}

const char *isolet_from_string(isolet_bindings_string_t text) { return isolet_copy(text.ptr, text.len); }

const char *isolet_from_option(isolet_bindings_option_string_t text) {
    return text.is_some ? isolet_from_string(text.val) : NULL;
}

isolet_activity_types_payload_t isolet_to_payload(const isolet_payload *payload) {
    isolet_bytes data = isolet_data(payload);
    isolet_bindings_tuple2_string_list_u8_t *metadata = isolet_array_of(payload->metadata_count, sizeof *metadata);
    for (size_t index = 0; index < payload->metadata_count; index++) {
        isolet_bytes value = payload->metadata[index].value;
        metadata[index].f0 = isolet_to_string(payload->metadata[index].key);
        metadata[index].f1 = (isolet_bindings_list_u8_t){(uint8_t *)value.data, value.size};
    }
    return (isolet_activity_types_payload_t){
        .metadata = {metadata, payload->metadata_count},
        .data = {(uint8_t *)data.data, data.size},
    };
}

isolet_activity_types_payload_t *isolet_to_payloads(isolet_payloads payloads) {
    isolet_activity_types_payload_t *made = isolet_array_of(payloads.count, sizeof *made);
    for (size_t index = 0; index < payloads.count; index++) {
        made[index] = isolet_to_payload(&payloads.values[index]);
    }
    return made;
}

isolet_payload isolet_from_payload(const isolet_activity_types_payload_t *payload) {
    isolet_metadata *metadata = isolet_array_of(payload->metadata.len, sizeof *metadata);
    for (size_t index = 0; index < payload->metadata.len; index++) {
        const isolet_bindings_tuple2_string_list_u8_t *entry = &payload->metadata.ptr[index];
        metadata[index].key = isolet_from_string(entry->f0);
        metadata[index].value = (isolet_bytes){entry->f1.ptr, entry->f1.len};
    }
    return (isolet_payload){
        .metadata = metadata,
        .metadata_count = payload->metadata.len,
        .data = payload->data.len == 0 ? NULL : payload->data.ptr,
        .size = payload->data.len,
    };
}

isolet_payloads isolet_from_payloads(const isolet_activity_types_payload_t *payloads, size_t count) {
    isolet_payload *made = isolet_array_of(count, sizeof *made);
    for (size_t index = 0; index < count; index++) {
        made[index] = isolet_from_payload(&payloads[index]);
    }
    return (isolet_payloads){made, count};
}

isolet_activity_types_duration_t isolet_to_duration(isolet_duration duration) {
    uint64_t nanoseconds = duration < 0 ? 0 : (uint64_t)duration;
    return (isolet_activity_types_duration_t){nanoseconds / NANOSECONDS, (uint32_t)(nanoseconds % NANOSECONDS)};
}

isolet_duration isolet_from_duration(isolet_activity_types_duration_t duration) {
    if (duration.seconds >= INT64_MAX / NANOSECONDS) {
        return INT64_MAX;
    }
    return (isolet_duration)duration.seconds * NANOSECONDS + duration.nanoseconds;
}

isolet_time isolet_from_timestamp(isolet_activity_types_timestamp_t timestamp) {
    int64_t whole;
    if (__builtin_mul_overflow(timestamp.seconds, (int64_t)NANOSECONDS, &whole) ||
        __builtin_add_overflow(whole, (int64_t)timestamp.nanoseconds, &whole)) {
        return timestamp.seconds < 0 ? -INT64_MAX : INT64_MAX;
    }
    return whole;
}

static isolet_activity_types_option_duration_t to_option_duration(isolet_duration duration) {
    return (isolet_activity_types_option_duration_t){duration >= 0, isolet_to_duration(duration)};
}

isolet_activity_types_retry_policy_t isolet_to_retry_policy(const isolet_retry_policy *policy) {
    isolet_bindings_string_t *types = isolet_array_of(policy->non_retryable_type_count, sizeof *types);
    for (size_t index = 0; index < policy->non_retryable_type_count; index++) {
        types[index] = isolet_to_string(policy->non_retryable_types[index]);
    }
    return (isolet_activity_types_retry_policy_t){
        .initial_interval = to_option_duration(policy->initial_interval),
        .backoff_coefficient = policy->backoff_coefficient,
        .maximum_interval = to_option_duration(policy->maximum_interval),
        .maximum_attempts = policy->maximum_attempts,
        .non_retryable_error_types = {types, policy->non_retryable_type_count},
    };
}

isolet_activity_types_priority_t isolet_to_priority(const isolet_priority *priority) {
    return (isolet_activity_types_priority_t){
        .priority_key = {priority->key != 0, priority->key},
        .fairness_key = isolet_to_option(priority->fairness_key),
        .fairness_weight = {priority->fairness_weight != 0, priority->fairness_weight},
    };
}

static isolet_activity_types_failure_kind_t to_kind(const isolet_failure *failure) {
    isolet_activity_types_list_payload_t details = {isolet_to_payloads(failure->details), failure->details.count};
    isolet_activity_types_failure_kind_t kind = {.tag = (uint8_t)failure->kind};
    switch (failure->kind) {
    case ISOLET_CANCELLED_FAILURE:
        kind.val.cancelled = details;
        break;
    case ISOLET_TIMEOUT_FAILURE:
        kind.val.timeout.timeout_type = (isolet_activity_types_timeout_type_t)failure->timeout_type;
        kind.val.timeout.last_heartbeat_details = details;
        break;
    case ISOLET_TERMINATED_FAILURE:
        break;
    case ISOLET_SERVER_FAILURE:
        kind.val.server = failure->non_retryable;
        break;
    case ISOLET_ACTIVITY_FAILURE:
        kind.val.activity.activity_type = isolet_to_string(failure->called_type);
        kind.val.activity.activity_id = isolet_to_string(failure->called_id);
        kind.val.activity.identity = isolet_to_string(failure->worker_identity);
        break;
    case ISOLET_CHILD_WORKFLOW_FAILURE:
        kind.val.child_workflow.namespace_ = isolet_to_string(failure->called_namespace);
        kind.val.child_workflow.workflow_type = isolet_to_string(failure->called_type);
        kind.val.child_workflow.workflow_id = isolet_to_string(failure->called_id);
        kind.val.child_workflow.run_id = isolet_to_string(failure->called_run_id);
        break;
    case ISOLET_OTHER_FAILURE:
        kind.val.other = isolet_to_string(failure->type);
        break;
    default:
        kind.tag = ISOLET_ACTIVITY_TYPES_FAILURE_KIND_APPLICATION;
        kind.val.application = (isolet_activity_types_application_failure_t){
            .type = isolet_to_string(failure->type),
            .non_retryable = failure->non_retryable,
            .details = details,
            .next_retry_delay = {failure->next_retry_delay > 0, isolet_to_duration(failure->next_retry_delay)},
            .category = failure->benign ? ISOLET_ACTIVITY_TYPES_FAILURE_CATEGORY_BENIGN
                                        : ISOLET_ACTIVITY_TYPES_FAILURE_CATEGORY_UNSPECIFIED,
        };
    }
    return kind;
}

isolet_activity_types_failure_chain_t isolet_to_chain(const isolet_failure *failure) {
    isolet_activity_types_failure_t *chain = isolet_array_of(ISOLET_MOST_CAUSES, sizeof *chain);
    size_t count = 0;
    for (; failure != NULL && count < ISOLET_MOST_CAUSES; failure = failure->cause, count++) {
        chain[count].message = isolet_to_string(failure->message);
        chain[count].stack_trace = isolet_to_string(failure->stack_trace);
        chain[count].kind = to_kind(failure);
    }
    return (isolet_activity_types_failure_chain_t){chain, count};
}

static void from_kind(const isolet_activity_types_failure_kind_t *kind, isolet_failure *failure) {
    failure->kind = (isolet_failure_kind)kind->tag;
    switch (kind->tag) {
    case ISOLET_ACTIVITY_TYPES_FAILURE_KIND_APPLICATION: {
        const isolet_activity_types_application_failure_t *fields = &kind->val.application;
        failure->type = isolet_from_string(fields->type);
        failure->non_retryable = fields->non_retryable;
        failure->details = isolet_from_payloads(fields->details.ptr, fields->details.len);
        failure->benign = fields->category == ISOLET_ACTIVITY_TYPES_FAILURE_CATEGORY_BENIGN;
        if (fields->next_retry_delay.is_some) {
            failure->next_retry_delay = isolet_from_duration(fields->next_retry_delay.val);
        }
        break;
    }
    case ISOLET_ACTIVITY_TYPES_FAILURE_KIND_CANCELLED:
        failure->details = isolet_from_payloads(kind->val.cancelled.ptr, kind->val.cancelled.len);
        break;
    case ISOLET_ACTIVITY_TYPES_FAILURE_KIND_TIMEOUT: {
        const isolet_activity_types_list_payload_t *details = &kind->val.timeout.last_heartbeat_details;
        failure->timeout_type = (isolet_timeout_type)kind->val.timeout.timeout_type;
        failure->details = isolet_from_payloads(details->ptr, details->len);
        break;
    }
    case ISOLET_ACTIVITY_TYPES_FAILURE_KIND_SERVER:
        failure->non_retryable = kind->val.server;
        break;
    case ISOLET_ACTIVITY_TYPES_FAILURE_KIND_ACTIVITY:
        failure->called_type = isolet_from_string(kind->val.activity.activity_type);
        failure->called_id = isolet_from_string(kind->val.activity.activity_id);
        failure->worker_identity = isolet_from_string(kind->val.activity.identity);
        break;
    case ISOLET_ACTIVITY_TYPES_FAILURE_KIND_CHILD_WORKFLOW:
        failure->called_namespace = isolet_from_string(kind->val.child_workflow.namespace_);
        failure->called_type = isolet_from_string(kind->val.child_workflow.workflow_type);
        failure->called_id = isolet_from_string(kind->val.child_workflow.workflow_id);
        failure->called_run_id = isolet_from_string(kind->val.child_workflow.run_id);
        break;
    case ISOLET_ACTIVITY_TYPES_FAILURE_KIND_OTHER:
        failure->type = isolet_from_string(kind->val.other);
        break;
    default:
        break;
    }
}

const isolet_failure *isolet_from_chain(const isolet_activity_types_failure_chain_t *chain) {
    const isolet_failure *cause = NULL;
    for (size_t index = chain->len; index > 0; index--) {
        const isolet_activity_types_failure_t *given = &chain->ptr[index - 1];
        isolet_failure *failure = isolet_array_of(1, sizeof *failure);
        failure->message = isolet_from_string(given->message);
        failure->stack_trace = isolet_from_string(given->stack_trace);
        from_kind(&given->kind, failure);
        failure->cause = cause;
        cause = failure;
    }
    return cause;
}
