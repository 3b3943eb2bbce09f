/* Temporal activities in C, for Isolet: each attempt runs in a WebAssembly sandbox of its own.
 *
 *     #include <isolet.h>
 *
 *     static isolet_status greet(void) {
 *         const char *name;
 *         ISOLET_TRY(isolet_argument(0, &name));
 *         return isolet_complete(isolet_format("Hello, %s!", name));
 *     }
 *
 *     ISOLET_ACTIVITIES(ISOLET_ACTIVITY(greet, "name"))
 *
 * An attempt is one call of one activity, in an instance that is fresh and runs nothing else. So there is no context to
 * pass around, and
 *
 *   - what functions return, and what they point to, stays until the attempt ends; nothing has to be freed;
 *   - what you pass is copied, or read during the call;
 *   - texts are UTF-8 and end with a zero byte.
 *
 * Functions that can fail return an `isolet_status`. Whatever is not ISOLET_OK is meant to be returned by the activity,
 * which `ISOLET_TRY` does: it ends the attempt with the failure, or the cancellation, that the function met. Whoever
 * goes on instead has handled it. */

#ifndef ISOLET_H
#define ISOLET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "yyjson.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------------------------------------ *
 * Ends
 * ------------------------------------------------------------------------------------------------------------------ */

/* How a call, or an activity, ended. */
typedef enum isolet_status {
    /* Well. As the end of an activity: completed, with what `isolet_complete` was given, or else with null. */
    ISOLET_OK = 0,
    /* With a failure, which `isolet_last_failure` shows. */
    ISOLET_FAILED = 1,
    /* The attempt is to stop. A cancellation that nobody requested is reported as a failure. */
    ISOLET_CANCELLED = 2,
    /* As the end of an activity: it is completed later, from elsewhere, by its task token or its ids. */
    ISOLET_WILL_COMPLETE_ASYNC = 3,
} isolet_status;

/* Returns what `call` comes to, unless that is ISOLET_OK. */
#define ISOLET_TRY(call)                               \
    do {                                               \
        isolet_status isolet_status_of_call_ = (call); \
        if (isolet_status_of_call_ != ISOLET_OK) {     \
            return isolet_status_of_call_;             \
        }                                              \
    } while (0)

/* ------------------------------------------------------------------------------------------------------------------ *
 * Time
 * ------------------------------------------------------------------------------------------------------------------ */

/* A length of time in nanoseconds. Those that are longer than 292 years count as that. */
typedef int64_t isolet_duration;

#define ISOLET_MILLISECONDS(count) ((isolet_duration)(count) * 1000000)
#define ISOLET_SECONDS(count) ((isolet_duration)(count) * 1000000000)

/* No timeout: as long as it takes. Every negative duration means this. */
#define ISOLET_FOREVER ((isolet_duration)-1)

/* A moment in nanoseconds since 1970, in UTC. */
typedef int64_t isolet_time;

/* A moment that is not known. */
#define ISOLET_NEVER INT64_MIN

/* ------------------------------------------------------------------------------------------------------------------ *
 * Values
 * ------------------------------------------------------------------------------------------------------------------ */

/* Bytes of somebody else's. */
typedef struct isolet_bytes {
    const uint8_t *data;
    size_t size;
} isolet_bytes;

/* One entry of a value's metadata. */
typedef struct isolet_metadata {
    const char *key;
    isolet_bytes value;
} isolet_metadata;

/* An encoded value, as Temporal stores it: an argument, a result, a detail. Made by the functions below. */
typedef struct isolet_payload {
    /* What the value is encoded as, in the entry `encoding`, and whatever else was noted. */
    const isolet_metadata *metadata;
    size_t metadata_count;
    /* The value, encoded, of this size: at `data`, or right here if it is small. `isolet_data` knows where. */
    const uint8_t *data;
    size_t size;
    uint8_t small[32];
    /* Why there is none, NULL if there is: a number that is none has no JSON form, nor has text that is not UTF-8. What
     * takes the value fails with this text, and with the type `TypeError`. */
    const char *error;
} isolet_payload;

/* Values in a row. */
typedef struct isolet_payloads {
    const isolet_payload *values;
    size_t count;
} isolet_payloads;

/* Some values: `ISOLET_VALUES(isolet_text("tea"), isolet_int(2))`. In C alone. */
#define ISOLET_VALUES(...)                           \
    ((isolet_payloads){(isolet_payload[]){__VA_ARGS__}, \
                       sizeof((isolet_payload[]){__VA_ARGS__}) / sizeof(isolet_payload)})

/* No values. */
#define ISOLET_NO_VALUES ((isolet_payloads){NULL, 0})

/* null, as `binary/null`. */
isolet_payload isolet_null(void);

/* A text, a number or a truth value, as `json/plain`. */
isolet_payload isolet_text(const char *text);
isolet_payload isolet_text_of_length(const char *text, size_t length);
isolet_payload isolet_int(int64_t number);
isolet_payload isolet_uint(uint64_t number);
isolet_payload isolet_double(double number);
isolet_payload isolet_bool(bool value);

/* A text that is made as `printf` does. */
isolet_payload isolet_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Bytes as they are, as `binary/plain`. */
isolet_payload isolet_binary(const void *data, size_t size);

/* JSON that was made with yyjson, such as in `isolet_document`. */
isolet_payload isolet_json(const yyjson_mut_val *value);
isolet_payload isolet_json_value(const yyjson_val *value);

/* A value of another encoding, such as `json/protobuf`. */
isolet_payload isolet_encoded(const char *encoding, const void *data, size_t size);

/* yyjson's document to make JSON in; the same at each call. */
yyjson_mut_doc *isolet_document(void);

/* The encoded value, as long as `payload` is there. */
isolet_bytes isolet_data(const isolet_payload *payload);

/* The JSON text of a value: of `json/plain`, `json/protobuf` and `binary/null`. ISOLET_FAILED for every other. For other
 * libraries than yyjson. */
isolet_status isolet_json_of(const isolet_payload *payload, isolet_bytes *json);

/* The value of this entry of the metadata, the last one of several; data is NULL if there is none. */
isolet_bytes isolet_metadata_value(const isolet_payload *payload, const char *key);

/* Memory that stays until the attempt ends. An attempt that gets none ends: with `SandboxMemoryLimit`. */
void *isolet_memory(size_t size);

/* What is there now, and freeing all that was made since: for loops that make something for long. */
typedef struct isolet_mark isolet_mark;
isolet_mark *isolet_memory_mark(void);
void isolet_memory_release(isolet_mark *mark);

/* A text that is made as `printf` does. */
char *isolet_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What a value can be read as. */
typedef enum isolet_kind {
    ISOLET_TEXT,    /* const char *: a text. One with a zero byte inside is refused. */
    ISOLET_INT32,   /* int32_t: an integer in its range. */
    ISOLET_UINT32,  /* uint32_t: likewise. */
    ISOLET_INT64,   /* int64_t: likewise. */
    ISOLET_UINT64,  /* uint64_t: likewise. */
    ISOLET_DOUBLE,  /* double: a number. */
    ISOLET_BOOL,    /* bool: true or false. */
    ISOLET_BYTES,   /* isolet_bytes: `binary/plain`, the bytes of a text, or an array of numbers from 0 to 255. */
    ISOLET_JSON,    /* yyjson_val *: whatever has a JSON form. */
    ISOLET_PAYLOAD, /* isolet_payload: whatever it is, untouched. */
} isolet_kind;

#ifndef __cplusplus
/* The kind of what a pointer points to. */
#define ISOLET_KIND(target)             \
    _Generic((target),                  \
        const char **: ISOLET_TEXT,     \
        int32_t *: ISOLET_INT32,        \
        uint32_t *: ISOLET_UINT32,      \
        int64_t *: ISOLET_INT64,        \
        uint64_t *: ISOLET_UINT64,      \
        double *: ISOLET_DOUBLE,        \
        bool *: ISOLET_BOOL,            \
        isolet_bytes *: ISOLET_BYTES,   \
        yyjson_val **: ISOLET_JSON,     \
        isolet_payload *: ISOLET_PAYLOAD)

/* Reads a value as what `target` points to. ISOLET_FAILED when it is something else. */
#define isolet_decode(payload, target) isolet_decode_as((payload), ISOLET_KIND(target), (target))

/* Reads the field `name` of a JSON object likewise. ISOLET_FAILED as well when there is none, or it is null. */
#define isolet_field(object, name, target) isolet_field_as((object), (name), false, ISOLET_KIND(target), (target))

/* The same for a field that may be missing, or null: then `target` stays as it is. */
#define isolet_optional_field(object, name, target) \
    isolet_field_as((object), (name), true, ISOLET_KIND(target), (target))
#endif

isolet_status isolet_decode_as(const isolet_payload *payload, isolet_kind kind, void *target);
isolet_status isolet_field_as(yyjson_val *object, const char *name, bool optional, isolet_kind kind, void *target);

/* ------------------------------------------------------------------------------------------------------------------ *
 * Activities
 * ------------------------------------------------------------------------------------------------------------------ */

/* An activity. */
typedef isolet_status (*isolet_function)(void);

/* How a component declares an activity. Made by the macros below. */
typedef struct isolet_definition {
    /* The activity type; NULL for the one that takes whatever no other does. */
    const char *name;
    isolet_function function;
    /* Whether a cancellation is told at safe points. */
    bool interruptible;
    /* Names of its parameters, and a NULL. Those that end in `?` may be left out. */
    const char *const *parameters;
} isolet_definition;

#define ISOLET_PARAMETERS_(...) ((const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})

/* An activity that is called as its function, with the names of its parameters, in order. Arguments that are missing,
 * or too many, fail the attempt before the function is called. A parameter that may be left out is named with a `?` at
 * the end: `ISOLET_ACTIVITY(resize, "image", "width", "height?")`. */
#define ISOLET_ACTIVITY(function, ...) ISOLET_NAMED(#function, function __VA_OPT__(, ) __VA_ARGS__)

/* The same under a name of its own. */
#define ISOLET_NAMED(name, function, ...) {name, function, true, ISOLET_PARAMETERS_(__VA_ARGS__)}

/* The same for one that no cancellation interrupts: it may look at `isolet_is_cancelled`. */
#define ISOLET_UNINTERRUPTIBLE(function, ...) {#function, function, false, ISOLET_PARAMETERS_(__VA_ARGS__)}

/* The activity that takes the tasks of every type that no other activity of the task queue takes, with any number of
 * arguments. `isolet_info` tells by which type it was called. */
#define ISOLET_DYNAMIC(function) {NULL, function, true, NULL}

/* The activities of the component. Once in a component, at the end of a file, without a semicolon. */
#define ISOLET_ACTIVITIES(...)                                                \
    const isolet_definition isolet_activities[] = {__VA_ARGS__};              \
    const size_t isolet_activity_count = sizeof(isolet_activities) / sizeof(isolet_definition);

extern const isolet_definition isolet_activities[];
extern const size_t isolet_activity_count;

/* ------------------------------------------------------------------------------------------------------------------ *
 * Arguments and results
 * ------------------------------------------------------------------------------------------------------------------ */

/* How many arguments the attempt was given. */
size_t isolet_argument_count(void);

/* Whether the argument at this index, from 0, was given and is not null. */
bool isolet_has_argument(size_t index);

#ifndef __cplusplus
/* Reads the argument at this index as what `target` points to: `const char *name; isolet_argument(0, &name)`.
 * ISOLET_FAILED when it is something else: with the message `Failed decoding arguments`, and why as its cause. */
#define isolet_argument(index, target) isolet_argument_as((index), false, ISOLET_KIND(target), (target))

/* The same for an argument that may be left out, or null: then `target` stays as it is. */
#define isolet_optional_argument(index, target) isolet_argument_as((index), true, ISOLET_KIND(target), (target))
#endif

isolet_status isolet_argument_as(size_t index, bool optional, isolet_kind kind, void *target);

/* Sets the result of the activity: `return isolet_complete(isolet_text("done"));`. ISOLET_FAILED when the value has no
 * encoding. */
isolet_status isolet_complete(isolet_payload result);

/* ------------------------------------------------------------------------------------------------------------------ *
 * Failures
 * ------------------------------------------------------------------------------------------------------------------ */

/* What kind of failure it is. An activity's own is an application failure; others come from what it called. */
typedef enum isolet_failure_kind {
    ISOLET_APPLICATION_FAILURE = 0,
    ISOLET_CANCELLED_FAILURE,
    ISOLET_TIMEOUT_FAILURE,
    ISOLET_TERMINATED_FAILURE,
    ISOLET_SERVER_FAILURE,
    ISOLET_ACTIVITY_FAILURE,
    ISOLET_CHILD_WORKFLOW_FAILURE,
    ISOLET_OTHER_FAILURE,
} isolet_failure_kind;

/* Which timeout passed. */
typedef enum isolet_timeout_type {
    ISOLET_UNKNOWN_TIMEOUT = 0,
    ISOLET_START_TO_CLOSE,
    ISOLET_SCHEDULE_TO_START,
    ISOLET_SCHEDULE_TO_CLOSE,
    ISOLET_HEARTBEAT_TIMEOUT,
} isolet_timeout_type;

/* A failure. What is zero is not set. */
typedef struct isolet_failure {
    /* What went wrong, for people. */
    const char *message;
    /* The type by which workflows and retry policies know it. Of kind ISOLET_OTHER_FAILURE, its protobuf name. */
    const char *type;
    /* Not retried, whatever the retry policy says. */
    bool non_retryable;
    /* Expected in normal operation: not counted as an error, and logged at debug level only. */
    bool benign;
    /* The wait before the next attempt, instead of the retry policy's; 0 for that. */
    isolet_duration next_retry_delay;
    /* Values that explain it, those of a cancellation, or those of the last heartbeat before a timeout. */
    isolet_payloads details;
    /* What caused it. */
    const struct isolet_failure *cause;
    /* The stack where it happened, in the format of its language. */
    const char *stack_trace;
    isolet_failure_kind kind;
    /* Of a timeout: which. */
    isolet_timeout_type timeout_type;
    /* Of an activity or child workflow that was called: its type, its id, and more. */
    const char *called_type;
    const char *called_id;
    const char *called_namespace;
    const char *called_run_id;
    const char *worker_identity;
} isolet_failure;

/* Fails: `return ISOLET_FAIL(.message = "the order is empty", .type = "EmptyOrder", .non_retryable = true);`. In C
 * alone. */
#define ISOLET_FAIL(...) isolet_fail(&(isolet_failure){__VA_ARGS__})

/* Fails with this failure, and with its causes. A detail that has no encoding replaces it by one that says so. Returns
 * ISOLET_FAILED. */
isolet_status isolet_fail(const isolet_failure *failure);

/* Fails for the reason in `errno`: `return isolet_fail_errno("can't read %s", path);` has the message `can't read
 * orders.csv: No such file or directory` and the type `ENOENT`. Returns ISOLET_FAILED. */
isolet_status isolet_fail_errno(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The name of an error number, such as `ENOENT`; `EUNKNOWN` of one without a name. */
const char *isolet_errno_name(int error);

/* What the last call that returned ISOLET_FAILED met; NULL if none has. To be caught, told, or made a cause. */
const isolet_failure *isolet_last_failure(void);

/* Fails with this message, because of the last failure. Returns ISOLET_FAILED. */
isolet_status isolet_fail_because(const char *message, bool non_retryable);

/* Ends as cancelled with these details: `return isolet_cancel(ISOLET_VALUES(isolet_int(3)));`. */
isolet_status isolet_cancel(isolet_payloads details);

/* Ends the attempt here, as a failed assertion does: its failure is a `SandboxTrap` with this message. */
void isolet_panic(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* ------------------------------------------------------------------------------------------------------------------ *
 * The attempt
 * ------------------------------------------------------------------------------------------------------------------ */

/* How the server retries an activity or workflow. */
typedef struct isolet_retry_policy {
    /* The wait before the first retry; negative if it was not told. */
    isolet_duration initial_interval;
    /* By how much each wait is longer than the one before. */
    double backoff_coefficient;
    /* The longest wait; negative leaves it to the server. */
    isolet_duration maximum_interval;
    /* The most attempts, 0 for no limit. */
    uint32_t maximum_attempts;
    /* Failure types that are not retried. */
    const char *const *non_retryable_types;
    size_t non_retryable_type_count;
} isolet_retry_policy;

/* Urgency and fairness. What is zero, or NULL, was not set. */
typedef struct isolet_priority {
    /* 1 is the most urgent. */
    uint32_t key;
    /* Tasks share the queue's capacity between fairness keys. */
    const char *fairness_key;
    /* The weight of the fairness key, 0.001 to 1000. */
    float fairness_weight;
} isolet_priority;

/* A value by its name. */
typedef struct isolet_named_payload {
    const char *name;
    isolet_payload value;
} isolet_named_payload;

/* What the running attempt is. */
typedef struct isolet_activity_info {
    /* The activity's id, unique in its workflow, or in the namespace for a standalone activity. */
    const char *activity_id;
    /* The run id of a standalone activity; NULL for a workflow's. */
    const char *activity_run_id;
    /* The activity's type, as it was asked for. */
    const char *activity_type;
    /* The attempt, from 1. */
    uint32_t attempt;
    const char *activity_namespace;
    const char *task_queue;
    /* The token that completes this very attempt from elsewhere. */
    isolet_bytes task_token;
    /* The workflow that scheduled the activity, all NULL for a standalone activity. */
    const char *workflow_namespace;
    const char *workflow_id;
    const char *workflow_run_id;
    const char *workflow_type;
    /* Always false: local activities run in their workflow's worker. */
    bool is_local;
    /* When the activity was first scheduled, when this attempt was, and when it was handed to the worker. */
    isolet_time scheduled_time;
    isolet_time current_attempt_scheduled_time;
    isolet_time started_time;
    /* Timeouts; negative for none. */
    isolet_duration schedule_to_close_timeout;
    isolet_duration start_to_close_timeout;
    isolet_duration heartbeat_timeout;
    /* When this attempt must have ended, the nearer of both close timeouts; ISOLET_NEVER without either. */
    isolet_time deadline;
    /* The details of the last heartbeat of the attempt before. */
    isolet_payloads heartbeat_details;
    /* The retry policy in effect; NULL for none. */
    const isolet_retry_policy *retry_policy;
    isolet_priority priority;
    /* Headers that interceptors of the caller set. */
    const isolet_named_payload *headers;
    size_t header_count;
} isolet_activity_info;

/* What the running attempt is. */
const isolet_activity_info *isolet_info(void);

/* What is the same for all attempts of this activity, and for no other activity: a server that it is told can tell a retry
 * from something new. 64 hexadecimal digits. */
const char *isolet_idempotency_key(void);

/* ------------------------------------------------------------------------------------------------------------------ *
 * Heartbeats
 * ------------------------------------------------------------------------------------------------------------------ */

/* Tells the server that the attempt is alive, and how far it is: the next attempt finds the value. Returns at once and
 * can be called as often as you like, as the host sends the newest one now and then. It never tells of a cancellation.
 * A value that has no encoding cancels the attempt, which fails for that reason if it obeys. */
void isolet_heartbeat(isolet_payload detail);

/* The same with any number of values. */
void isolet_heartbeat_all(isolet_payloads details);

/* How many values the last heartbeat of the attempt before had. */
size_t isolet_heartbeat_detail_count(void);

#ifndef __cplusplus
/* Reads the value at this index, from 0, of the last heartbeat of the attempt before; leaves `target` as it is if there
 * was none: `int64_t done = 0; ISOLET_TRY(isolet_heartbeat_detail(0, &done));`. ISOLET_FAILED, with a failure that is
 * not retried, when it is something else. */
#define isolet_heartbeat_detail(index, target) isolet_heartbeat_detail_as((index), ISOLET_KIND(target), (target))
#endif

isolet_status isolet_heartbeat_detail_as(size_t index, isolet_kind kind, void *target);

/* ------------------------------------------------------------------------------------------------------------------ *
 * Cancellation
 *
 * A cancellation is told at safe points: `isolet_sleep`, `isolet_check_cancelled` and the end of a shield return
 * ISOLET_CANCELLED once the attempt is cancelled, and each again, unless the activity is not interruptible.
 * ------------------------------------------------------------------------------------------------------------------ */

/* Why an attempt is cancelled; several may hold. */
typedef enum isolet_cancellation_reason {
    /* The server does not know the attempt any more. */
    ISOLET_NOT_FOUND = 1,
    /* The workflow or a client asked for it. */
    ISOLET_CANCEL_REQUESTED = 2,
    /* The activity was paused. */
    ISOLET_PAUSED = 4,
    /* The activity was reset. */
    ISOLET_RESET = 8,
    /* A timeout of the attempt has passed. */
    ISOLET_TIMED_OUT = 16,
    /* The worker is shutting down and its grace has passed. */
    ISOLET_WORKER_SHUTDOWN = 32,
} isolet_cancellation_reason;

/* Whether the attempt is cancelled, for whatever reason. Once true, always true. */
bool isolet_is_cancelled(void);

/* Why it is cancelled, as bits of `isolet_cancellation_reason`. False, with 0, while it is not, and after a heartbeat
 * that has no encoding. */
bool isolet_cancellation_details(uint32_t *reasons);

/* Whether the worker has begun to shut down. The attempt is cancelled only when the worker's grace has passed. */
bool isolet_is_worker_shutdown(void);

/* A safe point: ISOLET_CANCELLED once the attempt is cancelled. */
isolet_status isolet_check_cancelled(void);

/* Sleeps: a safe point that a cancellation ends at once, also one before the sleep. In a shield, and in an activity
 * that is not interruptible, it lasts to its end. */
isolet_status isolet_sleep(isolet_duration duration);

/* Waits until the attempt is cancelled, at most so long, and tells whether it is. */
bool isolet_wait_for_cancelled(isolet_duration timeout);

/* Waits until the worker begins to shut down, at most so long, and tells whether it has. */
bool isolet_wait_for_worker_shutdown(isolet_duration timeout);

/* Begins a part, such as cleaning up, in which safe points don't tell of a cancellation. Parts may be in others. */
void isolet_begin_shield(void);

/* Ends it: a safe point if it was the outermost one. */
isolet_status isolet_end_shield(void);

/* ------------------------------------------------------------------------------------------------------------------ *
 * Log
 * ------------------------------------------------------------------------------------------------------------------ */

/* How important a line is. */
typedef enum isolet_level {
    ISOLET_TRACE,
    ISOLET_DEBUG,
    ISOLET_INFO,
    ISOLET_WARN,
    ISOLET_ERROR,
} isolet_level;

/* The name of the logger, such as `-DISOLET_LOGGER='"billing"'`. */
#ifndef ISOLET_LOGGER
#ifdef __cplusplus
/* The file that calls, and not the one that has this text. */
#define ISOLET_LOGGER __builtin_FILE_NAME()
#else
#define ISOLET_LOGGER __FILE_NAME__
#endif
#endif

/* Fields of a line: `ISOLET_LOG_FIELDS({"rows", isolet_int(3)}, {"file", isolet_text(path)})`. In C alone. */
#define ISOLET_LOG_FIELDS(...)               \
    (isolet_named_payload[]){__VA_ARGS__}, \
        sizeof((isolet_named_payload[]){__VA_ARGS__}) / sizeof(isolet_named_payload)

/* Whether lines of this level are kept: saves the work of making those that are not. */
bool isolet_log_enabled(isolet_level level);

/* Writes a line, as `printf` does. The host adds what identifies the attempt. */
#define isolet_log(level, ...) isolet_log_as(ISOLET_LOGGER, (level), __VA_ARGS__)

/* Writes a line with fields: `isolet_log_with(ISOLET_INFO, "read", ISOLET_LOG_FIELDS({"rows", isolet_int(3)}))`. */
#define isolet_log_with(level, message, ...) isolet_log_fields(ISOLET_LOGGER, (level), (message), __VA_ARGS__)

void isolet_log_as(const char *logger, isolet_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void isolet_log_fields(const char *logger, isolet_level level, const char *message,
                       const isolet_named_payload *fields, size_t field_count);

/* ------------------------------------------------------------------------------------------------------------------ *
 * Metrics
 *
 * The worker exports them, with the attributes `namespace`, `task_queue` and `activity_type`.
 * ------------------------------------------------------------------------------------------------------------------ */

/* What an instrument is called: its name, and, or NULL, what it measures, for people, and its unit. For durations the
 * unit `duration` means the exporter's own. */
typedef struct isolet_instrument {
    const char *name;
    const char *description;
    const char *unit;
} isolet_instrument;

/* An attribute: its name and its value. */
typedef struct isolet_attribute {
    const char *name;
    isolet_kind kind; /* ISOLET_TEXT, ISOLET_INT64, ISOLET_DOUBLE or ISOLET_BOOL. */
    union {
        const char *text;
        int64_t integer;
        double number;
        bool truth;
    } value;
} isolet_attribute;

isolet_attribute isolet_text_attribute(const char *name, const char *value);
isolet_attribute isolet_int_attribute(const char *name, int64_t value);
isolet_attribute isolet_double_attribute(const char *name, double value);
isolet_attribute isolet_bool_attribute(const char *name, bool value);

/* Attributes in a row. */
typedef struct isolet_attributes {
    const isolet_attribute *values;
    size_t count;
} isolet_attributes;

/* Some attributes: `ISOLET_ATTRIBUTES(isolet_text_attribute("kind", "csv"))`. In C alone. */
#define ISOLET_ATTRIBUTES(...)                             \
    ((isolet_attributes){(isolet_attribute[]){__VA_ARGS__}, \
                         sizeof((isolet_attribute[]){__VA_ARGS__}) / sizeof(isolet_attribute)})

/* No attributes. */
#define ISOLET_NO_ATTRIBUTES ((isolet_attributes){NULL, 0})

/* A sum that only grows; distributions of whole numbers, numbers and durations; values that go up and down. */
typedef struct { int32_t handle; } isolet_counter;
typedef struct { int32_t handle; } isolet_histogram;
typedef struct { int32_t handle; } isolet_histogram_double;
typedef struct { int32_t handle; } isolet_histogram_duration;
typedef struct { int32_t handle; } isolet_gauge;
typedef struct { int32_t handle; } isolet_gauge_double;

/* Make an instrument, or find the one of the same name. ISOLET_FAILED when there can be none: the component was granted
 * no metrics (with the type `SandboxDenied`), the name can't be used, or there are too many. */
isolet_status isolet_make_counter(isolet_instrument instrument, isolet_counter *made);
isolet_status isolet_make_histogram(isolet_instrument instrument, isolet_histogram *made);
isolet_status isolet_make_histogram_double(isolet_instrument instrument, isolet_histogram_double *made);
isolet_status isolet_make_histogram_duration(isolet_instrument instrument, isolet_histogram_duration *made);
isolet_status isolet_make_gauge(isolet_instrument instrument, isolet_gauge *made);
isolet_status isolet_make_gauge_double(isolet_instrument instrument, isolet_gauge_double *made);

/* Measure. */
void isolet_counter_add(isolet_counter counter, uint64_t value, isolet_attributes attributes);
void isolet_histogram_record(isolet_histogram histogram, uint64_t value, isolet_attributes attributes);
void isolet_histogram_double_record(isolet_histogram_double histogram, double value, isolet_attributes attributes);
void isolet_histogram_duration_record(isolet_histogram_duration histogram, isolet_duration value,
                                      isolet_attributes attributes);
void isolet_gauge_set(isolet_gauge gauge, uint64_t value, isolet_attributes attributes);
void isolet_gauge_double_set(isolet_gauge_double gauge, double value, isolet_attributes attributes);

/* ------------------------------------------------------------------------------------------------------------------ *
 * HTTP
 *
 * The host sends requests, to the servers that the operator grants: docs/http.md. Redirects are not followed, and bodies
 * are not decompressed. Every call that waits is a safe point: a cancellation ends it at once, but for shields. A call
 * that fails has the type `HttpError` and names the request without its query; one that is not granted has the type
 * `SandboxDenied`, with the line to add to the configuration.
 *
 *     isolet_http_response *response;
 *     isolet_bytes page;
 *     ISOLET_TRY(isolet_http_get("https://api.example.com/orders?page=2", &response));
 *     ISOLET_TRY(isolet_http_check_status(response));
 *     ISOLET_TRY(isolet_http_read_all(response, 1 << 20, &page));
 * ------------------------------------------------------------------------------------------------------------------ */

/* A header. */
typedef struct isolet_http_header {
    const char *name;
    const char *value;
} isolet_http_header;

/* Headers in a row. */
typedef struct isolet_http_headers {
    const isolet_http_header *values;
    size_t count;
} isolet_http_headers;

/* Some headers: `ISOLET_HTTP_HEADERS({"accept", "text/csv"}, {"x-shop", "7"})`. In C alone. */
#define ISOLET_HTTP_HEADERS(...)                               \
    ((isolet_http_headers){(isolet_http_header[]){__VA_ARGS__}, \
                           sizeof((isolet_http_header[]){__VA_ARGS__}) / sizeof(isolet_http_header)})

/* A request. What is zero is not set. */
typedef struct isolet_http_request {
    /* In capitals; NULL for GET. */
    const char *method;
    /* With http:// or https://, and with whatever is no plain letter as %20 and so on. */
    const char *url;
    isolet_http_headers headers;
    /* It is sent with its length. */
    isolet_bytes body;
    /* For all of it: until the response has been read. */
    isolet_duration timeout;
    /* Until there is a connection; until the response begins; from one part of it to the next. The host has limits of
     * its own, which these can only shorten. */
    isolet_duration connect_timeout;
    isolet_duration response_timeout;
    isolet_duration read_timeout;
} isolet_http_request;

/* An answer, whose body may still be at the server. */
typedef struct isolet_http_response isolet_http_response;

/* Sends a request and waits until its answer begins, whatever its status. */
isolet_status isolet_http_send(const isolet_http_request *request, isolet_http_response **response);

/* The same for a GET of a URL. */
isolet_status isolet_http_get(const char *url, isolet_http_response **response);

/* The status, such as 200. */
uint16_t isolet_http_status(const isolet_http_response *response);

/* ISOLET_FAILED unless the status is one of success, 200 to 299. */
isolet_status isolet_http_check_status(const isolet_http_response *response);

/* The first header of this name, however it is spelt; NULL if there is none. */
const char *isolet_http_header_value(const isolet_http_response *response, const char *name);

/* All headers, in order. */
isolet_http_headers isolet_http_all_headers(const isolet_http_response *response);

/* Reads the next piece of the body, of at most 64 KiB, which stays until the next call; `size` is 0 at its end. */
isolet_status isolet_http_read(isolet_http_response *response, isolet_bytes *piece);

/* Reads all the rest; ISOLET_FAILED if that is more than `most` bytes. A zero byte follows it. JSON is read as from
 * arguments: `isolet_payload value = isolet_encoded("json/plain", body.data, body.size)`. */
isolet_status isolet_http_read_all(isolet_http_response *response, size_t most, isolet_bytes *body);

/* Frees the answer, and ends its connection. A body that was read to its end has let go of that itself, and the attempt's
 * end frees all; a loop that sends many requests frees each. */
void isolet_http_close(isolet_http_response *response);

/* Why a call has no answer. */
typedef enum isolet_http_error_kind {
    ISOLET_HTTP_NO_ERROR = 0,
    /* It is no request that can be sent. */
    ISOLET_HTTP_INVALID,
    /* The component was not granted the server. */
    ISOLET_HTTP_NOT_GRANTED,
    /* The host refuses it, for a limit or because of where it leads. */
    ISOLET_HTTP_REFUSED,
    /* There is no connection: the name is not known, or nobody answers. */
    ISOLET_HTTP_CONNECT,
    /* The server and the host do not agree on TLS. */
    ISOLET_HTTP_TLS,
    /* It took too long. */
    ISOLET_HTTP_TIMEOUT,
    /* The connection ended too early. */
    ISOLET_HTTP_INCOMPLETE,
    /* The answer is no HTTP, or more than the host takes. */
    ISOLET_HTTP_PROTOCOL,
    /* The status is none of success. */
    ISOLET_HTTP_STATUS,
    /* The body is more than was asked for. */
    ISOLET_HTTP_TOO_LARGE,
} isolet_http_error_kind;

/* Why the last call for HTTP failed; ISOLET_HTTP_NO_ERROR if it did not, and if the attempt was cancelled. */
isolet_http_error_kind isolet_last_http_error(void);

/* ------------------------------------------------------------------------------------------------------------------ *
 * Temporal's client, on the worker's connection
 *
 * What it may do is granted by the operator, call by call. Calls wait for their answer and end with the attempt. Those
 * that return ISOLET_FAILED have set `isolet_last_client_error`, too. Results are set where `result` is not NULL.
 * ------------------------------------------------------------------------------------------------------------------ */

/* Why a call has no answer. */
typedef enum isolet_client_error_kind {
    /* The component may not do this; the message names what the operator would have to add to its grants. */
    ISOLET_CLIENT_NOT_GRANTED = 1,
    /* The request lacks something or makes no sense; the message says what. */
    ISOLET_CLIENT_INVALID,
    /* The attempt may not act any more: its deadline has passed, or the server has given it up. */
    ISOLET_CLIENT_LEASE_LOST,
    /* The server refused or could not be reached, or the call took too long: `code` is gRPC's. */
    ISOLET_CLIENT_STATUS,
    /* What was waited for ended in another way than with a result: with `failure`. */
    ISOLET_CLIENT_ENDED,
} isolet_client_error_kind;

/* gRPC's codes that activities ask for. */
enum {
    ISOLET_STATUS_DEADLINE_EXCEEDED = 4,
    ISOLET_STATUS_NOT_FOUND = 5,
    ISOLET_STATUS_ALREADY_EXISTS = 6,
};

/* An error of the client. */
typedef struct isolet_client_error {
    isolet_client_error_kind kind;
    const char *message;
    /* Of ISOLET_CLIENT_STATUS: gRPC's code, and the encoded `google.rpc.Status`, if the server sent one. */
    uint32_t code;
    isolet_bytes details;
    /* Of ISOLET_CLIENT_ENDED. */
    const isolet_failure *failure;
} isolet_client_error;

/* Why the last call of the client that failed did; NULL if none has. */
const isolet_client_error *isolet_last_client_error(void);

/* How a workflow or standalone activity stands. */
typedef enum isolet_execution_status {
    ISOLET_UNSPECIFIED,
    ISOLET_RUNNING,
    ISOLET_HAS_COMPLETED,
    ISOLET_HAS_FAILED,
    ISOLET_HAS_BEEN_CANCELLED,
    ISOLET_TERMINATED,
    ISOLET_CONTINUED_AS_NEW,
    ISOLET_HAS_TIMED_OUT,
    ISOLET_HAS_BEEN_PAUSED,
} isolet_execution_status;

/* Whether an id may be used again once what had it has ended. */
typedef enum isolet_id_reuse {
    ISOLET_REUSE_AS_THE_SERVER_SAYS = 0,
    ISOLET_ALLOW_DUPLICATE,
    ISOLET_ALLOW_DUPLICATE_FAILED_ONLY,
    ISOLET_REJECT_DUPLICATE,
} isolet_id_reuse;

/* What happens when what has the id still runs. */
typedef enum isolet_id_conflict {
    ISOLET_CONFLICT_AS_THE_SERVER_SAYS = 0,
    /* The call fails. */
    ISOLET_CONFLICT_FAIL,
    /* The call is answered with that one. */
    ISOLET_USE_EXISTING,
    /* That one is terminated. For workflows alone. */
    ISOLET_TERMINATE_EXISTING,
} isolet_id_conflict;

/* A workflow to start. What is zero is left to the server, as is a zero timeout. */
typedef struct isolet_workflow_start {
    const char *workflow_namespace; /* NULL for the activity's own. */
    const char *workflow_id;
    const char *workflow_type;
    const char *task_queue;
    isolet_payloads input;
    isolet_duration execution_timeout;
    isolet_duration run_timeout;
    isolet_duration task_timeout;
    isolet_id_reuse id_reuse;
    isolet_id_conflict id_conflict;
    const isolet_retry_policy *retry_policy;
    isolet_duration start_delay;
    const isolet_named_payload *memo;
    size_t memo_count;
    const isolet_named_payload *search_attributes;
    size_t search_attribute_count;
    const isolet_priority *priority;
} isolet_workflow_start;

/* A workflow: its run, or the current one for NULL. */
typedef struct isolet_workflow {
    const char *workflow_namespace; /* NULL for the activity's own. */
    const char *workflow_id;
    const char *run_id;
} isolet_workflow;

typedef struct isolet_workflow_description {
    const char *run_id;
    const char *workflow_type;
    const char *task_queue;
    isolet_execution_status status;
    uint64_t history_length;
    isolet_time start_time;
    isolet_time close_time;
} isolet_workflow_description;

/* Starts a workflow, and sets its run id. */
isolet_status isolet_start_workflow(const isolet_workflow_start *start, const char **run_id);
isolet_status isolet_signal_workflow(const isolet_workflow *workflow, const char *signal, isolet_payloads input);
isolet_status isolet_query_workflow(const isolet_workflow *workflow, const char *query, isolet_payloads input,
                                    isolet_payload *result);
/* Updates it and waits for the update's result. A call with the `update_id` of an earlier one waits for that; NULL makes
 * a new update. */
isolet_status isolet_update_workflow(const isolet_workflow *workflow, const char *update, const char *update_id,
                                     isolet_payloads input, isolet_duration timeout, isolet_payload *result);
isolet_status isolet_cancel_workflow(const isolet_workflow *workflow, const char *reason);
isolet_status isolet_terminate_workflow(const isolet_workflow *workflow, const char *reason);
isolet_status isolet_describe_workflow(const isolet_workflow *workflow, isolet_workflow_description *description);
/* Waits for its result, following runs that went on as new. */
isolet_status isolet_wait_workflow(const isolet_workflow *workflow, isolet_duration timeout, isolet_payload *result);

/* A standalone activity to start. What is zero is left to the server, as is a zero timeout; it takes that from schedule
 * to close, or that from start to close. */
typedef struct isolet_activity_start {
    const char *activity_namespace; /* NULL for the calling activity's own. */
    const char *activity_id;
    const char *activity_type;
    const char *task_queue;
    isolet_payloads input;
    isolet_duration schedule_to_close_timeout;
    isolet_duration schedule_to_start_timeout;
    isolet_duration start_to_close_timeout;
    isolet_duration heartbeat_timeout;
    isolet_id_reuse id_reuse;
    isolet_id_conflict id_conflict;
    const isolet_retry_policy *retry_policy;
    isolet_duration start_delay;
    const isolet_named_payload *search_attributes;
    size_t search_attribute_count;
    const isolet_priority *priority;
} isolet_activity_start;

/* An activity, by its ids, or by its token for what completes it. */
typedef struct isolet_activity {
    const char *activity_namespace; /* NULL for the calling activity's own. */
    const char *workflow_id;        /* NULL for a standalone activity. */
    const char *run_id;             /* Of its workflow, or of the standalone activity; NULL for the current one. */
    const char *activity_id;
    isolet_bytes task_token; /* Instead of the ids. Needs the grant of task tokens. */
} isolet_activity;

typedef struct isolet_activity_description {
    const char *run_id;
    const char *activity_type;
    const char *task_queue;
    isolet_execution_status status;
    uint32_t attempt;
    isolet_payloads heartbeat_details;
    isolet_time scheduled_time;
    isolet_time close_time;
} isolet_activity_description;

/* Starts a standalone activity, and sets its run id. */
isolet_status isolet_start_activity(const isolet_activity_start *start, const char **run_id);
isolet_status isolet_wait_activity(const isolet_activity *activity, isolet_duration timeout, isolet_payload *result);
isolet_status isolet_describe_activity(const isolet_activity *activity, isolet_activity_description *description);
isolet_status isolet_cancel_activity(const isolet_activity *activity, const char *reason);
isolet_status isolet_terminate_activity(const isolet_activity *activity, const char *reason);

/* Complete an activity that ended with ISOLET_WILL_COMPLETE_ASYNC. The server takes a cancellation only when one was
 * requested. A heartbeat for it sets why it should stop; 0 while it should go on. */
isolet_status isolet_complete_activity(const isolet_activity *activity, isolet_payload result);
isolet_status isolet_fail_activity(const isolet_activity *activity, const isolet_failure *failure);
isolet_status isolet_report_activity_cancelled(const isolet_activity *activity, isolet_payloads details);
isolet_status isolet_heartbeat_activity(const isolet_activity *activity, isolet_payloads details, uint32_t *reasons);

/* One raw call of Temporal's workflow service: the encoded request message of the method, answered with the encoded
 * response. */
isolet_status isolet_rpc(const char *method, isolet_bytes request, isolet_duration timeout, isolet_bytes *response);

#ifdef __cplusplus
}
#endif

#endif
