/* Metrics of the activity. */

#include "internal.h"

#include <string.h>

isolet_attribute isolet_text_attribute(const char *name, const char *value) {
    return (isolet_attribute){.name = name, .kind = ISOLET_TEXT, .value.text = value};
}

isolet_attribute isolet_int_attribute(const char *name, int64_t value) {
    return (isolet_attribute){.name = name, .kind = ISOLET_INT64, .value.integer = value};
}

isolet_attribute isolet_double_attribute(const char *name, double value) {
    return (isolet_attribute){.name = name, .kind = ISOLET_DOUBLE, .value.number = value};
}

isolet_attribute isolet_bool_attribute(const char *name, bool value) {
    return (isolet_attribute){.name = name, .kind = ISOLET_BOOL, .value.truth = value};
}

static isolet_activity_metrics_attribute_value_t to_value(const isolet_attribute *attribute) {
    isolet_activity_metrics_attribute_value_t value = {0};
    switch (attribute->kind) {
    case ISOLET_INT64:
        value.tag = ISOLET_ACTIVITY_METRICS_ATTRIBUTE_VALUE_INTEGER;
        value.val.integer = attribute->value.integer;
        break;
    case ISOLET_DOUBLE:
        value.tag = ISOLET_ACTIVITY_METRICS_ATTRIBUTE_VALUE_FLOAT;
        value.val.float_ = attribute->value.number;
        break;
    case ISOLET_BOOL:
        value.tag = ISOLET_ACTIVITY_METRICS_ATTRIBUTE_VALUE_BOOLEAN;
        value.val.boolean = attribute->value.truth;
        break;
    default:
        value.tag = ISOLET_ACTIVITY_METRICS_ATTRIBUTE_VALUE_TEXT;
        value.val.text = isolet_to_string(attribute->value.text);
    }
    return value;
}

static isolet_activity_metrics_attributes_t to_attributes(isolet_attributes attributes) {
    isolet_activity_metrics_tuple2_string_attribute_value_t *values = isolet_array_of(attributes.count, sizeof *values);
    for (size_t index = 0; index < attributes.count; index++) {
        values[index].f0 = isolet_to_string(attributes.values[index].name);
        values[index].f1 = to_value(&attributes.values[index]);
    }
    return (isolet_activity_metrics_attributes_t){values, attributes.count};
}

static isolet_activity_metrics_instrument_t to_instrument(isolet_instrument instrument) {
    return (isolet_activity_metrics_instrument_t){
        .name = isolet_to_string(instrument.name),
        .description = isolet_to_option(instrument.description),
        .unit = isolet_to_option(instrument.unit),
    };
}

static isolet_status not_made(const isolet_activity_metrics_metric_error_t *error) {
    /* The text is in the same place for all. Until the operator grants it, every attempt ends like this one. */
    bool is_denied = error->tag == ISOLET_ACTIVITY_METRICS_METRIC_ERROR_NOT_GRANTED;
    return isolet_fail(&(isolet_failure){
        .message = isolet_from_string(error->val.invalid),
        .type = is_denied ? "SandboxDenied" : "MetricError",
        .non_retryable = is_denied,
    });
}

/* Making an instrument of one kind, and measuring with it; `convert` makes the host's value of ours. */
#define INSTRUMENT(type, host, maker, measure, verb, value_type, convert)                             \
    isolet_status maker(isolet_instrument instrument, isolet_##type *made) {                          \
        isolet_activity_metrics_instrument_t given = to_instrument(instrument);                       \
        isolet_activity_metrics_own_##host##_t own;                                                   \
        isolet_activity_metrics_metric_error_t error;                                                 \
        if (!isolet_activity_metrics_static_##host##_create(&given, &own, &error)) {                  \
            return not_made(&error);                                                                  \
        }                                                                                             \
        made->handle = own.__handle;                                                                  \
        return ISOLET_OK;                                                                             \
    }                                                                                                 \
    void measure(isolet_##type instrument, value_type value, isolet_attributes attributes) {          \
        isolet_mark *mark = isolet_memory_mark();                                                     \
        isolet_activity_metrics_attributes_t given = to_attributes(attributes);                       \
        isolet_activity_metrics_borrow_##host##_t borrowed = {instrument.handle};                     \
        isolet_activity_metrics_method_##host##_##verb(borrowed, convert, &given);                    \
        isolet_memory_release(mark);                                                                  \
    }

INSTRUMENT(counter, counter, isolet_make_counter, isolet_counter_add, add, uint64_t, value)
INSTRUMENT(histogram, histogram, isolet_make_histogram, isolet_histogram_record, record, uint64_t, value)
INSTRUMENT(histogram_double, histogram_float, isolet_make_histogram_double, isolet_histogram_double_record, record,
           double, value)
INSTRUMENT(histogram_duration, histogram_duration, isolet_make_histogram_duration, isolet_histogram_duration_record,
           record, isolet_duration, (isolet_activity_types_duration_t[]){isolet_to_duration(value)})
INSTRUMENT(gauge, gauge, isolet_make_gauge, isolet_gauge_set, set, uint64_t, value)
INSTRUMENT(gauge_double, gauge_float, isolet_make_gauge_double, isolet_gauge_double_set, set, double, value)
