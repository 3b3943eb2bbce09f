// The running attempt: what it is, how far it is, and being told to stop.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "failure.hpp"
#include "value.hpp"

namespace isolet {

using Time = std::chrono::sys_time<std::chrono::nanoseconds>;

// How the server retries an activity or workflow.
struct RetryPolicy {
    std::optional<Duration> initial_interval = {};
    double backoff_coefficient = 2.0;
    std::optional<Duration> maximum_interval = {};
    // 0 for no limit.
    std::uint32_t maximum_attempts = 0;
    std::vector<std::string> non_retryable_types = {};
};

// Urgency and fairness.
struct Priority {
    std::optional<std::uint32_t> key = {};
    std::optional<std::string> fairness_key = {};
    std::optional<float> fairness_weight = {};
};

// The workflow that scheduled an activity.
struct WorkflowExecution {
    std::string_view workflow_namespace;
    std::string_view workflow_id;
    std::string_view run_id;
    std::string_view workflow_type;
};

// What the running attempt is. Its texts stay as long as the attempt.
struct Info {
    std::string_view activity_id;
    // The run id of a standalone activity.
    std::optional<std::string_view> activity_run_id = {};
    std::string_view activity_type;
    // From 1.
    std::uint32_t attempt;
    std::string_view activity_namespace;
    std::string_view task_queue;
    // The token that completes this very attempt from elsewhere.
    std::span<const std::uint8_t> task_token;
    // None for a standalone activity.
    std::optional<WorkflowExecution> workflow = {};
    // Always false: local activities run in their workflow's worker.
    bool is_local;
    Time scheduled_time;
    Time current_attempt_scheduled_time;
    Time started_time;
    std::optional<Duration> schedule_to_close_timeout = {};
    std::optional<Duration> start_to_close_timeout = {};
    std::optional<Duration> heartbeat_timeout = {};
    // When this attempt must have ended, the nearer of both close timeouts.
    std::optional<Time> deadline = {};
    // The details of the last heartbeat of the attempt before.
    std::vector<Payload> heartbeat_details = {};
    std::optional<RetryPolicy> retry_policy = {};
    Priority priority = {};
    // Headers that interceptors of the caller set.
    std::vector<std::pair<std::string_view, Payload>> headers = {};
};

namespace detail {

inline std::optional<Duration> duration(isolet_duration from) {
    return from < 0 ? std::nullopt : std::optional(Duration(from));
}

inline std::optional<Time> time(isolet_time from) {
    return from == ISOLET_NEVER ? std::nullopt : std::optional(Time(Duration(from)));
}

inline isolet_duration timeout(std::optional<Duration> from) { return from ? from->count() : ISOLET_FOREVER; }

inline RetryPolicy retry_policy(const isolet_retry_policy &from) {
    RetryPolicy policy{duration(from.initial_interval), from.backoff_coefficient, duration(from.maximum_interval),
                       from.maximum_attempts, {}};
    for (std::size_t index = 0; index < from.non_retryable_type_count; index++) {
        policy.non_retryable_types.emplace_back(from.non_retryable_types[index]);
    }
    return policy;
}

inline Info read_info() {
    const isolet_activity_info &raw = *isolet_info();
    Info info{
        .activity_id = raw.activity_id,
        .activity_type = raw.activity_type,
        .attempt = raw.attempt,
        .activity_namespace = raw.activity_namespace,
        .task_queue = raw.task_queue,
        .task_token = {raw.task_token.data, raw.task_token.size},
        .is_local = raw.is_local,
        .scheduled_time = Time(Duration(raw.scheduled_time)),
        .current_attempt_scheduled_time = Time(Duration(raw.current_attempt_scheduled_time)),
        .started_time = Time(Duration(raw.started_time)),
        .schedule_to_close_timeout = duration(raw.schedule_to_close_timeout),
        .start_to_close_timeout = duration(raw.start_to_close_timeout),
        .heartbeat_timeout = duration(raw.heartbeat_timeout),
        .deadline = time(raw.deadline),
        .heartbeat_details = payloads(raw.heartbeat_details),
    };
    if (raw.activity_run_id != nullptr) {
        info.activity_run_id = raw.activity_run_id;
    }
    if (raw.workflow_id != nullptr) {
        info.workflow = WorkflowExecution{raw.workflow_namespace, raw.workflow_id, raw.workflow_run_id, raw.workflow_type};
    }
    if (raw.retry_policy != nullptr) {
        info.retry_policy = retry_policy(*raw.retry_policy);
    }
    if (raw.priority.key != 0) {
        info.priority.key = raw.priority.key;
    }
    if (raw.priority.fairness_key != nullptr) {
        info.priority.fairness_key = raw.priority.fairness_key;
    }
    if (raw.priority.fairness_weight != 0) {
        info.priority.fairness_weight = raw.priority.fairness_weight;
    }
    for (std::size_t index = 0; index < raw.header_count; index++) {
        info.headers.emplace_back(raw.headers[index].name, Payload(raw.headers[index].value));
    }
    return info;
}

}  // namespace detail

// What the running attempt is.
inline const Info &info() {
    static const Info info = detail::read_info();
    return info;
}

// What is the same for all attempts of this activity, and for no other activity: a server that it is told can tell a retry
// from something new. 64 hexadecimal digits.
inline std::string_view idempotency_key() { return isolet_idempotency_key(); }

// Tells the server that the attempt is alive, and how far it is: the next attempt finds the values, each a detail of its
// own. Returns at once and can be called as often as you like, as the host sends the newest now and then. It never tells
// of a cancellation. A value that has no encoding cancels the attempt, which fails for that reason if it obeys.
template <typename... T>
void heartbeat(const T &...details) {
    detail::Temporary temporary;
    const std::vector<Payload> payloads{encode(details)...};
    isolet_heartbeat_all(detail::RawPayloads(payloads));
}

// The value at this index of the last heartbeat of the attempt before; none if it had fewer. One that is no `T` is a
// failure that is not retried.
template <typename T>
Result<std::optional<T>> heartbeat_detail(std::size_t index = 0) {
    const std::vector<Payload> &details = info().heartbeat_details;
    if (details.size() <= index) {
        return std::nullopt;
    }
    auto value = decode<T>(details[index]);
    if (!value) {
        Failure failure{.message = "Failed decoding heartbeat details", .non_retryable = true};
        if (value.error().failure() != nullptr) {
            failure.cause = cause(*value.error().failure());
        }
        return fail(std::move(failure));
    }
    return std::optional<T>(*std::move(value));
}

// Why an attempt is cancelled; several may hold.
struct CancellationDetails {
    bool not_found = false;
    bool cancel_requested = false;
    bool paused = false;
    bool reset = false;
    bool timed_out = false;
    bool worker_shutdown = false;

    bool operator==(const CancellationDetails &) const = default;
};

namespace detail {

inline CancellationDetails reasons(std::uint32_t bits) {
    auto has = [bits](isolet_cancellation_reason reason) { return (bits & reason) != 0; };
    return {has(ISOLET_NOT_FOUND), has(ISOLET_CANCEL_REQUESTED), has(ISOLET_PAUSED),
            has(ISOLET_RESET),     has(ISOLET_TIMED_OUT),        has(ISOLET_WORKER_SHUTDOWN)};
}

}  // namespace detail

// Whether the attempt is cancelled, for whatever reason. Once true, always true.
inline bool is_cancelled() { return isolet_is_cancelled(); }

// Why it is; none while it is not, and after a heartbeat that has no encoding.
inline std::optional<CancellationDetails> cancellation_details() {
    std::uint32_t bits = 0;
    return isolet_cancellation_details(&bits) ? std::optional(detail::reasons(bits)) : std::nullopt;
}

// Whether the worker has begun to shut down. The attempt is cancelled only when the worker's grace has passed.
inline bool is_worker_shutdown() { return isolet_is_worker_shutdown(); }

// A safe point: the error to return once the attempt is cancelled, except in a shield and in an activity that is not
// interruptible.
inline Result<void> check_cancelled() { return detail::checked(isolet_check_cancelled()); }

// Sleeps: a safe point that a cancellation ends at once.
inline Result<void> sleep(Duration duration) { return detail::checked(isolet_sleep(duration.count())); }

// Wait until the attempt is cancelled, or the worker begins to shut down, and tell whether that is so.
inline bool wait_for_cancelled(std::optional<Duration> timeout = std::nullopt) {
    return isolet_wait_for_cancelled(detail::timeout(timeout));
}
inline bool wait_for_worker_shutdown(std::optional<Duration> timeout = std::nullopt) {
    return isolet_wait_for_worker_shutdown(detail::timeout(timeout));
}

// A part, such as cleaning up, in which safe points don't tell of a cancellation. `end` is a safe point, if this is the
// outermost one.
class Shield {
public:
    Shield() { isolet_begin_shield(); }
    Shield(const Shield &) = delete;
    Shield &operator=(const Shield &) = delete;
    ~Shield() {
        if (!ended_) {
            isolet_end_shield();
        }
    }

    Result<void> end() {
        ended_ = true;
        return detail::checked(isolet_end_shield());
    }

private:
    bool ended_ = false;
};

// An error of that name to return, with details: `return isolet::cancelled(done);`.
template <typename... T>
std::unexpected<Error> cancelled(const T &...details) {
    return std::unexpected(Error(Cancelled{{encode(details)...}}));
}

// To be returned by an activity that is completed later, from elsewhere.
inline std::unexpected<Error> will_complete_async() { return std::unexpected(Error(WillCompleteAsync{})); }

}  // namespace isolet
