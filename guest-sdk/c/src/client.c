/* Temporal's client, on the worker's connection. */

#include "internal.h"

#include <string.h>

#define SERVICE "temporal.api.workflowservice.v1.WorkflowService"

static isolet_client_error last;
static bool has_last;

const isolet_client_error *isolet_last_client_error(void) { return has_last ? &last : NULL; }

static isolet_status failed(isolet_client_error error, const char *type, const isolet_failure *cause) {
    last = error;
    has_last = true;
    /* Until the operator grants it, every attempt ends like this one. */
    bool is_denied = error.kind == ISOLET_CLIENT_NOT_GRANTED;
    isolet_fail(&(isolet_failure){
        .message = error.message,
        .type = is_denied ? "SandboxDenied" : type,
        .non_retryable = is_denied,
        .cause = cause,
    });
    last.message = isolet_last_failure()->message;
    last.failure = isolet_last_failure()->cause;
    return ISOLET_FAILED;
}

static isolet_status refused(const isolet_activity_client_client_error_t *given) {
    isolet_client_error error = {0};
    switch (given->tag) {
    case ISOLET_ACTIVITY_CLIENT_CLIENT_ERROR_NOT_GRANTED:
        error.kind = ISOLET_CLIENT_NOT_GRANTED;
        error.message = isolet_from_string(given->val.not_granted);
        break;
    case ISOLET_ACTIVITY_CLIENT_CLIENT_ERROR_INVALID:
        error.kind = ISOLET_CLIENT_INVALID;
        error.message = isolet_from_string(given->val.invalid);
        break;
    case ISOLET_ACTIVITY_CLIENT_CLIENT_ERROR_LEASE_LOST:
        error.kind = ISOLET_CLIENT_LEASE_LOST;
        error.message = "the attempt's lease is lost";
        break;
    default: {
        const isolet_activity_client_rpc_status_t *status = &given->val.status;
        error.kind = ISOLET_CLIENT_STATUS;
        error.code = status->code;
        error.details = (isolet_bytes){status->details.ptr, status->details.len};
        const char *message = isolet_from_string(status->message);
        error.message = isolet_print("%s (gRPC status %u)", message, (unsigned)status->code);
    }
    }
    return failed(error, "ClientError", NULL);
}

/* Every call begins so: refuses values that have no encoding. */
static isolet_status begin(isolet_payloads values) {
    has_last = false;
    const char *error = isolet_error_of(values);
    return error == NULL ? ISOLET_OK : isolet_fail(&(isolet_failure){.message = error, .type = "TypeError"});
}

static isolet_activity_client_list_payload_t to_list(isolet_payloads values) {
    return (isolet_activity_client_list_payload_t){isolet_to_payloads(values), values.count};
}

/* The first value of an answer; null without one. */
static void set_first(const isolet_activity_client_list_payload_t *values, isolet_payload *result) {
    if (result != NULL) {
        *result = values->len == 0 ? isolet_null() : isolet_from_payload(values->ptr);
    }
}

static isolet_status ended(const isolet_activity_client_execution_result_t *end, isolet_payload *result) {
    if (end->tag == ISOLET_ACTIVITY_CLIENT_EXECUTION_RESULT_COMPLETED) {
        set_first(&end->val.completed, result);
        return ISOLET_OK;
    }
    isolet_client_error error = {.kind = ISOLET_CLIENT_ENDED, .message = "what was called failed"};
    return failed(error, "ClientError", isolet_from_chain(&end->val.failed));
}

/* A timeout of the host's; NULL for none. */
static isolet_activity_client_duration_t *to_timeout(isolet_duration timeout, isolet_activity_client_duration_t *at) {
    *at = isolet_to_duration(timeout);
    return timeout < 0 ? NULL : at;
}

/* What is left to the server where it is zero. */
static isolet_activity_client_option_duration_t to_option(isolet_duration duration) {
    return (isolet_activity_client_option_duration_t){duration > 0, isolet_to_duration(duration)};
}

static isolet_activity_client_option_id_reuse_policy_t to_reuse(isolet_id_reuse reuse) {
    bool is_set = reuse != ISOLET_REUSE_AS_THE_SERVER_SAYS;
    return (isolet_activity_client_option_id_reuse_policy_t){
        is_set, is_set ? (isolet_activity_client_id_reuse_policy_t)(reuse - ISOLET_ALLOW_DUPLICATE) : 0};
}

static isolet_activity_client_option_id_conflict_policy_t to_conflict(isolet_id_conflict conflict) {
    bool is_set = conflict != ISOLET_CONFLICT_AS_THE_SERVER_SAYS;
    return (isolet_activity_client_option_id_conflict_policy_t){
        is_set, is_set ? (isolet_activity_client_id_conflict_policy_t)(conflict - ISOLET_CONFLICT_FAIL) : 0};
}

static isolet_activity_client_option_retry_policy_t to_policy(const isolet_retry_policy *policy) {
    isolet_activity_client_option_retry_policy_t made = {.is_some = policy != NULL};
    if (policy != NULL) {
        made.val = isolet_to_retry_policy(policy);
    }
    return made;
}

static isolet_activity_client_option_priority_t to_priority(const isolet_priority *priority) {
    isolet_activity_client_option_priority_t made = {.is_some = priority != NULL};
    if (priority != NULL) {
        made.val = isolet_to_priority(priority);
    }
    return made;
}

static isolet_activity_client_list_tuple2_string_payload_t to_named(const isolet_named_payload *values, size_t count) {
    isolet_activity_client_tuple2_string_payload_t *made = isolet_array_of(count, sizeof *made);
    for (size_t index = 0; index < count; index++) {
        made[index].f0 = isolet_to_string(values[index].name);
        made[index].f1 = isolet_to_payload(&values[index].value);
    }
    return (isolet_activity_client_list_tuple2_string_payload_t){made, count};
}

static isolet_time from_option_time(isolet_activity_client_option_timestamp_t time) {
    return time.is_some ? isolet_from_timestamp(time.val) : ISOLET_NEVER;
}

/* ---- Workflows ---- */

static isolet_activity_client_workflow_reference_t to_workflow(const isolet_workflow *workflow) {
    return (isolet_activity_client_workflow_reference_t){
        .namespace_ = isolet_to_option(workflow->workflow_namespace),
        .workflow_id = isolet_to_string(workflow->workflow_id),
        .run_id = isolet_to_option(workflow->run_id),
    };
}

isolet_status isolet_start_workflow(const isolet_workflow_start *start, const char **run_id) {
    ISOLET_TRY(begin(start->input));
    isolet_activity_client_workflow_start_t given = {
        .namespace_ = isolet_to_option(start->workflow_namespace),
        .workflow_id = isolet_to_string(start->workflow_id),
        .workflow_type = isolet_to_string(start->workflow_type),
        .task_queue = isolet_to_string(start->task_queue),
        .input = to_list(start->input),
        .execution_timeout = to_option(start->execution_timeout),
        .run_timeout = to_option(start->run_timeout),
        .task_timeout = to_option(start->task_timeout),
        .id_reuse = to_reuse(start->id_reuse),
        .id_conflict = to_conflict(start->id_conflict),
        .retry_policy = to_policy(start->retry_policy),
        .start_delay = to_option(start->start_delay),
        .memo = to_named(start->memo, start->memo_count),
        .search_attributes = to_named(start->search_attributes, start->search_attribute_count),
        .priority = to_priority(start->priority),
    };
    isolet_bindings_string_t run;
    isolet_activity_client_client_error_t error;
    if (!isolet_activity_client_start_workflow(&given, &run, &error)) {
        return refused(&error);
    }
    if (run_id != NULL) {
        *run_id = isolet_from_string(run);
    }
    return ISOLET_OK;
}

isolet_status isolet_signal_workflow(const isolet_workflow *workflow, const char *signal, isolet_payloads input) {
    ISOLET_TRY(begin(input));
    isolet_activity_client_workflow_reference_t reference = to_workflow(workflow);
    isolet_bindings_string_t name = isolet_to_string(signal);
    isolet_activity_client_list_payload_t values = to_list(input);
    isolet_activity_client_client_error_t error;
    return isolet_activity_client_signal_workflow(&reference, &name, &values, &error) ? ISOLET_OK : refused(&error);
}

isolet_status isolet_query_workflow(const isolet_workflow *workflow, const char *query, isolet_payloads input,
                                    isolet_payload *result) {
    ISOLET_TRY(begin(input));
    isolet_activity_client_workflow_reference_t reference = to_workflow(workflow);
    isolet_bindings_string_t name = isolet_to_string(query);
    isolet_activity_client_list_payload_t values = to_list(input), answer;
    isolet_activity_client_client_error_t error;
    if (!isolet_activity_client_query_workflow(&reference, &name, &values, &answer, &error)) {
        return refused(&error);
    }
    set_first(&answer, result);
    return ISOLET_OK;
}

isolet_status isolet_update_workflow(const isolet_workflow *workflow, const char *update, const char *update_id,
                                     isolet_payloads input, isolet_duration timeout, isolet_payload *result) {
    ISOLET_TRY(begin(input));
    isolet_activity_client_workflow_reference_t reference = to_workflow(workflow);
    isolet_bindings_string_t name = isolet_to_string(update), id = isolet_to_string(update_id);
    isolet_activity_client_list_payload_t values = to_list(input);
    isolet_activity_client_duration_t longest;
    isolet_activity_client_execution_result_t end;
    isolet_activity_client_client_error_t error;
    if (!isolet_activity_client_update_workflow(&reference, &name, update_id == NULL ? NULL : &id, &values,
                                                to_timeout(timeout, &longest), &end, &error)) {
        return refused(&error);
    }
    return ended(&end, result);
}

isolet_status isolet_cancel_workflow(const isolet_workflow *workflow, const char *reason) {
    ISOLET_TRY(begin(ISOLET_NO_VALUES));
    isolet_activity_client_workflow_reference_t reference = to_workflow(workflow);
    isolet_bindings_string_t text = isolet_to_string(reason);
    isolet_activity_client_client_error_t error;
    return isolet_activity_client_cancel_workflow(&reference, &text, &error) ? ISOLET_OK : refused(&error);
}

isolet_status isolet_terminate_workflow(const isolet_workflow *workflow, const char *reason) {
    ISOLET_TRY(begin(ISOLET_NO_VALUES));
    isolet_activity_client_workflow_reference_t reference = to_workflow(workflow);
    isolet_bindings_string_t text = isolet_to_string(reason);
    isolet_activity_client_client_error_t error;
    return isolet_activity_client_terminate_workflow(&reference, &text, &error) ? ISOLET_OK : refused(&error);
}

isolet_status isolet_describe_workflow(const isolet_workflow *workflow, isolet_workflow_description *description) {
    ISOLET_TRY(begin(ISOLET_NO_VALUES));
    isolet_activity_client_workflow_reference_t reference = to_workflow(workflow);
    isolet_activity_client_workflow_description_t told;
    isolet_activity_client_client_error_t error;
    if (!isolet_activity_client_describe_workflow(&reference, &told, &error)) {
        return refused(&error);
    }
    *description = (isolet_workflow_description){
        .run_id = isolet_from_string(told.run_id),
        .workflow_type = isolet_from_string(told.workflow_type),
        .task_queue = isolet_from_string(told.task_queue),
        .status = (isolet_execution_status)told.status,
        .history_length = told.history_length,
        .start_time = from_option_time(told.start_time),
        .close_time = from_option_time(told.close_time),
    };
    return ISOLET_OK;
}

isolet_status isolet_wait_workflow(const isolet_workflow *workflow, isolet_duration timeout, isolet_payload *result) {
    ISOLET_TRY(begin(ISOLET_NO_VALUES));
    isolet_activity_client_workflow_reference_t reference = to_workflow(workflow);
    isolet_activity_client_duration_t longest;
    isolet_activity_client_execution_result_t end;
    isolet_activity_client_client_error_t error;
    if (!isolet_activity_client_wait_workflow(&reference, to_timeout(timeout, &longest), &end, &error)) {
        return refused(&error);
    }
    return ended(&end, result);
}

/* ---- Standalone activities ---- */

static isolet_activity_client_activity_ids_t to_ids(const isolet_activity *activity) {
    return (isolet_activity_client_activity_ids_t){
        .namespace_ = isolet_to_option(activity->activity_namespace),
        .workflow_id = isolet_to_string(activity->workflow_id),
        .run_id = isolet_to_string(activity->run_id),
        .activity_id = isolet_to_string(activity->activity_id),
    };
}

isolet_status isolet_start_activity(const isolet_activity_start *start, const char **run_id) {
    ISOLET_TRY(begin(start->input));
    isolet_activity_client_activity_start_t given = {
        .namespace_ = isolet_to_option(start->activity_namespace),
        .activity_id = isolet_to_string(start->activity_id),
        .activity_type = isolet_to_string(start->activity_type),
        .task_queue = isolet_to_string(start->task_queue),
        .input = to_list(start->input),
        .schedule_to_close_timeout = to_option(start->schedule_to_close_timeout),
        .schedule_to_start_timeout = to_option(start->schedule_to_start_timeout),
        .start_to_close_timeout = to_option(start->start_to_close_timeout),
        .heartbeat_timeout = to_option(start->heartbeat_timeout),
        .id_reuse = to_reuse(start->id_reuse),
        .id_conflict = to_conflict(start->id_conflict),
        .retry_policy = to_policy(start->retry_policy),
        .start_delay = to_option(start->start_delay),
        .search_attributes = to_named(start->search_attributes, start->search_attribute_count),
        .priority = to_priority(start->priority),
    };
    isolet_bindings_string_t run;
    isolet_activity_client_client_error_t error;
    if (!isolet_activity_client_start_activity(&given, &run, &error)) {
        return refused(&error);
    }
    if (run_id != NULL) {
        *run_id = isolet_from_string(run);
    }
    return ISOLET_OK;
}

isolet_status isolet_wait_activity(const isolet_activity *activity, isolet_duration timeout, isolet_payload *result) {
    ISOLET_TRY(begin(ISOLET_NO_VALUES));
    isolet_activity_client_activity_ids_t ids = to_ids(activity);
    isolet_activity_client_duration_t longest;
    isolet_activity_client_execution_result_t end;
    isolet_activity_client_client_error_t error;
    if (!isolet_activity_client_wait_activity(&ids, to_timeout(timeout, &longest), &end, &error)) {
        return refused(&error);
    }
    return ended(&end, result);
}

isolet_status isolet_describe_activity(const isolet_activity *activity, isolet_activity_description *description) {
    ISOLET_TRY(begin(ISOLET_NO_VALUES));
    isolet_activity_client_activity_ids_t ids = to_ids(activity);
    isolet_activity_client_activity_description_t told;
    isolet_activity_client_client_error_t error;
    if (!isolet_activity_client_describe_activity(&ids, &told, &error)) {
        return refused(&error);
    }
    *description = (isolet_activity_description){
        .run_id = isolet_from_string(told.run_id),
        .activity_type = isolet_from_string(told.activity_type),
        .task_queue = isolet_from_string(told.task_queue),
        .status = (isolet_execution_status)told.status,
        .attempt = told.attempt,
        .heartbeat_details = isolet_from_payloads(told.heartbeat_details.ptr, told.heartbeat_details.len),
        .scheduled_time = from_option_time(told.scheduled_time),
        .close_time = from_option_time(told.close_time),
    };
    return ISOLET_OK;
}

isolet_status isolet_cancel_activity(const isolet_activity *activity, const char *reason) {
    ISOLET_TRY(begin(ISOLET_NO_VALUES));
    isolet_activity_client_activity_ids_t ids = to_ids(activity);
    isolet_bindings_string_t text = isolet_to_string(reason);
    isolet_activity_client_client_error_t error;
    return isolet_activity_client_cancel_activity(&ids, &text, &error) ? ISOLET_OK : refused(&error);
}

isolet_status isolet_terminate_activity(const isolet_activity *activity, const char *reason) {
    ISOLET_TRY(begin(ISOLET_NO_VALUES));
    isolet_activity_client_activity_ids_t ids = to_ids(activity);
    isolet_bindings_string_t text = isolet_to_string(reason);
    isolet_activity_client_client_error_t error;
    return isolet_activity_client_terminate_activity(&ids, &text, &error) ? ISOLET_OK : refused(&error);
}

/* ---- Completion ---- */

static isolet_activity_client_activity_reference_t to_reference(const isolet_activity *activity) {
    isolet_activity_client_activity_reference_t reference = {.tag = ISOLET_ACTIVITY_CLIENT_ACTIVITY_REFERENCE_IDS};
    if (activity->task_token.size != 0) {
        reference.tag = ISOLET_ACTIVITY_CLIENT_ACTIVITY_REFERENCE_TASK_TOKEN;
        reference.val.task_token.ptr = (uint8_t *)activity->task_token.data;
        reference.val.task_token.len = activity->task_token.size;
    } else {
        reference.val.ids = to_ids(activity);
    }
    return reference;
}

isolet_status isolet_complete_activity(const isolet_activity *activity, isolet_payload result) {
    ISOLET_TRY(begin((isolet_payloads){&result, 1}));
    isolet_activity_client_activity_reference_t reference = to_reference(activity);
    isolet_activity_client_payload_t value = isolet_to_payload(&result);
    isolet_activity_client_client_error_t error;
    return isolet_activity_client_complete_activity(&reference, &value, &error) ? ISOLET_OK : refused(&error);
}

isolet_status isolet_fail_activity(const isolet_activity *activity, const isolet_failure *failure) {
    ISOLET_TRY(begin(ISOLET_NO_VALUES));
    isolet_activity_client_activity_reference_t reference = to_reference(activity);
    isolet_activity_client_failure_chain_t chain = isolet_to_chain(isolet_copied(failure));
    isolet_activity_client_client_error_t error;
    return isolet_activity_client_fail_activity(&reference, &chain, &error) ? ISOLET_OK : refused(&error);
}

isolet_status isolet_report_activity_cancelled(const isolet_activity *activity, isolet_payloads details) {
    ISOLET_TRY(begin(details));
    isolet_activity_client_activity_reference_t reference = to_reference(activity);
    isolet_activity_client_list_payload_t values = to_list(details);
    isolet_activity_client_client_error_t error;
    return isolet_activity_client_report_activity_cancelled(&reference, &values, &error) ? ISOLET_OK : refused(&error);
}

isolet_status isolet_heartbeat_activity(const isolet_activity *activity, isolet_payloads details, uint32_t *reasons) {
    ISOLET_TRY(begin(details));
    isolet_activity_client_activity_reference_t reference = to_reference(activity);
    isolet_activity_client_list_payload_t values = to_list(details);
    isolet_activity_client_cancellation_details_t why = 0;
    isolet_activity_client_client_error_t error;
    if (!isolet_activity_client_heartbeat_activity(&reference, &values, &why, &error)) {
        return refused(&error);
    }
    if (reasons != NULL) {
        *reasons = why;
    }
    return ISOLET_OK;
}

isolet_status isolet_rpc(const char *method, isolet_bytes request, isolet_duration timeout, isolet_bytes *response) {
    ISOLET_TRY(begin(ISOLET_NO_VALUES));
    isolet_bindings_string_t service = isolet_to_string(SERVICE), name = isolet_to_string(method);
    isolet_bindings_list_u8_t message = {(uint8_t *)request.data, request.size}, answer;
    isolet_activity_client_duration_t longest;
    isolet_activity_client_client_error_t error;
    if (!isolet_activity_client_rpc(&service, &name, &message, to_timeout(timeout, &longest), &answer, &error)) {
        return refused(&error);
    }
    if (response != NULL) {
        *response = (isolet_bytes){answer.ptr, answer.len};
    }
    return ISOLET_OK;
}
