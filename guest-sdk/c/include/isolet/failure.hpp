// How activities end without a result.

#pragma once

#include <cerrno>
#include <chrono>
#include <cstring>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "payload.hpp"

namespace isolet {

using Duration = std::chrono::nanoseconds;

// A failure with all that Temporal can be told about it: `isolet::fail({.message = "no parcels", .type = "EmptyOrder",
// .non_retryable = true})`.
struct Failure {
    // What went wrong, for people.
    std::string message = {};
    // The type by which workflows and retry policies know it.
    std::string type = {};
    // Not retried, whatever the retry policy says.
    bool non_retryable = false;
    // Expected in normal operation: not counted as an error, and logged at debug level only.
    bool benign = false;
    // The wait before the next attempt, instead of the retry policy's.
    std::optional<Duration> next_retry_delay = {};
    // Values that explain it: `{isolet::encode(order), isolet::encode(42)}`.
    std::vector<Payload> details = {};
    // What caused it: `isolet::cause({.message = "no answer"})`.
    std::shared_ptr<const Failure> cause = {};
    // The stack where it happened, in the format of its language.
    std::string stack_trace = {};
    // Its kind. An activity's own is an application failure; others come from what it called.
    isolet_failure_kind kind = ISOLET_APPLICATION_FAILURE;
    // Of a timeout: which.
    isolet_timeout_type timeout_type = ISOLET_UNKNOWN_TIMEOUT;
    // Of an activity or child workflow that was called: its type and its id.
    std::string called_type = {};
    std::string called_id = {};
    // Of a child workflow: its namespace and its run id. Of an activity: the worker that ran it last.
    std::string called_namespace = {};
    std::string called_run_id = {};
    std::string worker_identity = {};
};

// A failure as the cause of another.
inline std::shared_ptr<const Failure> cause(Failure failure) {
    return std::make_shared<const Failure>(std::move(failure));
}

// The attempt was cancelled, and ends as that, with these details.
struct Cancelled {
    std::vector<Payload> details;
};

// The activity is completed later, from elsewhere, by its task token or its ids.
struct WillCompleteAsync {};

// Why an activity has no result.
class Error {
public:
    Error(Failure failure) : why_(std::move(failure)) {}
    Error(Cancelled cancelled) : why_(std::move(cancelled)) {}
    Error(WillCompleteAsync later) : why_(later) {}

    // An error of C++'s library and of the system: its message, and the name of its number as type.
    Error(std::error_code code) : why_(Failure{.message = code.message(), .type = isolet_errno_name(code.value())}) {}
    Error(std::errc code) : Error(std::make_error_code(code)) {}

    // The failure; null if it is none.
    const Failure *failure() const { return std::get_if<Failure>(&why_); }

    bool is_cancelled() const { return std::holds_alternative<Cancelled>(why_); }

    const std::variant<Failure, Cancelled, WillCompleteAsync> &why() const { return why_; }

private:
    std::variant<Failure, Cancelled, WillCompleteAsync> why_;
};

// A value, or why there is none.
template <typename T>
using Result = std::expected<T, Error>;

// To be returned: `return isolet::fail({.message = "no parcels", .type = "EmptyOrder"});`.
inline std::unexpected<Error> fail(Failure failure) { return std::unexpected(Error(std::move(failure))); }

// The same for an error of C++'s library, or of the system: `return isolet::fail(std::errc::invalid_argument);`.
inline std::unexpected<Error> fail(std::error_code code) { return std::unexpected(Error(code)); }
inline std::unexpected<Error> fail(std::errc code) { return std::unexpected(Error(code)); }

// The same for what `errno` tells.
inline std::unexpected<Error> fail_errno(std::string_view what) {
    int error = errno;
    return fail({.message = std::string(what) + ": " + std::strerror(error), .type = isolet_errno_name(error)});
}

namespace detail {

inline std::string text(const char *from) { return from == nullptr ? std::string() : std::string(from); }

// The failure that C's part of the SDK has.
inline Failure failure_of(const isolet_failure &from) {
    Failure failure{
        .message = text(from.message),
        .type = text(from.type),
        .non_retryable = from.non_retryable,
        .benign = from.benign,
        .details = payloads(from.details),
        .stack_trace = text(from.stack_trace),
        .kind = from.kind,
        .timeout_type = from.timeout_type,
        .called_type = text(from.called_type),
        .called_id = text(from.called_id),
        .called_namespace = text(from.called_namespace),
        .called_run_id = text(from.called_run_id),
        .worker_identity = text(from.worker_identity),
    };
    if (from.next_retry_delay > 0) {
        failure.next_retry_delay = Duration(from.next_retry_delay);
    }
    if (from.cause != nullptr) {
        failure.cause = cause(failure_of(*from.cause));
    }
    return failure;
}

// Calls `use` with the failure as C's part of the SDK takes it.
template <typename Use>
auto with_raw(const Failure &failure, const isolet_failure *raw_cause, Use use) {
    RawPayloads details(failure.details);
    isolet_failure raw{};
    raw.message = failure.message.c_str();
    raw.type = failure.type.c_str();
    raw.non_retryable = failure.non_retryable;
    raw.benign = failure.benign;
    raw.next_retry_delay = failure.next_retry_delay.value_or(Duration::zero()).count();
    raw.details = details;
    raw.cause = raw_cause;
    raw.stack_trace = failure.stack_trace.c_str();
    raw.kind = failure.kind;
    raw.timeout_type = failure.timeout_type;
    raw.called_type = failure.called_type.c_str();
    raw.called_id = failure.called_id.c_str();
    raw.called_namespace = failure.called_namespace.c_str();
    raw.called_run_id = failure.called_run_id.c_str();
    raw.worker_identity = failure.worker_identity.c_str();
    return use(raw);
}

// The same with its causes. Each link is on the stack until the call is over.
template <typename Use>
auto with_chain(const std::vector<const Failure *> &chain, std::size_t depth, const isolet_failure *raw_cause, Use use)
    -> decltype(use(std::declval<const isolet_failure &>())) {
    return with_raw(*chain[depth], raw_cause, [&](const isolet_failure &raw) {
        return depth == 0 ? use(raw) : with_chain(chain, depth - 1, &raw, use);
    });
}

template <typename Use>
auto with_failure(const Failure &failure, Use use) {
    std::vector<const Failure *> chain;
    for (const Failure *each = &failure; each != nullptr && chain.size() < 32; each = each->cause.get()) {
        chain.push_back(each);
    }
    return with_chain(chain, chain.size() - 1, nullptr, use);
}

// What a call of C's part of the SDK came to.
inline Result<void> checked(isolet_status status) {
    switch (status) {
    case ISOLET_OK:
        return {};
    case ISOLET_CANCELLED:
        return std::unexpected(Error(Cancelled{}));
    case ISOLET_WILL_COMPLETE_ASYNC:
        return std::unexpected(Error(WillCompleteAsync{}));
    default: {
        const isolet_failure *last = isolet_last_failure();
        return fail(last == nullptr ? Failure{} : failure_of(*last));
    }
    }
}

// The end of an activity.
inline isolet_status end(const Error &error) {
    if (const Failure *failure = error.failure()) {
        return with_failure(*failure, [](const isolet_failure &raw) { return isolet_fail(&raw); });
    }
    if (const Cancelled *cancelled = std::get_if<Cancelled>(&error.why())) {
        return isolet_cancel(RawPayloads(cancelled->details));
    }
    return ISOLET_WILL_COMPLETE_ASYNC;
}

}  // namespace detail
}  // namespace isolet

// The value of an `isolet::Result`; returns its error, if it has one, from the function that this stands in.
#undef ISOLET_TRY
#define ISOLET_TRY(...)                                                  \
    ({                                                                   \
        auto isolet_result_ = (__VA_ARGS__);                             \
        if (!isolet_result_) {                                           \
            return ::std::unexpected(::std::move(isolet_result_).error()); \
        }                                                                \
        *::std::move(isolet_result_);                                    \
    })
