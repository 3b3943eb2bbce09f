/* Asking Temporal. */

#include <string.h>

#include "conformance.h"

/* The name of a failure's kind, or the type of an application failure. */
static const char *named(const isolet_failure *failure) {
    static const char *const kinds[] = {"",       "Cancelled", "Timeout",       "Terminated",
                                        "Server", "Activity",  "ChildWorkflow", "Other"};
    return failure->kind == ISOLET_APPLICATION_FAILURE ? failure->type : kinds[failure->kind];
}

/* What the last call met. */
static char *explained(void) {
    const isolet_client_error *error = isolet_last_client_error();
    if (error == NULL) {
        return isolet_print("other: %s", isolet_last_failure()->message);
    }
    switch (error->kind) {
    case ISOLET_CLIENT_NOT_GRANTED:
        return isolet_print("not granted: %s", error->message);
    case ISOLET_CLIENT_INVALID:
        return isolet_print("invalid: %s", error->message);
    case ISOLET_CLIENT_LEASE_LOST:
        return isolet_print("lease lost");
    case ISOLET_CLIENT_ENDED: {
        const isolet_failure *failure = error->failure;
        const char *cause =
            failure->cause == NULL ? "" : isolet_print(", because %s", failure->cause->message);
        return isolet_print("%s: %s%s", named(failure), failure->message, cause);
    }
    default:
        if (error->code == ISOLET_STATUS_DEADLINE_EXCEEDED) {
            return isolet_print("timeout");
        }
        if (error->code == ISOLET_STATUS_NOT_FOUND) {
            return isolet_print("not found");
        }
        return isolet_print("status: %s", error->message);
    }
}

static const char *status_name(isolet_execution_status status) {
    static const char *const names[] = {"Unspecified", "Running",        "Completed", "Failed", "Cancelled",
                                        "Terminated",  "ContinuedAsNew", "TimedOut",  "Paused"};
    return names[status];
}

/* The result of a call as text, or its error. */
static isolet_status tell(isolet_status status, const isolet_payload *result) {
    if (status != ISOLET_OK) {
        return isolet_complete(isolet_text(explained()));
    }
    isolet_bytes json;
    ISOLET_TRY(isolet_json_of(result, &json));
    return isolet_complete(isolet_text_of_length((const char *)json.data, json.size));
}

static isolet_status texts(size_t count, const char **each) {
    for (size_t index = 0; index < count; index++) {
        ISOLET_TRY(isolet_argument(index, &each[index]));
    }
    return ISOLET_OK;
}

static void add_json(yyjson_mut_val *object, const char *key, const isolet_payload *value) {
    yyjson_val *json = NULL;
    if (isolet_decode(value, &json) == ISOLET_OK) {
        yyjson_mut_obj_add_val(isolet_document(), object, key, yyjson_val_mut_copy(isolet_document(), json));
    }
}

isolet_status client_drive_workflow(void) {
    const char *given[2], *run, *existing;
    ISOLET_TRY(texts(2, given));
    isolet_named_payload memo[] = {{"why", isolet_text("test")}};
    isolet_workflow_start start = {
        .workflow_id = given[0],
        .workflow_type = "Collect",
        .task_queue = given[1],
        .input = ISOLET_VALUES(isolet_text("first")),
        .memo = memo,
        .memo_count = 1,
    };
    yyjson_mut_doc *document = isolet_document();
    yyjson_mut_val *told = yyjson_mut_obj(document);
    ISOLET_TRY(isolet_start_workflow(&start, &run));
    bool again = isolet_start_workflow(&start, NULL) != ISOLET_OK &&
                 isolet_last_client_error()->code == ISOLET_STATUS_ALREADY_EXISTS;
    yyjson_mut_obj_add_bool(document, told, "again", again);
    start.id_conflict = ISOLET_USE_EXISTING;
    ISOLET_TRY(isolet_start_workflow(&start, &existing));
    yyjson_mut_obj_add_bool(document, told, "existing", strcmp(run, existing) == 0);
    isolet_workflow workflow = {.workflow_id = given[0], .run_id = run}, current = {.workflow_id = given[0]};
    ISOLET_TRY(isolet_signal_workflow(&workflow, "add", ISOLET_VALUES(isolet_text("second"))));
    ISOLET_TRY(isolet_signal_workflow(&current, "add", ISOLET_VALUES(isolet_text("third"))));
    isolet_payload value;
    ISOLET_TRY(isolet_query_workflow(&workflow, "all", ISOLET_NO_VALUES, &value));
    add_json(told, "seen", &value);
    ISOLET_TRY(isolet_update_workflow(&workflow, "count", NULL, ISOLET_NO_VALUES, ISOLET_FOREVER, &value));
    add_json(told, "updated", &value);
    if (isolet_update_workflow(&workflow, "refuse", NULL, ISOLET_NO_VALUES, ISOLET_FOREVER, &value) != ISOLET_OK) {
        yyjson_mut_obj_add_str(document, told, "refused", explained());
    }
    isolet_workflow_description description;
    ISOLET_TRY(isolet_describe_workflow(&workflow, &description));
    char *running = isolet_print("%s %s", status_name(description.status), description.workflow_type);
    yyjson_mut_obj_add_str(document, told, "running", running);
    ISOLET_TRY(isolet_signal_workflow(&workflow, "finish", ISOLET_NO_VALUES));
    ISOLET_TRY(isolet_wait_workflow(&workflow, ISOLET_FOREVER, &value));
    add_json(told, "result", &value);
    ISOLET_TRY(isolet_describe_workflow(&current, &description));
    bool is_closed = description.close_time != ISOLET_NEVER;
    char *ended = isolet_print("%s %s", status_name(description.status), is_closed ? "true" : "false");
    yyjson_mut_obj_add_str(document, told, "ended", ended);
    return isolet_complete(isolet_json(told));
}

/* Starts a workflow and waits for its end. */
static isolet_status execute(const char *type, const char *id, const char *queue, isolet_payloads input,
                             isolet_payload *result) {
    isolet_workflow_start start = {.workflow_id = id, .workflow_type = type, .task_queue = queue, .input = input};
    isolet_workflow workflow = {.workflow_id = id};
    ISOLET_TRY(isolet_start_workflow(&start, &workflow.run_id));
    return isolet_wait_workflow(&workflow, ISOLET_FOREVER, result);
}

isolet_status client_execute_workflow(void) {
    const char *given[3];
    isolet_payload result;
    ISOLET_TRY(texts(3, given));
    if (execute(given[0], given[1], given[2], ISOLET_VALUES(isolet_text("input")), &result) != ISOLET_OK) {
        return isolet_complete(isolet_text(explained()));
    }
    isolet_bytes json;
    ISOLET_TRY(isolet_json_of(&result, &json));
    return isolet_complete(isolet_format("completed: %.*s", (int)json.size, (const char *)json.data));
}

isolet_status client_pass_on_failure(void) {
    const char *given[3];
    isolet_payload result;
    ISOLET_TRY(texts(3, given));
    ISOLET_TRY(execute(given[0], given[1], given[2], ISOLET_NO_VALUES, &result));
    return isolet_complete(result);
}

isolet_status client_stop_workflow(void) {
    const char *given[3];
    isolet_payload result;
    ISOLET_TRY(texts(3, given));
    isolet_workflow_start start = {.workflow_id = given[1], .workflow_type = "Collect", .task_queue = given[2]};
    isolet_workflow workflow = {.workflow_id = given[1]};
    ISOLET_TRY(isolet_start_workflow(&start, &workflow.run_id));
    bool is_cancel = strcmp(given[0], "cancel") == 0;
    ISOLET_TRY(is_cancel ? isolet_cancel_workflow(&workflow, "enough") : isolet_terminate_workflow(&workflow, "enough"));
    return tell(isolet_wait_workflow(&workflow, ISOLET_FOREVER, &result), &result);
}

isolet_status client_wait_forever(void) {
    const char *given[2];
    int64_t ms = -1;
    isolet_payload result;
    ISOLET_TRY(texts(2, given));
    ISOLET_TRY(isolet_optional_argument(2, &ms));
    isolet_workflow_start start = {.workflow_id = given[0],
                                   .workflow_type = "Collect",
                                   .task_queue = given[1],
                                   .id_conflict = ISOLET_USE_EXISTING};
    isolet_workflow workflow = {.workflow_id = given[0]};
    ISOLET_TRY(isolet_start_workflow(&start, &workflow.run_id));
    return tell(isolet_wait_workflow(&workflow, ms < 0 ? ISOLET_FOREVER : ISOLET_MILLISECONDS(ms), &result), &result);
}

isolet_status client_execute_activity(void) {
    const char *given[2];
    yyjson_val *arguments, *item;
    ISOLET_TRY(texts(2, given));
    ISOLET_TRY(isolet_argument(2, &arguments));
    isolet_payload *input = isolet_memory(yyjson_arr_size(arguments) * sizeof *input);
    size_t index, count;
    yyjson_arr_foreach(arguments, index, count, item) { input[index] = isolet_json_value(item); }
    isolet_retry_policy once = {.initial_interval = ISOLET_FOREVER,
                                .backoff_coefficient = 1,
                                .maximum_interval = ISOLET_FOREVER,
                                .maximum_attempts = 1};
    isolet_activity_start start = {
        .activity_id = given[1],
        .activity_type = given[0],
        .task_queue = isolet_info()->task_queue,
        .input = {input, yyjson_arr_size(arguments)},
        .start_to_close_timeout = ISOLET_SECONDS(20),
        .retry_policy = &once,
    };
    isolet_activity activity = {.activity_id = given[1]};
    isolet_activity_description description;
    isolet_payload result;
    ISOLET_TRY(isolet_start_activity(&start, &activity.run_id));
    ISOLET_TRY(isolet_describe_activity(&activity, &description));
    yyjson_mut_val *told = yyjson_mut_obj(isolet_document());
    yyjson_mut_obj_add_str(isolet_document(), told, "type", description.activity_type);
    if (isolet_wait_activity(&activity, ISOLET_FOREVER, &result) == ISOLET_OK) {
        add_json(told, "result", &result);
    } else {
        yyjson_mut_obj_add_str(isolet_document(), told, "result", explained());
    }
    return isolet_complete(isolet_json(told));
}

isolet_status client_stop_activity(void) {
    const char *given[2];
    isolet_payload result;
    ISOLET_TRY(texts(2, given));
    /* Nobody serves the queue, so it does not begin. */
    isolet_activity_start start = {.activity_id = given[1],
                                   .activity_type = "any",
                                   .task_queue = "nobody's",
                                   .schedule_to_close_timeout = ISOLET_SECONDS(20)};
    isolet_activity activity = {.activity_id = given[1]};
    ISOLET_TRY(isolet_start_activity(&start, &activity.run_id));
    bool is_cancel = strcmp(given[0], "cancel") == 0;
    ISOLET_TRY(is_cancel ? isolet_cancel_activity(&activity, "enough") : isolet_terminate_activity(&activity, "enough"));
    return tell(isolet_wait_activity(&activity, ISOLET_FOREVER, &result), &result);
}

isolet_status client_complete_by_id(void) {
    const char *given[3];
    ISOLET_TRY(texts(3, given));
    isolet_activity activity = {.workflow_id = *given[1] == '\0' ? NULL : given[1], .activity_id = given[2]};
    if (strcmp(given[0], "fail") == 0) {
        return isolet_fail_activity(&activity, &(isolet_failure){.message = "not today", .type = "Refused"});
    }
    if (strcmp(given[0], "heartbeat") == 0) {
        uint32_t bits;
        ISOLET_TRY(isolet_heartbeat_activity(&activity, ISOLET_VALUES(isolet_int(1)), &bits));
        return isolet_complete_activity(&activity, isolet_format("heartbeat: %s", reasons(bits != 0, bits)));
    }
    return isolet_complete_activity(&activity, isolet_text("by id"));
}

isolet_status client_complete_by_token(void) {
    isolet_activity activity = {0};
    ISOLET_TRY(isolet_argument(0, &activity.task_token));
    return isolet_complete_activity(&activity, isolet_text("by token"));
}

isolet_status client_tell_token(void) {
    isolet_log_with(ISOLET_INFO, "token",
                    ISOLET_LOG_FIELDS({"token", isolet_json(numbers(isolet_info()->task_token))}));
    return ISOLET_WILL_COMPLETE_ASYNC;
}

/* How a workflow stands, or the error. */
static const char *described(const char *id, const char *in_namespace) {
    isolet_workflow workflow = {.workflow_namespace = in_namespace, .workflow_id = id};
    isolet_workflow_description description;
    bool is_known = isolet_describe_workflow(&workflow, &description) == ISOLET_OK;
    return is_known ? status_name(description.status) : explained();
}

isolet_status client_describe(void) {
    const char *id, *in_namespace = NULL;
    ISOLET_TRY(isolet_argument(0, &id));
    ISOLET_TRY(isolet_optional_argument(1, &in_namespace));
    return isolet_complete(isolet_text(described(id, in_namespace)));
}

isolet_status client_rpc(void) {
    const char *method;
    isolet_bytes request, response;
    ISOLET_TRY(isolet_argument(0, &method));
    ISOLET_TRY(isolet_argument(1, &request));
    if (isolet_rpc(method, request, ISOLET_FOREVER, &response) != ISOLET_OK) {
        return isolet_complete(isolet_text(explained()));
    }
    return isolet_complete(isolet_format("%zu bytes", response.size));
}

isolet_status client_after_deadline(void) {
    const char *id;
    ISOLET_TRY(isolet_argument(0, &id));
    isolet_wait_for_cancelled(ISOLET_FOREVER);
    isolet_log(ISOLET_INFO, "after the deadline: %s", described(id, NULL));
    return ISOLET_OK;
}
