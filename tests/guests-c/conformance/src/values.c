/* Arguments and results. */

#include <math.h>
#include <string.h>

#include "conformance.h"

isolet_status add(void) {
    int64_t a, b;
    ISOLET_TRY(isolet_argument(0, &a));
    ISOLET_TRY(isolet_argument(1, &b));
    return isolet_complete(isolet_int((int64_t)((uint64_t)a + (uint64_t)b)));
}

isolet_status echo(void) {
    isolet_payload value;
    ISOLET_TRY(isolet_argument(0, &value));
    return isolet_complete(value);
}

isolet_status greet(void) {
    const char *name;
    ISOLET_TRY(isolet_argument(0, &name));
    return isolet_complete(isolet_format("Hello, %s!", name));
}

isolet_status nothing(void) { return ISOLET_OK; }

isolet_status recode(void) {
    yyjson_val *value;
    ISOLET_TRY(isolet_argument(0, &value));
    return isolet_complete(isolet_json_value(value));
}

isolet_status reverse_bytes(void) {
    isolet_bytes bytes;
    ISOLET_TRY(isolet_argument(0, &bytes));
    uint8_t *reversed = isolet_memory(bytes.size);
    for (size_t index = 0; index < bytes.size; index++) {
        reversed[index] = bytes.data[bytes.size - 1 - index];
    }
    return isolet_complete(isolet_binary(reversed, bytes.size));
}

isolet_status unencodable_result(void) { return isolet_complete(isolet_double(NAN)); }

isolet_status with_default(void) {
    int64_t a, b = 5;
    ISOLET_TRY(isolet_argument(0, &a));
    ISOLET_TRY(isolet_optional_argument(1, &b));
    yyjson_mut_val *pair = yyjson_mut_arr(isolet_document());
    yyjson_mut_arr_add_int(isolet_document(), pair, a);
    yyjson_mut_arr_add_int(isolet_document(), pair, b);
    return isolet_complete(isolet_json(pair));
}

yyjson_mut_val *numbers(isolet_bytes bytes) {
    return yyjson_mut_arr_with_uint8(isolet_document(), bytes.data, bytes.size);
}
