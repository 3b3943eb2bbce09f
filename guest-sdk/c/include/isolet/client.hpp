// Temporal's client, on the worker's connection. What it may do is granted by the operator, call by call. Calls wait for
// their answer and end with the attempt.
//
//     auto billing = ISOLET_TRY(isolet::Client().start_workflow("Billing", {.workflow_id = "7", .task_queue = "billing"}, order));
//     int total = ISOLET_TRY(billing.result<int>());

#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "attempt.hpp"
#include "failure.hpp"
#include "value.hpp"

namespace isolet {

// Why a call has no answer. Becomes an `isolet::Error` by itself.
struct ClientError {
    isolet_client_error_kind kind;
    // What the operator would have to grant, what is missing, or what the server says.
    std::string message = {};
    // Of ISOLET_CLIENT_STATUS: gRPC's code, and the encoded `google.rpc.Status`, if the server sent one.
    std::uint32_t code = 0;
    std::vector<std::uint8_t> details = {};
    // Of ISOLET_CLIENT_ENDED: how what was waited for failed.
    std::optional<Failure> failure = {};
    // What an activity that lets it out fails with.
    Failure as_failure = {};

    bool is_not_found() const { return has(ISOLET_STATUS_NOT_FOUND); }
    bool is_already_exists() const { return has(ISOLET_STATUS_ALREADY_EXISTS); }
    bool is_timeout() const { return has(ISOLET_STATUS_DEADLINE_EXCEEDED); }

    operator Error() const { return Error(as_failure); }

private:
    bool has(std::uint32_t wanted) const { return kind == ISOLET_CLIENT_STATUS && code == wanted; }
};

// The answer of a call, or why there is none.
template <typename T>
using Answer = std::expected<T, ClientError>;

namespace detail {

inline Answer<void> answered(isolet_status status) {
    if (status == ISOLET_OK) {
        return {};
    }
    ClientError error{};
    if (const isolet_failure *last = isolet_last_failure()) {
        error.as_failure = failure_of(*last);
        error.message = error.as_failure.message;
    }
    // What has no encoding, or is no value of the wanted type, is nothing that the client says.
    error.kind = ISOLET_CLIENT_INVALID;
    if (const isolet_client_error *raw = isolet_last_client_error()) {
        error.kind = raw->kind;
        error.message = text(raw->message);
        error.code = raw->code;
        error.details.assign(raw->details.data, raw->details.data + raw->details.size);
        if (raw->failure != nullptr) {
            error.failure = failure_of(*raw->failure);
        }
    }
    return std::unexpected(std::move(error));
}

// The value that a call was answered with.
template <typename T>
Answer<T> value_of(isolet_status status, const isolet_payload &raw) {
    if (auto done = answered(status); !done) {
        return std::unexpected(done.error());
    }
    auto value = decode<T>(Payload(raw));
    if (!value) {
        ClientError error{.kind = ISOLET_CLIENT_INVALID};
        if (value.error().failure() != nullptr) {
            error.as_failure = *value.error().failure();
            error.message = error.as_failure.message;
        }
        return std::unexpected(std::move(error));
    }
    return *std::move(value);
}

inline const char *given(const std::optional<std::string> &text) { return text ? text->c_str() : nullptr; }

template <typename... T>
std::vector<Payload> encoded(const T &...values) {
    return {encode(values)...};
}

// Values by their names, for a call, while it lasts.
class RawNamed {
public:
    explicit RawNamed(const std::vector<std::pair<std::string, Payload>> &named) {
        for (const auto &[name, value] : named) {
            values_.push_back({name.c_str(), value.raw()});
        }
    }
    const isolet_named_payload *data() const { return values_.data(); }
    std::size_t size() const { return values_.size(); }

private:
    std::vector<isolet_named_payload> values_;
};

// A retry policy and a priority for a call, while it lasts.
class RawOptions {
public:
    RawOptions(const std::optional<RetryPolicy> &policy, const std::optional<Priority> &priority) {
        if (policy) {
            for (const std::string &type : policy->non_retryable_types) {
                types_.push_back(type.c_str());
            }
            policy_ = {timeout(policy->initial_interval), policy->backoff_coefficient, timeout(policy->maximum_interval),
                       policy->maximum_attempts, types_.data(), types_.size()};
            has_policy_ = true;
        }
        if (priority) {
            priority_ = {priority->key.value_or(0), given(priority->fairness_key), priority->fairness_weight.value_or(0)};
            has_priority_ = true;
        }
    }
    const isolet_retry_policy *policy() const { return has_policy_ ? &policy_ : nullptr; }
    const isolet_priority *priority() const { return has_priority_ ? &priority_ : nullptr; }

private:
    std::vector<const char *> types_;
    isolet_retry_policy policy_{};
    isolet_priority priority_{};
    bool has_policy_ = false;
    bool has_priority_ = false;
};

inline isolet_duration or_zero(std::optional<Duration> duration) { return duration.value_or(Duration::zero()).count(); }

}  // namespace detail

// How a workflow is started. What is not set is left to the server.
struct WorkflowOptions {
    std::string workflow_id;
    std::string task_queue;
    std::optional<Duration> execution_timeout = {};
    std::optional<Duration> run_timeout = {};
    std::optional<Duration> task_timeout = {};
    isolet_id_reuse id_reuse = ISOLET_REUSE_AS_THE_SERVER_SAYS;
    isolet_id_conflict id_conflict = ISOLET_CONFLICT_AS_THE_SERVER_SAYS;
    std::optional<RetryPolicy> retry_policy = {};
    std::optional<Duration> start_delay = {};
    std::vector<std::pair<std::string, Payload>> memo = {};
    std::vector<std::pair<std::string, Payload>> search_attributes = {};
    std::optional<Priority> priority = {};
};

// How a standalone activity is started. What is not set is left to the server, which takes one of the close timeouts.
struct ActivityOptions {
    std::string activity_id;
    std::string task_queue;
    std::optional<Duration> schedule_to_close_timeout = {};
    std::optional<Duration> schedule_to_start_timeout = {};
    std::optional<Duration> start_to_close_timeout = {};
    std::optional<Duration> heartbeat_timeout = {};
    isolet_id_reuse id_reuse = ISOLET_REUSE_AS_THE_SERVER_SAYS;
    isolet_id_conflict id_conflict = ISOLET_CONFLICT_AS_THE_SERVER_SAYS;
    std::optional<RetryPolicy> retry_policy = {};
    std::optional<Duration> start_delay = {};
    std::vector<std::pair<std::string, Payload>> search_attributes = {};
    std::optional<Priority> priority = {};
};

// What is told of a workflow.
struct WorkflowDescription {
    std::string run_id;
    std::string workflow_type;
    std::string task_queue;
    isolet_execution_status status;
    std::uint64_t history_length;
    std::optional<Time> start_time;
    std::optional<Time> close_time;
};

// What is told of a standalone activity.
struct ActivityDescription {
    std::string run_id;
    std::string activity_type;
    std::string task_queue;
    isolet_execution_status status;
    // The latest attempt, from 1.
    std::uint32_t attempt;
    std::vector<Payload> heartbeat_details;
    std::optional<Time> scheduled_time;
    std::optional<Time> close_time;
};

// A workflow: the run that was started with the handle, or the current one.
class Workflow {
public:
    Workflow(std::optional<std::string> in_namespace, std::string workflow_id, std::optional<std::string> run_id)
        : namespace_(std::move(in_namespace)), workflow_id_(std::move(workflow_id)), run_id_(std::move(run_id)) {}

    const std::string &workflow_id() const { return workflow_id_; }
    const std::optional<std::string> &run_id() const { return run_id_; }

    template <typename... T>
    Answer<void> signal(const std::string &signal, const T &...arguments) const {
        auto values = detail::encoded(arguments...);
        auto workflow = raw();
        return detail::answered(isolet_signal_workflow(&workflow, signal.c_str(), detail::RawPayloads(values)));
    }

    template <typename R, typename... T>
    Answer<R> query(const std::string &query, const T &...arguments) const {
        auto values = detail::encoded(arguments...);
        auto workflow = raw();
        isolet_payload result{};
        auto status = isolet_query_workflow(&workflow, query.c_str(), detail::RawPayloads(values), &result);
        return detail::value_of<R>(status, result);
    }

    // Updates it and waits for the update's result.
    template <typename R, typename... T>
    Answer<R> update(const std::string &update, const T &...arguments) const {
        return update_with_id<R>(std::nullopt, std::nullopt, update, arguments...);
    }

    // The same with an id of its own: a call with the id of an earlier one waits for that, so a later attempt repeats
    // nothing.
    template <typename R, typename... T>
    Answer<R> update_with_id(const std::optional<std::string> &id, std::optional<Duration> timeout,
                             const std::string &update, const T &...arguments) const {
        auto values = detail::encoded(arguments...);
        auto workflow = raw();
        isolet_payload result{};
        auto status = isolet_update_workflow(&workflow, update.c_str(), detail::given(id), detail::RawPayloads(values),
                                             detail::timeout(timeout), &result);
        return detail::value_of<R>(status, result);
    }

    Answer<void> cancel(const std::string &reason) const {
        auto workflow = raw();
        return detail::answered(isolet_cancel_workflow(&workflow, reason.c_str()));
    }

    Answer<void> terminate(const std::string &reason) const {
        auto workflow = raw();
        return detail::answered(isolet_terminate_workflow(&workflow, reason.c_str()));
    }

    Answer<WorkflowDescription> describe() const {
        auto workflow = raw();
        isolet_workflow_description told{};
        return detail::answered(isolet_describe_workflow(&workflow, &told)).transform([&] {
            return WorkflowDescription{detail::text(told.run_id),       detail::text(told.workflow_type),
                                       detail::text(told.task_queue),   told.status,
                                       told.history_length,             detail::time(told.start_time),
                                       detail::time(told.close_time)};
        });
    }

    // Waits for its result, following runs that went on as new.
    template <typename R>
    Answer<R> result(std::optional<Duration> timeout = std::nullopt) const {
        auto workflow = raw();
        isolet_payload result{};
        auto status = isolet_wait_workflow(&workflow, detail::timeout(timeout), &result);
        return detail::value_of<R>(status, result);
    }

private:
    isolet_workflow raw() const { return {detail::given(namespace_), workflow_id_.c_str(), detail::given(run_id_)}; }

    std::optional<std::string> namespace_;
    std::string workflow_id_;
    std::optional<std::string> run_id_;
};

// An activity, by its ids or by its token.
class Activity {
public:
    // By its ids: without a workflow, a standalone activity; without a run, that of the current one.
    Activity(std::optional<std::string> in_namespace, std::optional<std::string> workflow_id,
             std::optional<std::string> run_id, std::string activity_id)
        : namespace_(std::move(in_namespace)),
          workflow_id_(std::move(workflow_id)),
          run_id_(std::move(run_id)),
          activity_id_(std::move(activity_id)) {}

    // By the token in its info, to be completed.
    explicit Activity(std::span<const std::uint8_t> task_token) : token_(task_token.begin(), task_token.end()) {}

    const std::string &activity_id() const { return activity_id_; }
    const std::optional<std::string> &run_id() const { return run_id_; }

    // Of standalone activities.
    template <typename R>
    Answer<R> result(std::optional<Duration> timeout = std::nullopt) const {
        auto activity = raw();
        isolet_payload result{};
        auto status = isolet_wait_activity(&activity, detail::timeout(timeout), &result);
        return detail::value_of<R>(status, result);
    }

    Answer<ActivityDescription> describe() const {
        auto activity = raw();
        isolet_activity_description told{};
        return detail::answered(isolet_describe_activity(&activity, &told)).transform([&] {
            return ActivityDescription{detail::text(told.run_id),
                                       detail::text(told.activity_type),
                                       detail::text(told.task_queue),
                                       told.status,
                                       told.attempt,
                                       detail::payloads(told.heartbeat_details),
                                       detail::time(told.scheduled_time),
                                       detail::time(told.close_time)};
        });
    }

    Answer<void> cancel(const std::string &reason) const {
        auto activity = raw();
        return detail::answered(isolet_cancel_activity(&activity, reason.c_str()));
    }

    Answer<void> terminate(const std::string &reason) const {
        auto activity = raw();
        return detail::answered(isolet_terminate_activity(&activity, reason.c_str()));
    }

    // Of activities that ended with `isolet::will_complete_async`.
    template <typename T>
    Answer<void> complete(const T &result) const {
        auto activity = raw();
        return detail::answered(isolet_complete_activity(&activity, encode(result).raw()));
    }

    Answer<void> fail(const Failure &failure) const {
        auto activity = raw();
        auto use = [&](const isolet_failure &raw_failure) { return isolet_fail_activity(&activity, &raw_failure); };
        return detail::answered(detail::with_failure(failure, use));
    }

    // The server takes it only when a cancellation was requested.
    template <typename... T>
    Answer<void> report_cancelled(const T &...details) const {
        auto values = detail::encoded(details...);
        auto activity = raw();
        return detail::answered(isolet_report_activity_cancelled(&activity, detail::RawPayloads(values)));
    }

    // Heartbeats for it, and tells why it should stop; none while it should go on.
    template <typename... T>
    Answer<std::optional<CancellationDetails>> heartbeat(const T &...details) const {
        auto values = detail::encoded(details...);
        auto activity = raw();
        std::uint32_t bits = 0;
        auto status = isolet_heartbeat_activity(&activity, detail::RawPayloads(values), &bits);
        return detail::answered(status).transform(
            [&] { return bits == 0 ? std::nullopt : std::optional(detail::reasons(bits)); });
    }

private:
    isolet_activity raw() const {
        return {detail::given(namespace_), detail::given(workflow_id_), detail::given(run_id_), activity_id_.c_str(),
                {token_.data(), token_.size()}};
    }

    std::optional<std::string> namespace_;
    std::optional<std::string> workflow_id_;
    std::optional<std::string> run_id_;
    std::string activity_id_;
    std::vector<std::uint8_t> token_;
};

// The client, for the activity's own namespace, or for another one.
class Client {
public:
    explicit Client(std::optional<std::string> in_namespace = std::nullopt) : namespace_(std::move(in_namespace)) {}

    template <typename... T>
    Answer<Workflow> start_workflow(const std::string &workflow_type, const WorkflowOptions &options,
                                    const T &...arguments) const {
        auto values = detail::encoded(arguments...);
        detail::RawPayloads input(values);
        detail::RawNamed memo(options.memo), search_attributes(options.search_attributes);
        detail::RawOptions raw_options(options.retry_policy, options.priority);
        isolet_workflow_start start{
            .workflow_namespace = detail::given(namespace_),
            .workflow_id = options.workflow_id.c_str(),
            .workflow_type = workflow_type.c_str(),
            .task_queue = options.task_queue.c_str(),
            .input = input,
            .execution_timeout = detail::or_zero(options.execution_timeout),
            .run_timeout = detail::or_zero(options.run_timeout),
            .task_timeout = detail::or_zero(options.task_timeout),
            .id_reuse = options.id_reuse,
            .id_conflict = options.id_conflict,
            .retry_policy = raw_options.policy(),
            .start_delay = detail::or_zero(options.start_delay),
            .memo = memo.data(),
            .memo_count = memo.size(),
            .search_attributes = search_attributes.data(),
            .search_attribute_count = search_attributes.size(),
            .priority = raw_options.priority(),
        };
        const char *run_id = nullptr;
        return detail::answered(isolet_start_workflow(&start, &run_id)).transform([&] {
            return Workflow(namespace_, options.workflow_id, std::string(run_id));
        });
    }

    // The current run of the workflow of this id.
    Workflow workflow(std::string workflow_id) const { return {namespace_, std::move(workflow_id), std::nullopt}; }

    template <typename... T>
    Answer<Activity> start_activity(const std::string &activity_type, const ActivityOptions &options,
                                    const T &...arguments) const {
        return start_activity_with(activity_type, options, detail::encoded(arguments...));
    }

    // The same with values that are encoded already.
    Answer<Activity> start_activity_with(const std::string &activity_type, const ActivityOptions &options,
                                         std::span<const Payload> arguments) const {
        detail::RawPayloads input(arguments);
        detail::RawNamed search_attributes(options.search_attributes);
        detail::RawOptions raw_options(options.retry_policy, options.priority);
        isolet_activity_start start{
            .activity_namespace = detail::given(namespace_),
            .activity_id = options.activity_id.c_str(),
            .activity_type = activity_type.c_str(),
            .task_queue = options.task_queue.c_str(),
            .input = input,
            .schedule_to_close_timeout = detail::or_zero(options.schedule_to_close_timeout),
            .schedule_to_start_timeout = detail::or_zero(options.schedule_to_start_timeout),
            .start_to_close_timeout = detail::or_zero(options.start_to_close_timeout),
            .heartbeat_timeout = detail::or_zero(options.heartbeat_timeout),
            .id_reuse = options.id_reuse,
            .id_conflict = options.id_conflict,
            .retry_policy = raw_options.policy(),
            .start_delay = detail::or_zero(options.start_delay),
            .search_attributes = search_attributes.data(),
            .search_attribute_count = search_attributes.size(),
            .priority = raw_options.priority(),
        };
        const char *run_id = nullptr;
        return detail::answered(isolet_start_activity(&start, &run_id)).transform([&] {
            return Activity(namespace_, std::nullopt, std::string(run_id), options.activity_id);
        });
    }

    // The current run of the standalone activity of this id.
    Activity activity(std::string activity_id) const {
        return {namespace_, std::nullopt, std::nullopt, std::move(activity_id)};
    }

    // An activity of a workflow's current run, to be completed.
    Activity activity_of(std::string workflow_id, std::string activity_id) const {
        return {namespace_, std::move(workflow_id), std::nullopt, std::move(activity_id)};
    }

    // One raw call of Temporal's workflow service: the encoded request message of the method, answered with the encoded
    // response.
    Answer<std::vector<std::uint8_t>> rpc(const std::string &method, std::span<const std::uint8_t> request,
                                          std::optional<Duration> timeout = std::nullopt) const {
        isolet_bytes response{};
        auto status = isolet_rpc(method.c_str(), {request.data(), request.size()}, detail::timeout(timeout), &response);
        return detail::answered(status).transform(
            [&] { return std::vector<std::uint8_t>(response.data, response.data + response.size); });
    }

private:
    std::optional<std::string> namespace_;
};

}  // namespace isolet
