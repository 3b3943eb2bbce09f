/* Log lines, and the last words of an attempt. */

#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* The logger by which the host knows why an instance ends itself. */
#define PANIC "isolet.panic"

bool isolet_log_enabled(isolet_level level) { return isolet_activity_log_enabled((isolet_activity_log_level_t)level); }

void isolet_log_fields(const char *logger, isolet_level level, const char *message, const isolet_named_payload *fields,
                       size_t field_count) {
    isolet_mark *mark = isolet_memory_mark();
    isolet_bindings_tuple2_string_string_t *given = isolet_array_of(field_count, sizeof *given);
    for (size_t index = 0; index < field_count; index++) {
        const isolet_payload *value = &fields[index].value;
        isolet_bytes json;
        given[index].f0 = isolet_to_string(fields[index].name);
        if (value->error == NULL && isolet_json_of(value, &json) == ISOLET_OK) {
            given[index].f1 = (isolet_bindings_string_t){(uint8_t *)json.data, json.size};
        } else {
            given[index].f1 = isolet_to_string(value->error == NULL ? "a value without a JSON form" : value->error);
        }
    }
    isolet_activity_log_log_record_t line = {
        .level = (isolet_activity_log_level_t)level,
        .logger = isolet_to_string(logger),
        .message = isolet_to_string(message),
        .fields = {given, field_count},
    };
    isolet_activity_log_write(&line);
    isolet_memory_release(mark);
}

void isolet_log_as(const char *logger, isolet_level level, const char *format, ...) {
    if (!isolet_log_enabled(level)) {
        return;
    }
    isolet_mark *mark = isolet_memory_mark();
    va_list arguments;
    va_start(arguments, format);
    isolet_log_fields(logger, level, isolet_print_list(format, arguments), NULL, 0);
    va_end(arguments);
    isolet_memory_release(mark);
}

void isolet_panic(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    isolet_log_fields(PANIC, ISOLET_ERROR, isolet_print_list(format, arguments), NULL, 0);
    va_end(arguments);
    abort();
}
