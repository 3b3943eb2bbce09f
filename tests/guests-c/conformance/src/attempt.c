/* What an attempt knows and tells. */

#include <stdio.h>

#include "conformance.h"
#include "isolet_bindings.h"

isolet_status complete_async(void) {
    isolet_log_with(ISOLET_INFO, "completing elsewhere",
                    ISOLET_LOG_FIELDS({"task_token", isolet_json(numbers(isolet_info()->task_token))}));
    return ISOLET_WILL_COMPLETE_ASYNC;
}

static void add_text(yyjson_mut_val *object, const char *key, const char *text) {
    yyjson_mut_doc *document = isolet_document();
    yyjson_mut_obj_add_val(document, object, key,
                           text == NULL ? yyjson_mut_null(document) : yyjson_mut_str(document, text));
}

static void add_seconds(yyjson_mut_val *object, const char *key, int64_t nanoseconds) {
    yyjson_mut_doc *document = isolet_document();
    yyjson_mut_obj_add_val(document, object, key,
                           nanoseconds < 0 ? yyjson_mut_null(document) : yyjson_mut_real(document, nanoseconds / 1e9));
}

static yyjson_mut_val *text_of(const isolet_payload *payload) {
    isolet_bytes data = isolet_data(payload);
    return yyjson_mut_strncpy(isolet_document(), (const char *)data.data, data.size);
}

static yyjson_mut_val *workflow_of(const isolet_activity_info *attempt) {
    yyjson_mut_doc *document = isolet_document();
    if (attempt->workflow_id == NULL) {
        return yyjson_mut_null(document);
    }
    yyjson_mut_val *workflow = yyjson_mut_obj(document);
    add_text(workflow, "namespace", attempt->workflow_namespace);
    add_text(workflow, "workflow_id", attempt->workflow_id);
    add_text(workflow, "run_id", attempt->workflow_run_id);
    add_text(workflow, "workflow_type", attempt->workflow_type);
    return workflow;
}

static yyjson_mut_val *policy_of(const isolet_retry_policy *given) {
    yyjson_mut_doc *document = isolet_document();
    if (given == NULL) {
        return yyjson_mut_null(document);
    }
    yyjson_mut_val *policy = yyjson_mut_obj(document);
    add_seconds(policy, "initial_interval", given->initial_interval);
    yyjson_mut_obj_add_real(document, policy, "backoff_coefficient", given->backoff_coefficient);
    add_seconds(policy, "maximum_interval", given->maximum_interval);
    yyjson_mut_obj_add_uint(document, policy, "maximum_attempts", given->maximum_attempts);
    yyjson_mut_val *types = yyjson_mut_arr_with_str(document, (const char **)given->non_retryable_types,
                                                    given->non_retryable_type_count);
    yyjson_mut_obj_add_val(document, policy, "non_retryable_error_types", types);
    return policy;
}

static yyjson_mut_val *priority_of(const isolet_priority *given) {
    yyjson_mut_doc *document = isolet_document();
    yyjson_mut_val *priority = yyjson_mut_obj(document), *none = yyjson_mut_null(document);
    yyjson_mut_obj_add_val(document, priority, "priority_key",
                           given->key == 0 ? none : yyjson_mut_uint(document, given->key));
    add_text(priority, "fairness_key", given->fairness_key);
    yyjson_mut_val *weight =
        given->fairness_weight == 0 ? yyjson_mut_null(document) : yyjson_mut_real(document, given->fairness_weight);
    yyjson_mut_obj_add_val(document, priority, "fairness_weight", weight);
    return priority;
}

static void add_times(yyjson_mut_val *all, const isolet_activity_info *attempt) {
    add_seconds(all, "scheduled_time", attempt->scheduled_time);
    add_seconds(all, "current_attempt_scheduled_time", attempt->current_attempt_scheduled_time);
    add_seconds(all, "started_time", attempt->started_time);
    add_seconds(all, "schedule_to_close_timeout", attempt->schedule_to_close_timeout);
    add_seconds(all, "start_to_close_timeout", attempt->start_to_close_timeout);
    add_seconds(all, "heartbeat_timeout", attempt->heartbeat_timeout);
    add_seconds(all, "deadline", attempt->deadline);
}

isolet_status info(void) {
    yyjson_mut_doc *document = isolet_document();
    yyjson_mut_val *all = yyjson_mut_obj(document);
    const isolet_activity_info *attempt = isolet_info();
    add_text(all, "activity_id", attempt->activity_id);
    add_text(all, "activity_run_id", attempt->activity_run_id);
    add_text(all, "activity_type", attempt->activity_type);
    yyjson_mut_obj_add_uint(document, all, "attempt", attempt->attempt);
    add_text(all, "namespace", attempt->activity_namespace);
    add_text(all, "task_queue", attempt->task_queue);
    yyjson_mut_obj_add_val(document, all, "task_token", numbers(attempt->task_token));
    yyjson_mut_obj_add_val(document, all, "workflow", workflow_of(attempt));
    yyjson_mut_obj_add_bool(document, all, "is_local", attempt->is_local);
    add_times(all, attempt);
    yyjson_mut_val *details = yyjson_mut_arr(document), *headers = yyjson_mut_obj(document);
    for (size_t index = 0; index < attempt->heartbeat_details.count; index++) {
        yyjson_mut_arr_append(details, text_of(&attempt->heartbeat_details.values[index]));
    }
    for (size_t index = 0; index < attempt->header_count; index++) {
        yyjson_mut_val *name = yyjson_mut_str(document, attempt->headers[index].name);
        yyjson_mut_obj_add(headers, name, text_of(&attempt->headers[index].value));
    }
    yyjson_mut_obj_add_val(document, all, "heartbeat_details", details);
    yyjson_mut_obj_add_val(document, all, "retry_policy", policy_of(attempt->retry_policy));
    yyjson_mut_obj_add_val(document, all, "priority", priority_of(&attempt->priority));
    yyjson_mut_obj_add_val(document, all, "headers", headers);
    return isolet_complete(isolet_json(all));
}

isolet_status idempotency_key(void) {
    yyjson_mut_doc *document = isolet_document();
    yyjson_mut_val *all = yyjson_mut_arr(document);
    const isolet_activity_info *attempt = isolet_info();
    bool called = attempt->workflow_id != NULL;
    yyjson_mut_arr_add_str(document, all, isolet_idempotency_key());
    yyjson_mut_arr_append(all, called ? yyjson_mut_str(document, attempt->workflow_id) : yyjson_mut_null(document));
    yyjson_mut_arr_add_str(document, all, called ? attempt->workflow_run_id : attempt->activity_run_id);
    return isolet_complete(isolet_json(all));
}

isolet_status log_lines(void) {
    const char *text;
    ISOLET_TRY(isolet_argument(0, &text));
    static const char *const messages[] = {"trace line", "debug line", "info line", "warn line", "error line"};
    for (isolet_level level = ISOLET_TRACE; level <= ISOLET_ERROR; level++) {
        isolet_log_with(level, messages[level],
                        ISOLET_LOG_FIELDS({"text", isolet_text(text)}, {"number", isolet_int(42)},
                                          {"activity_id", isolet_text("forged")}));
    }
    puts("output line");
    fflush(stdout);
    fputs("error output line\n", stderr);
    return ISOLET_OK;
}

static isolet_status times(uint32_t *count) { return isolet_argument(0, count); }

isolet_status call_info(void) {
    uint32_t count;
    ISOLET_TRY(times(&count));
    for (uint32_t time = 0; time < count; time++) {
        /* Asks the host each time: the SDK would keep the answer. */
        isolet_activity_info_activity_info_t given;
        isolet_activity_info_get(&given);
        isolet_activity_info_activity_info_free(&given);
    }
    return isolet_complete(isolet_uint(count));
}

isolet_status call_info_of_sdk(void) {
    uint32_t count;
    ISOLET_TRY(times(&count));
    for (uint32_t time = 0; time < count; time++) {
        const isolet_activity_info *volatile attempt = isolet_info();
        (void)attempt;
    }
    return isolet_complete(isolet_uint(count));
}

isolet_status call_is_cancelled(void) {
    uint32_t count;
    ISOLET_TRY(times(&count));
    for (uint32_t time = 0; time < count; time++) {
        isolet_is_cancelled();
    }
    return isolet_complete(isolet_uint(count));
}

isolet_status call_heartbeat(void) {
    uint32_t count;
    ISOLET_TRY(times(&count));
    for (uint32_t time = 0; time < count; time++) {
        isolet_heartbeat(isolet_uint(time));
    }
    return isolet_complete(isolet_uint(count));
}
