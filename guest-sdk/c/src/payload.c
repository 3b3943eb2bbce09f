/* Values to payloads: `binary/null`, `binary/plain`, and JSON for everything else. */

#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENCODING(name) \
    { "encoding", {(const uint8_t *)name, sizeof name - 1} }

static const isolet_metadata as_null = ENCODING(ISOLET_BINARY_NULL);
static const isolet_metadata as_bytes = ENCODING(ISOLET_BINARY_PLAIN);
static const isolet_metadata as_json = ENCODING(ISOLET_JSON_PLAIN);

static isolet_payload encoded(const isolet_metadata *metadata, const void *data, size_t size) {
    isolet_payload payload = {.metadata = metadata, .metadata_count = 1, .size = size};
    if (size <= sizeof payload.small) {
        if (size != 0) {
            memcpy(payload.small, data, size);
        }
    } else {
        payload.data = (const uint8_t *)isolet_copy(data, size);
    }
    return payload;
}

isolet_bytes isolet_data(const isolet_payload *payload) {
    return (isolet_bytes){payload->data == NULL ? payload->small : payload->data, payload->size};
}

isolet_payload isolet_encoded(const char *encoding, const void *data, size_t size) {
    isolet_metadata *metadata = isolet_memory(sizeof *metadata);
    size_t length = strlen(encoding);
    *metadata = (isolet_metadata){"encoding", {(const uint8_t *)isolet_copy(encoding, length), length}};
    return encoded(metadata, data, size);
}

static isolet_payload without_encoding(const char *why) { return (isolet_payload){.error = why}; }

/* What yyjson has written. */
static isolet_payload written(char *json, size_t length, const yyjson_write_err *error) {
    if (json == NULL) {
        return without_encoding(isolet_print("the value has no JSON form: %s", error->msg));
    }
    isolet_payload payload = encoded(&as_json, json, length);
    free(json);
    return payload;
}

isolet_payload isolet_null(void) { return encoded(&as_null, NULL, 0); }

isolet_payload isolet_json(const yyjson_mut_val *value) {
    if (value == NULL) {
        return without_encoding("there is no value: yyjson returned none");
    }
    if (yyjson_mut_is_null((yyjson_mut_val *)value)) {
        return isolet_null();
    }
    size_t length = 0;
    yyjson_write_err error = {0};
    char *json = yyjson_mut_val_write_opts(value, YYJSON_WRITE_NOFLAG, NULL, &length, &error);
    return written(json, length, &error);
}

isolet_payload isolet_json_value(const yyjson_val *value) {
    if (value == NULL) {
        return without_encoding("there is no value: yyjson returned none");
    }
    if (yyjson_is_null((yyjson_val *)value)) {
        return isolet_null();
    }
    size_t length = 0;
    yyjson_write_err error = {0};
    char *json = yyjson_val_write_opts(value, YYJSON_WRITE_NOFLAG, NULL, &length, &error);
    return written(json, length, &error);
}

yyjson_mut_doc *isolet_document(void) {
    static yyjson_mut_doc *document;
    if (document == NULL) {
        document = yyjson_mut_doc_new(NULL);
        if (document == NULL) {
            abort();
        }
    }
    return document;
}

isolet_payload isolet_text_of_length(const char *text, size_t length) {
    yyjson_mut_val value = {0};
    yyjson_mut_set_strn(&value, text, length);
    return isolet_json(&value);
}

isolet_payload isolet_text(const char *text) {
    return text == NULL ? isolet_null() : isolet_text_of_length(text, strlen(text));
}

isolet_payload isolet_int(int64_t number) {
    char text[24];
    return encoded(&as_json, text, (size_t)snprintf(text, sizeof text, "%lld", (long long)number));
}

isolet_payload isolet_uint(uint64_t number) {
    char text[24];
    return encoded(&as_json, text, (size_t)snprintf(text, sizeof text, "%llu", (unsigned long long)number));
}

isolet_payload isolet_double(double number) {
    yyjson_mut_val value = {0};
    yyjson_mut_set_real(&value, number);
    return isolet_json(&value);
}

isolet_payload isolet_bool(bool value) { return encoded(&as_json, value ? "true" : "false", value ? 4 : 5); }

isolet_payload isolet_format(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = isolet_print_list(format, arguments);
    va_end(arguments);
    return isolet_text(text);
}

isolet_payload isolet_binary(const void *data, size_t size) { return encoded(&as_bytes, data, size); }

isolet_bytes isolet_metadata_value(const isolet_payload *payload, const char *key) {
    for (size_t index = payload->metadata_count; index > 0; index--) {
        const isolet_metadata *entry = &payload->metadata[index - 1];
        if (strcmp(entry->key, key) == 0) {
            return entry->value;
        }
    }
    return (isolet_bytes){NULL, 0};
}
