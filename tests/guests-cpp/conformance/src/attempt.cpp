// What an attempt knows and tells, and how far it is.

#include <cstdio>
#include <limits>

#include "conformance.hpp"

using isolet::json;

static json seconds(std::optional<isolet::Duration> duration) {
    return duration ? json(duration->count() / 1e9) : json(nullptr);
}

static json since_epoch(std::optional<isolet::Time> time) {
    return time ? seconds(time->time_since_epoch()) : json(nullptr);
}

template <typename T>
static json or_null(const std::optional<T> &value) {
    return value ? json(*value) : json(nullptr);
}

static json policy_of(const std::optional<isolet::RetryPolicy> &policy) {
    if (!policy) {
        return nullptr;
    }
    return {{"initial_interval", seconds(policy->initial_interval)},
            {"backoff_coefficient", policy->backoff_coefficient},
            {"maximum_interval", seconds(policy->maximum_interval)},
            {"maximum_attempts", policy->maximum_attempts},
            {"non_retryable_error_types", policy->non_retryable_types}};
}

static json workflow_of(const std::optional<isolet::WorkflowExecution> &workflow) {
    if (!workflow) {
        return nullptr;
    }
    return {{"namespace", workflow->workflow_namespace},
            {"workflow_id", workflow->workflow_id},
            {"run_id", workflow->run_id},
            {"workflow_type", workflow->workflow_type}};
}

json info() {
    const isolet::Info &info = isolet::info();
    json headers = json::object(), details = json::array();
    for (const auto &[name, value] : info.headers) {
        headers[std::string(name)] = value.text();
    }
    for (const isolet::Payload &detail : info.heartbeat_details) {
        details.push_back(detail.text());
    }
    return {{"activity_id", info.activity_id},
            {"activity_run_id", or_null(info.activity_run_id)},
            {"activity_type", info.activity_type},
            {"attempt", info.attempt},
            {"namespace", info.activity_namespace},
            {"task_queue", info.task_queue},
            {"task_token", std::vector(info.task_token.begin(), info.task_token.end())},
            {"workflow", workflow_of(info.workflow)},
            {"is_local", info.is_local},
            {"scheduled_time", since_epoch(info.scheduled_time)},
            {"current_attempt_scheduled_time", since_epoch(info.current_attempt_scheduled_time)},
            {"started_time", since_epoch(info.started_time)},
            {"schedule_to_close_timeout", seconds(info.schedule_to_close_timeout)},
            {"start_to_close_timeout", seconds(info.start_to_close_timeout)},
            {"heartbeat_timeout", seconds(info.heartbeat_timeout)},
            {"deadline", since_epoch(info.deadline)},
            {"heartbeat_details", details},
            {"retry_policy", policy_of(info.retry_policy)},
            {"priority",
             {{"priority_key", or_null(info.priority.key)},
              {"fairness_key", or_null(info.priority.fairness_key)},
              {"fairness_weight", or_null(info.priority.fairness_weight)}}},
            {"headers", headers}};
}

json idempotency_key() {
    const auto &workflow = isolet::info().workflow;
    json run_id = workflow ? json(workflow->run_id) : or_null(isolet::info().activity_run_id);
    return json::array({isolet::idempotency_key(), workflow ? json(workflow->workflow_id) : json(nullptr), run_id});
}

void log_lines(std::string text) {
    using isolet::Level;
    const std::pair<Level, const char *> lines[] = {{Level::trace, "trace line"},
                                                    {Level::debug, "debug line"},
                                                    {Level::info, "info line"},
                                                    {Level::warn, "warn line"},
                                                    {Level::error, "error line"}};
    for (const auto &[level, message] : lines) {
        isolet::log(level, message, {{"text", text}, {"number", 42}, {"activity_id", "forged"}});
    }
    std::puts("output line");
    std::fflush(stdout);
    std::fputs("error output line\n", stderr);
}

static json token() {
    auto token = isolet::info().task_token;
    return std::vector(token.begin(), token.end());
}

Result<void> complete_async() {
    isolet::log(isolet::Level::info, "completing elsewhere", {{"task_token", token()}});
    return isolet::will_complete_async();
}

Result<void> client_tell_token() {
    isolet::log(isolet::Level::info, "token", {{"token", token()}});
    return isolet::will_complete_async();
}

static Result<json> resumed() {
    auto details = ISOLET_TRY(isolet::heartbeat_detail<int>());
    return json{{"attempt", isolet::info().attempt}, {"details", or_null(details)}};
}

Result<json> heartbeat_then_fail(int count, std::optional<int> pause_ms) {
    if (isolet::info().attempt > 1) {
        return resumed();
    }
    for (int number = 1; number <= count; number++) {
        isolet::heartbeat(number);
        ISOLET_TRY(isolet::sleep(std::chrono::milliseconds(pause_ms.value_or(0))));
    }
    return isolet::fail({.message = "first attempt"});
}

Result<json> heartbeat_then_hang(int count) {
    if (isolet::info().attempt > 1) {
        return resumed();
    }
    for (int number = 1; number <= count; number++) {
        isolet::heartbeat(number);
    }
    spin();
    return nullptr;
}

Result<std::vector<json>> heartbeat_details(std::string kind) {
    if (isolet::info().attempt > 1) {
        std::vector<json> all;
        for (std::size_t index = 0; index < isolet::info().heartbeat_details.size(); index++) {
            all.push_back(ISOLET_TRY(isolet::heartbeat_detail<json>(index)).value_or(nullptr));
        }
        return all;
    }
    if (kind == "several") {
        isolet::heartbeat(nullptr, 1, "a");
    } else if (kind == "unreadable") {
        isolet::heartbeat(isolet::Payload("nobody/knows", std::vector<std::uint8_t>{'?'}));
    } else {
        isolet::heartbeat();
    }
    return isolet::fail({.message = "first attempt"});
}

static void heartbeat_without_encoding() { isolet::heartbeat(std::numeric_limits<double>::quiet_NaN()); }

Result<void> heartbeat_unencodable() {
    heartbeat_without_encoding();
    return isolet::sleep(60s);
}

std::string heartbeat_unencodable_returned() {
    heartbeat_without_encoding();
    return "returned";
}

static std::string truth(bool value) { return value ? "true" : "false"; }

std::string heartbeat_unencodable_caught() {
    heartbeat_without_encoding();
    bool interrupted = !isolet::sleep(60s);
    return "interrupted: " + truth(interrupted) + ", cancelled: " + truth(isolet::is_cancelled()) +
           ", details: " + (isolet::cancellation_details() ? "some" : "none");
}

Result<int> sleep_with_heartbeats(int total_ms, int every_ms) {
    int steps = total_ms / std::max(every_ms, 1);
    for (int step = 1; step <= steps; step++) {
        ISOLET_TRY(isolet::sleep(std::chrono::milliseconds(every_ms)));
        isolet::heartbeat(step);
    }
    return steps;
}

Result<void> measure(std::string prefix) {
    const isolet::Attributes forged = {{"namespace", "other"},
                                       {"task-queue", "other"},
                                       {"activity.type", "other"},
                                       {"tenant", "other"},
                                       {"service_name", "other"}};
    auto counter = ISOLET_TRY(
        isolet::Counter::of({.name = prefix + "_counter", .description = "Rows read", .unit = "{row}"}));
    counter.add(2, forged);
    counter.add(3, forged);
    counter.add(1, {{"namespace", "other"},
                    {"service_name", "other"},
                    {"text", "a \"b\""},
                    {"integer", -1},
                    {"float", 0.5},
                    {"boolean", true}});
    ISOLET_TRY(isolet::Counter::of({.name = prefix + "_counter"})).add(4);
    ISOLET_TRY(isolet::Histogram::of({.name = prefix + "_histogram", .description = "Sizes"})).record(70, forged);
    ISOLET_TRY(isolet::HistogramDouble::of({.name = prefix + "_histogram"})).record(0.5, forged);
    ISOLET_TRY(isolet::HistogramDuration::of({.name = prefix + "_latency", .unit = "duration"})).record(1500ms, forged);
    auto gauge = ISOLET_TRY(isolet::Gauge::of({.name = prefix + "_gauge"}));
    gauge.set(7, forged);
    gauge.set(std::numeric_limits<std::uint64_t>::max(), forged);
    ISOLET_TRY(isolet::GaugeDouble::of({.name = prefix + "_gauge_float"})).set(-0.25, forged);
    return {};
}
