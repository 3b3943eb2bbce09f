/* What the files of the SDK share. */

#ifndef ISOLET_INTERNAL_H
#define ISOLET_INTERNAL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isolet.h"
#include "isolet_bindings.h"

/* Encodings of Temporal's default data converter. */
#define ISOLET_BINARY_NULL "binary/null"
#define ISOLET_BINARY_PLAIN "binary/plain"
#define ISOLET_JSON_PROTOBUF "json/protobuf"
#define ISOLET_BINARY_PROTOBUF "binary/protobuf"
#define ISOLET_JSON_PLAIN "json/plain"

/* The host keeps as many failures of a chain. */
#define ISOLET_MOST_CAUSES 32

/* memory.c: zeroed memory for `count` items; more memory in the place of what was made last; a copy of a text, with a
 * zero byte; a text that is printed. */
void *isolet_array_of(size_t count, size_t size);
void *isolet_longer_memory(void *memory, size_t size);
char *isolet_copy(const void *text, size_t length);
char *isolet_print_list(const char *format, va_list arguments);

/* The same for what no release frees. */
void *isolet_lasting_memory(size_t size);
const char *isolet_lasting_copy(const char *text);

/* decode.c */
bool isolet_is_null(const isolet_payload *payload);

/* failure.c: lasting copies, and why one of several values has no encoding, NULL if all have one. */
const isolet_failure *isolet_copied(const isolet_failure *failure);
isolet_payloads isolet_kept(isolet_payloads payloads);
const char *isolet_error_of(isolet_payloads payloads);

/* cancellation.c: whether safe points tell of a cancellation, but for shields; and whether they do here. */
void isolet_set_interruptible(bool interruptible);
bool isolet_may_interrupt(void);

/* convert.c: to what the host takes, which points to what it was made of; and from what it gives. */
isolet_bindings_string_t isolet_to_string(const char *text);
isolet_bindings_option_string_t isolet_to_option(const char *text);
isolet_activity_types_payload_t isolet_to_payload(const isolet_payload *payload);
isolet_activity_types_payload_t *isolet_to_payloads(isolet_payloads payloads);
isolet_activity_types_duration_t isolet_to_duration(isolet_duration duration);
isolet_activity_types_retry_policy_t isolet_to_retry_policy(const isolet_retry_policy *policy);
isolet_activity_types_priority_t isolet_to_priority(const isolet_priority *priority);
isolet_activity_types_failure_chain_t isolet_to_chain(const isolet_failure *failure);
const char *isolet_from_string(isolet_bindings_string_t text);
const char *isolet_from_option(isolet_bindings_option_string_t text);
isolet_payload isolet_from_payload(const isolet_activity_types_payload_t *payload);
isolet_payloads isolet_from_payloads(const isolet_activity_types_payload_t *payloads, size_t count);
isolet_duration isolet_from_duration(isolet_activity_types_duration_t duration);
isolet_time isolet_from_timestamp(isolet_activity_types_timestamp_t timestamp);
const isolet_failure *isolet_from_chain(const isolet_activity_types_failure_chain_t *chain);

#endif
