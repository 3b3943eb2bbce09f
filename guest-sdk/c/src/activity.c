/* The component: which activities it has, and running one of them. */

#include "internal.h"

#include <stdio.h>
#include <string.h>

/* Of the attempt. */
static isolet_payloads arguments;
static isolet_payload result;
static isolet_payloads cancellation_details;

/* The bindings want an object of their own beside them, which says what this does; `isolet build` says it instead. */
void __component_type_object_force_link_isolet_bindings(void) {}

/* What the bindings would free is given back with the instance. */
void __wasm_export_exports_isolet_activity_handler_list_activities_post_return(uint8_t *returned) { (void)returned; }
void __wasm_export_exports_isolet_activity_handler_execute_post_return(uint8_t *returned) { (void)returned; }

void exports_isolet_activity_handler_list_activities(exports_isolet_activity_handler_list_activity_definition_t *list) {
    exports_isolet_activity_handler_activity_definition_t *made = isolet_array_of(isolet_activity_count, sizeof *made);
    for (size_t index = 0; index < isolet_activity_count; index++) {
        const isolet_definition *definition = &isolet_activities[index];
        if (definition->name == NULL) {
            made[index].name.tag = EXPORTS_ISOLET_ACTIVITY_HANDLER_ACTIVITY_NAME_DYNAMIC;
        } else {
            made[index].name.tag = EXPORTS_ISOLET_ACTIVITY_HANDLER_ACTIVITY_NAME_NAMED;
            made[index].name.val.named = isolet_to_string(definition->name);
        }
        made[index].interruptible = definition->interruptible;
    }
    list->ptr = made;
    list->len = isolet_activity_count;
}

static const isolet_definition *find(const isolet_bindings_string_t *type) {
    const isolet_definition *dynamic = NULL;
    for (size_t index = 0; index < isolet_activity_count; index++) {
        const isolet_definition *definition = &isolet_activities[index];
        if (definition->name == NULL) {
            dynamic = definition;
        } else if (strlen(definition->name) == type->len && memcmp(definition->name, type->ptr, type->len) == 0) {
            return definition;
        }
    }
    return dynamic;
}

static bool is_optional(const char *parameter) {
    size_t length = strlen(parameter);
    return length != 0 && parameter[length - 1] == '?';
}

static size_t count_of(const char *const *parameters) {
    size_t count = 0;
    while (parameters[count] != NULL) {
        count++;
    }
    return count;
}

static isolet_status type_error(char *message) {
    return isolet_fail(&(isolet_failure){.message = message, .type = "TypeError"});
}

/* Fails as Temporal's Python SDK does, so that workflows and retry policies need not know the language. */
static isolet_status missing(const isolet_definition *definition, size_t given, size_t needed) {
    size_t count = needed - given;
    char *list = isolet_print("'%s'", definition->parameters[given]);
    for (size_t index = given + 1; index < needed; index++) {
        const char *between = count == 2 ? " and " : index + 1 == needed ? ", and " : ", ";
        list = isolet_print("%s%s'%s'", list, between, definition->parameters[index]);
    }
    return type_error(isolet_print("%s() missing %zu required positional argument%s: %s", definition->name, count,
                                   count == 1 ? "" : "s", list));
}

static isolet_status too_many(const isolet_definition *definition, size_t needed, size_t most) {
    char *range = needed < most ? isolet_print("from %zu to %zu", needed, most) : isolet_print("%zu", most);
    return type_error(isolet_print("%s() takes %s positional argument%s but %zu %s given", definition->name, range,
                                   most == 1 ? "" : "s", arguments.count, arguments.count == 1 ? "was" : "were"));
}

static isolet_status check_count(const isolet_definition *definition) {
    if (definition->parameters == NULL) {
        return ISOLET_OK;
    }
    size_t most = count_of(definition->parameters);
    size_t needed = most;
    while (needed > 0 && is_optional(definition->parameters[needed - 1])) {
        needed--;
    }
    if (arguments.count < needed) {
        return missing(definition, arguments.count, needed);
    }
    return arguments.count > most ? too_many(definition, needed, most) : ISOLET_OK;
}

static isolet_status run(const isolet_bindings_string_t *type) {
    const isolet_definition *definition = find(type);
    if (definition == NULL) {
        const char *name = isolet_from_string(*type);
        char *message = isolet_print("Activity function %s is not registered in this component", name);
        return isolet_fail(&(isolet_failure){.message = message, .type = "NotFoundError"});
    }
    isolet_set_interruptible(definition->interruptible);
    ISOLET_TRY(check_count(definition));
    return definition->function();
}

void exports_isolet_activity_handler_execute(isolet_bindings_string_t *type,
                                             exports_isolet_activity_handler_list_payload_t *input,
                                             exports_isolet_activity_handler_outcome_t *outcome) {
    arguments = isolet_from_payloads(input->ptr, input->len);
    result = isolet_null();
    isolet_status status = run(type);
    /* What was printed and not written yet. */
    fflush(NULL);
    switch (status) {
    case ISOLET_OK:
        outcome->tag = EXPORTS_ISOLET_ACTIVITY_HANDLER_OUTCOME_COMPLETED;
        outcome->val.completed.is_some = true;
        outcome->val.completed.val = isolet_to_payload(&result);
        break;
    case ISOLET_CANCELLED:
        outcome->tag = EXPORTS_ISOLET_ACTIVITY_HANDLER_OUTCOME_CANCELLED;
        outcome->val.cancelled.ptr = isolet_to_payloads(cancellation_details);
        outcome->val.cancelled.len = cancellation_details.count;
        break;
    case ISOLET_WILL_COMPLETE_ASYNC:
        outcome->tag = EXPORTS_ISOLET_ACTIVITY_HANDLER_OUTCOME_WILL_COMPLETE_ASYNC;
        break;
    default: {
        static const isolet_failure unknown = {.message = "the activity failed and did not say why"};
        const isolet_failure *failure = isolet_last_failure();
        outcome->tag = EXPORTS_ISOLET_ACTIVITY_HANDLER_OUTCOME_FAILED;
        outcome->val.failed = isolet_to_chain(failure == NULL ? &unknown : failure);
    }
    }
}

size_t isolet_argument_count(void) { return arguments.count; }

bool isolet_has_argument(size_t index) {
    return index < arguments.count && !isolet_is_null(&arguments.values[index]);
}

isolet_status isolet_argument_as(size_t index, bool optional, isolet_kind kind, void *target) {
    if (optional && !isolet_has_argument(index)) {
        return ISOLET_OK;
    }
    const isolet_payload null = isolet_null();
    const isolet_payload *argument = index < arguments.count ? &arguments.values[index] : &null;
    if (isolet_decode_as(argument, kind, target) == ISOLET_OK) {
        return ISOLET_OK;
    }
    return isolet_fail_because("Failed decoding arguments", false);
}

isolet_status isolet_complete(isolet_payload value) {
    if (value.error != NULL) {
        return isolet_fail(&(isolet_failure){.message = value.error, .type = "TypeError"});
    }
    result = *isolet_kept((isolet_payloads){&value, 1}).values;
    return ISOLET_OK;
}

isolet_status isolet_cancel(isolet_payloads details) {
    const char *error = isolet_error_of(details);
    if (error != NULL) {
        return isolet_fail(&(isolet_failure){.message = error, .type = "TypeError"});
    }
    cancellation_details = isolet_kept(details);
    return ISOLET_CANCELLED;
}
