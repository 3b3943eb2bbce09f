/* Failures: the last one that was met, and their copies. */

#include "internal.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

static const isolet_failure *last;

const isolet_failure *isolet_last_failure(void) { return last; }

static isolet_bytes kept(isolet_bytes bytes) {
    return (isolet_bytes){memcpy(isolet_lasting_memory(bytes.size), bytes.data, bytes.size), bytes.size};
}

isolet_payloads isolet_kept(isolet_payloads payloads) {
    isolet_payload *values = isolet_lasting_memory(payloads.count * sizeof *values);
    for (size_t index = 0; index < payloads.count; index++) {
        isolet_payload *value = &values[index];
        *value = payloads.values[index];
        isolet_metadata *metadata = isolet_lasting_memory(value->metadata_count * sizeof *metadata);
        for (size_t entry = 0; entry < value->metadata_count; entry++) {
            metadata[entry].key = isolet_lasting_copy(value->metadata[entry].key);
            metadata[entry].value = kept(value->metadata[entry].value);
        }
        value->metadata = metadata;
        if (value->data != NULL) {
            value->data = kept(isolet_data(value)).data;
        }
        value->error = isolet_lasting_copy(value->error);
    }
    return (isolet_payloads){values, payloads.count};
}

/* Why one of the values has no encoding; NULL if all have one. */
const char *isolet_error_of(isolet_payloads payloads) {
    for (size_t index = 0; index < payloads.count; index++) {
        if (payloads.values[index].error != NULL) {
            return payloads.values[index].error;
        }
    }
    return NULL;
}

static isolet_failure *copied_alone(const isolet_failure *failure) {
    isolet_failure *copy = isolet_lasting_memory(sizeof *copy);
    const char *error = isolet_error_of(failure->details);
    if (error != NULL) {
        char *message = isolet_print("Failed building exception result: %s", error);
        *copy = (isolet_failure){.message = isolet_lasting_copy(message)};
        return copy;
    }
    *copy = *failure;
    copy->message = isolet_lasting_copy(failure->message);
    copy->type = isolet_lasting_copy(failure->type);
    copy->details = isolet_kept(failure->details);
    copy->cause = NULL;
    copy->stack_trace = isolet_lasting_copy(failure->stack_trace);
    copy->called_type = isolet_lasting_copy(failure->called_type);
    copy->called_id = isolet_lasting_copy(failure->called_id);
    copy->called_namespace = isolet_lasting_copy(failure->called_namespace);
    copy->called_run_id = isolet_lasting_copy(failure->called_run_id);
    copy->worker_identity = isolet_lasting_copy(failure->worker_identity);
    return copy;
}

const isolet_failure *isolet_copied(const isolet_failure *failure) {
    const isolet_failure *first = NULL;
    const isolet_failure **next = &first;
    for (size_t depth = 0; failure != NULL && depth < ISOLET_MOST_CAUSES; depth++, failure = failure->cause) {
        isolet_failure *copy = copied_alone(failure);
        *next = copy;
        next = &copy->cause;
    }
    return first;
}

isolet_status isolet_fail(const isolet_failure *failure) {
    last = isolet_copied(failure);
    return ISOLET_FAILED;
}

isolet_status isolet_fail_errno(const char *format, ...) {
    int error = errno;
    va_list arguments;
    va_start(arguments, format);
    char *what = isolet_print_list(format, arguments);
    va_end(arguments);
    char *message = isolet_print("%s: %s", what, strerror(error));
    return isolet_fail(&(isolet_failure){.message = message, .type = isolet_errno_name(error)});
}

isolet_status isolet_fail_because(const char *message, bool non_retryable) {
    return isolet_fail(&(isolet_failure){.message = message, .non_retryable = non_retryable, .cause = last});
}

const char *isolet_errno_name(int error) {
#define NAMED(name) \
    case name:      \
        return #name;
    switch (error) {
        NAMED(E2BIG)
        NAMED(EACCES)
        NAMED(EAGAIN)
        NAMED(EBADF)
        NAMED(EBUSY)
        NAMED(ECONNREFUSED)
        NAMED(ECONNRESET)
        NAMED(EDOM)
        NAMED(EEXIST)
        NAMED(EFBIG)
        NAMED(EILSEQ)
        NAMED(EINTR)
        NAMED(EINVAL)
        NAMED(EIO)
        NAMED(EISDIR)
        NAMED(ELOOP)
        NAMED(EMFILE)
        NAMED(ENAMETOOLONG)
        NAMED(ENFILE)
        NAMED(ENOENT)
        NAMED(ENOMEM)
        NAMED(ENOSPC)
        NAMED(ENOSYS)
        NAMED(ENOTCAPABLE)
        NAMED(ENOTDIR)
        NAMED(ENOTEMPTY)
        NAMED(ENOTSUP)
        NAMED(EOVERFLOW)
        NAMED(EPERM)
        NAMED(EPIPE)
        NAMED(ERANGE)
        NAMED(EROFS)
        NAMED(ETIMEDOUT)
        NAMED(EXDEV)
    default:
        return "EUNKNOWN";
    }
#undef NAMED
}
