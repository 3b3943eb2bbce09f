/* Payloads to values, with the words that Temporal's other SDKs have for what does not fit. */

#include "internal.h"

#include <string.h>

/* Fails because a value is something else: for retry policies that know other languages, too. */
static isolet_status no_such_value(const char *type, const char *message) {
    return isolet_fail(&(isolet_failure){.message = message, .type = type});
}

/* What a JSON value is, for people. */
static const char *found(yyjson_val *value) {
    switch (yyjson_get_type(value)) {
    case YYJSON_TYPE_NULL:
        return "null";
    case YYJSON_TYPE_BOOL:
        return "a truth value";
    case YYJSON_TYPE_NUM:
        return yyjson_is_real(value) ? "a number with a fraction" : "an integer";
    case YYJSON_TYPE_STR:
        return "a text";
    case YYJSON_TYPE_ARR:
        return "an array";
    case YYJSON_TYPE_OBJ:
        return "an object";
    default:
        return "nothing";
    }
}

static const char *expected(isolet_kind kind) {
    switch (kind) {
    case ISOLET_TEXT:
        return "a text";
    case ISOLET_INT32:
        return "an integer of 32 bits";
    case ISOLET_UINT32:
        return "an integer of 32 bits that is not negative";
    case ISOLET_INT64:
        return "an integer of 64 bits";
    case ISOLET_UINT64:
        return "an integer of 64 bits that is not negative";
    case ISOLET_DOUBLE:
        return "a number";
    case ISOLET_BOOL:
        return "true or false";
    case ISOLET_BYTES:
        return "bytes, a text or an array of bytes";
    default:
        return "a value";
    }
}

static bool read_text(yyjson_val *value, const char **text) {
    if (!yyjson_is_str(value) || strlen(yyjson_get_str(value)) != yyjson_get_len(value)) {
        return false;
    }
    *text = yyjson_get_str(value);
    return true;
}

static bool read_int(yyjson_val *value, int64_t least, int64_t most, int64_t *number) {
    if (!yyjson_is_int(value) || (yyjson_is_uint(value) && yyjson_get_uint(value) > INT64_MAX)) {
        return false;
    }
    *number = yyjson_get_sint(value);
    return least <= *number && *number <= most;
}

static bool read_uint(yyjson_val *value, uint64_t most, uint64_t *number) {
    if (!yyjson_is_int(value) || (yyjson_is_sint(value) && yyjson_get_sint(value) < 0)) {
        return false;
    }
    *number = yyjson_get_uint(value);
    return *number <= most;
}

static bool read_bytes(yyjson_val *value, isolet_bytes *bytes) {
    if (yyjson_is_str(value)) {
        *bytes = (isolet_bytes){(const uint8_t *)yyjson_get_str(value), yyjson_get_len(value)};
        return true;
    }
    if (!yyjson_is_arr(value)) {
        return false;
    }
    uint8_t *data = isolet_memory(yyjson_arr_size(value));
    size_t index, count;
    yyjson_val *item;
    yyjson_arr_foreach(value, index, count, item) {
        uint64_t byte;
        if (!read_uint(item, UINT8_MAX, &byte)) {
            return false;
        }
        data[index] = (uint8_t)byte;
    }
    *bytes = (isolet_bytes){data, yyjson_arr_size(value)};
    return true;
}

/* Reads a JSON value; false when it is something else. */
static bool read(yyjson_val *value, isolet_kind kind, void *target) {
    int64_t number;
    uint64_t positive;
    switch (kind) {
    case ISOLET_TEXT:
        return read_text(value, target);
    case ISOLET_INT32:
        return read_int(value, INT32_MIN, INT32_MAX, &number) && (*(int32_t *)target = (int32_t)number, true);
    case ISOLET_UINT32:
        return read_uint(value, UINT32_MAX, &positive) && (*(uint32_t *)target = (uint32_t)positive, true);
    case ISOLET_INT64:
        return read_int(value, INT64_MIN, INT64_MAX, target);
    case ISOLET_UINT64:
        return read_uint(value, UINT64_MAX, target);
    case ISOLET_DOUBLE:
        return yyjson_is_num(value) && (*(double *)target = yyjson_get_num(value), true);
    case ISOLET_BOOL:
        return yyjson_is_bool(value) && (*(bool *)target = yyjson_get_bool(value), true);
    case ISOLET_BYTES:
        return read_bytes(value, target);
    case ISOLET_JSON:
        *(yyjson_val **)target = value;
        return true;
    case ISOLET_PAYLOAD:
        *(isolet_payload *)target = isolet_json_value(value);
        return true;
    default:
        return false;
    }
}

static bool is(isolet_bytes encoding, const char *name) {
    return encoding.data != NULL && encoding.size == strlen(name) && memcmp(encoding.data, name, encoding.size) == 0;
}

isolet_status isolet_json_of(const isolet_payload *payload, isolet_bytes *json) {
    isolet_bytes encoding = isolet_metadata_value(payload, "encoding");
    if (payload->error != NULL) {
        return no_such_value("TypeError", isolet_print("%s", payload->error));
    }
    if (is(encoding, ISOLET_JSON_PLAIN) || is(encoding, ISOLET_JSON_PROTOBUF)) {
        *json = isolet_data(payload);
        return ISOLET_OK;
    }
    if (is(encoding, ISOLET_BINARY_NULL)) {
        *json = (isolet_bytes){(const uint8_t *)"null", 4};
        return ISOLET_OK;
    }
    if (is(encoding, ISOLET_BINARY_PROTOBUF)) {
        return no_such_value("RuntimeError", "a binary/protobuf payload can only be taken as it is");
    }
    if (is(encoding, ISOLET_BINARY_PLAIN)) {
        return no_such_value("TypeError", "the value is bytes, and can only be taken as bytes");
    }
    const char *name = encoding.data == NULL ? "<unknown>" : isolet_copy((const char *)encoding.data, encoding.size);
    return no_such_value("KeyError", isolet_print("Unknown payload encoding %s", name));
}

/* The value of a JSON text; NULL, with a failure, if it is none. */
static yyjson_val *parsed(isolet_bytes json) {
    yyjson_read_err error = {0};
    /* Without the flag that reads in place, the text is left alone. */
    yyjson_doc *document = yyjson_read_opts((char *)json.data, json.size, YYJSON_READ_NOFLAG, NULL, &error);
    if (document == NULL) {
        no_such_value("TypeError", isolet_print("no JSON: %s at byte %zu", error.msg, error.pos));
        return NULL;
    }
    return yyjson_doc_get_root(document);
}

isolet_status isolet_decode_as(const isolet_payload *payload, isolet_kind kind, void *target) {
    if (kind == ISOLET_PAYLOAD) {
        *(isolet_payload *)target = *payload;
        return ISOLET_OK;
    }
    if (kind == ISOLET_BYTES && is(isolet_metadata_value(payload, "encoding"), ISOLET_BINARY_PLAIN)) {
        *(isolet_bytes *)target = isolet_data(payload);
        return ISOLET_OK;
    }
    isolet_bytes json;
    ISOLET_TRY(isolet_json_of(payload, &json));
    yyjson_val *value = parsed(json);
    if (value == NULL) {
        return ISOLET_FAILED;
    }
    if (!read(value, kind, target)) {
        return no_such_value("TypeError", isolet_print("expected %s, found %s", expected(kind), found(value)));
    }
    return ISOLET_OK;
}

bool isolet_is_null(const isolet_payload *payload) {
    isolet_bytes encoding = isolet_metadata_value(payload, "encoding");
    if (is(encoding, ISOLET_BINARY_NULL)) {
        return true;
    }
    return is(encoding, ISOLET_JSON_PLAIN) && payload->size == 4 && memcmp(isolet_data(payload).data, "null", 4) == 0;
}

isolet_status isolet_field_as(yyjson_val *object, const char *name, bool optional, isolet_kind kind, void *target) {
    if (!yyjson_is_obj(object)) {
        char *message = isolet_print("expected an object with the field %s, found %s", name, found(object));
        return no_such_value("TypeError", message);
    }
    yyjson_val *value = yyjson_obj_get(object, name);
    if (optional && (value == NULL || yyjson_is_null(value))) {
        return ISOLET_OK;
    }
    if (value == NULL) {
        return no_such_value("TypeError", isolet_print("the field %s is missing", name));
    }
    if (!read(value, kind, target)) {
        char *message = isolet_print("field %s: expected %s, found %s", name, expected(kind), found(value));
        return no_such_value("TypeError", message);
    }
    return ISOLET_OK;
}
