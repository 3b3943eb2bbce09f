/* Metrics of the activity's own. */

#include <string.h>

#include "conformance.h"

/* All but the second counter try to be somebody else. */
#define FORGED                                                                                                \
    isolet_text_attribute("namespace", "other"), isolet_text_attribute("task-queue", "other"),                \
        isolet_text_attribute("activity.type", "other"), isolet_text_attribute("tenant", "other"),            \
        isolet_text_attribute("service_name", "other")

isolet_status measure(void) {
    const char *prefix;
    ISOLET_TRY(isolet_argument(0, &prefix));
    isolet_attributes forged = ISOLET_ATTRIBUTES(FORGED);
    isolet_instrument named = {.name = isolet_print("%s_counter", prefix), .description = "Rows read", .unit = "{row}"};
    isolet_counter counter, again;
    ISOLET_TRY(isolet_make_counter(named, &counter));
    isolet_counter_add(counter, 2, forged);
    isolet_counter_add(counter, 3, forged);
    isolet_counter_add(counter, 1,
                       ISOLET_ATTRIBUTES(FORGED, isolet_text_attribute("text", "a \"b\""),
                                         isolet_int_attribute("integer", -1), isolet_double_attribute("float", 0.5),
                                         isolet_bool_attribute("boolean", true)));
    ISOLET_TRY(isolet_make_counter((isolet_instrument){.name = named.name}, &again));
    isolet_counter_add(again, 4, ISOLET_NO_ATTRIBUTES);

    const char *name = isolet_print("%s_histogram", prefix);
    isolet_histogram histogram;
    isolet_histogram_double numbers_of_it;
    isolet_histogram_duration latency;
    ISOLET_TRY(isolet_make_histogram((isolet_instrument){.name = name, .description = "Sizes"}, &histogram));
    isolet_histogram_record(histogram, 70, forged);
    ISOLET_TRY(isolet_make_histogram_double((isolet_instrument){.name = name}, &numbers_of_it));
    isolet_histogram_double_record(numbers_of_it, 0.5, forged);
    isolet_instrument duration = {.name = isolet_print("%s_latency", prefix), .unit = "duration"};
    ISOLET_TRY(isolet_make_histogram_duration(duration, &latency));
    isolet_histogram_duration_record(latency, ISOLET_MILLISECONDS(1500), forged);

    isolet_gauge gauge;
    isolet_gauge_double gauge_double;
    ISOLET_TRY(isolet_make_gauge((isolet_instrument){.name = isolet_print("%s_gauge", prefix)}, &gauge));
    isolet_gauge_set(gauge, 7, forged);
    isolet_gauge_set(gauge, UINT64_MAX, forged);
    isolet_instrument of_numbers = {.name = isolet_print("%s_gauge_float", prefix)};
    ISOLET_TRY(isolet_make_gauge_double(of_numbers, &gauge_double));
    isolet_gauge_double_set(gauge_double, -0.25, forged);
    return ISOLET_OK;
}

isolet_status measure_series(void) {
    const char *name;
    uint32_t series;
    isolet_counter counter;
    ISOLET_TRY(isolet_argument(0, &name));
    ISOLET_TRY(isolet_argument(1, &series));
    ISOLET_TRY(isolet_make_counter((isolet_instrument){.name = name}, &counter));
    for (uint32_t number = 0; number < series; number++) {
        isolet_counter_add(counter, 1, ISOLET_ATTRIBUTES(isolet_int_attribute("number", number)));
    }
    return isolet_complete(isolet_uint(series));
}

static void tell(yyjson_mut_val *told, isolet_status made) {
    const char *text = made == ISOLET_OK ? "made" : isolet_last_failure()->message;
    yyjson_mut_arr_add_strcpy(isolet_document(), told, text);
}

static void tell_counter(yyjson_mut_val *told, isolet_instrument instrument) {
    isolet_counter counter;
    tell(told, isolet_make_counter(instrument, &counter));
}

isolet_status unmakeable_instruments(void) {
    yyjson_mut_val *told = yyjson_mut_arr(isolet_document());
    char long_name[301], long_text[2001];
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    isolet_gauge gauge;
    tell_counter(told, (isolet_instrument){.name = "conformance_taken"});
    tell(told, isolet_make_gauge((isolet_instrument){.name = "conformance_taken"}, &gauge));
    tell_counter(told, (isolet_instrument){.name = ""});
    tell_counter(told, (isolet_instrument){.name = "two words"});
    tell_counter(told, (isolet_instrument){.name = "temporal_request"});
    tell_counter(told, (isolet_instrument){.name = long_name});
    tell_counter(told, (isolet_instrument){.name = "conformance_described", .description = long_text});
    return isolet_complete(isolet_json(told));
}
