// Asking Temporal in C++: what the conformance suite does not ask.

#include <isolet.hpp>

#include <array>

using namespace std::chrono_literals;
using isolet::Result;

// What a call met.
static std::string explained(const isolet::ClientError &error) {
    static constexpr std::array kinds{"",       "Cancelled", "Timeout",       "Terminated",
                                      "Server", "Activity",  "ChildWorkflow", "Other"};
    if (error.kind != ISOLET_CLIENT_ENDED) {
        return error.is_timeout() ? "timeout" : error.is_not_found() ? "not found" : error.message;
    }
    const isolet::Failure &failure = *error.failure;
    bool is_own = failure.kind == ISOLET_APPLICATION_FAILURE;
    std::string cause = failure.cause ? ", because " + failure.cause->message : "";
    return (is_own ? failure.type : kinds[failure.kind]) + ": " + failure.message + cause;
}

static std::string status_name(isolet_execution_status status) {
    static constexpr std::array names{"Unspecified", "Running",        "Completed", "Failed", "Cancelled",
                                      "Terminated",  "ContinuedAsNew", "TimedOut",  "Paused"};
    return names[status];
}

static Result<isolet::json> client_drive_workflow(std::string id, std::string queue) {
    isolet::Client client;
    isolet::WorkflowOptions options{.workflow_id = id,
                                    .task_queue = queue,
                                    .execution_timeout = 60s,
                                    .memo = {{"why", isolet::encode("test")}},
                                    .priority = isolet::Priority{.key = 2}};
    isolet::json told;
    auto workflow = ISOLET_TRY(client.start_workflow("Collect", options, "first"));
    auto again = client.start_workflow("Collect", options, "first");
    told["again"] = !again && again.error().is_already_exists();
    options.id_conflict = ISOLET_USE_EXISTING;
    auto existing = ISOLET_TRY(client.start_workflow("Collect", options, "first"));
    told["existing"] = existing.run_id() == workflow.run_id();
    auto current = client.workflow(id);
    ISOLET_TRY(workflow.signal("add", "second"));
    ISOLET_TRY(current.signal("add", "third"));
    told["seen"] = ISOLET_TRY(workflow.query<isolet::json>("all"));
    told["updated"] = ISOLET_TRY(workflow.update<int>("count"));
    // With the same id it is the same update.
    auto once = ISOLET_TRY(workflow.update_with_id<int>("my-update", 10s, "count"));
    auto twice = ISOLET_TRY(workflow.update_with_id<int>("my-update", 10s, "count"));
    auto refused = workflow.update<int>("refuse");
    told["refused"] = refused || once != twice ? "not refused" : explained(refused.error());
    auto described = ISOLET_TRY(workflow.describe());
    told["running"] = status_name(described.status) + " " + described.workflow_type;
    ISOLET_TRY(workflow.signal("finish"));
    told["result"] = ISOLET_TRY(workflow.result<isolet::json>());
    auto ended = ISOLET_TRY(current.describe());
    told["ended"] = status_name(ended.status) + (ended.close_time ? " true" : " false");
    return told;
}

static Result<std::string> client_execute_workflow(std::string type, std::string id, std::string queue) {
    isolet::WorkflowOptions options{.workflow_id = id, .task_queue = queue};
    auto workflow = ISOLET_TRY(isolet::Client().start_workflow(type, options, "input"));
    auto result = workflow.result<isolet::json>(20s);
    return result ? "completed: " + result->dump() : explained(result.error());
}

static Result<isolet::json> client_pass_on_failure(std::string type, std::string id, std::string queue) {
    isolet::WorkflowOptions options{.workflow_id = id, .task_queue = queue};
    auto workflow = ISOLET_TRY(isolet::Client().start_workflow(type, options));
    return ISOLET_TRY(workflow.result<isolet::json>());
}

static Result<std::string> client_stop_workflow(std::string how, std::string id, std::string queue) {
    isolet::WorkflowOptions options{.workflow_id = id, .task_queue = queue};
    auto workflow = ISOLET_TRY(isolet::Client().start_workflow("Collect", options));
    // An answer that has another type than was asked for is told as that.
    auto wrong = workflow.query<int>("all");
    if (wrong) {
        return isolet::fail({.message = "a list became a number"});
    }
    ISOLET_TRY(how == "cancel" ? workflow.cancel("enough") : workflow.terminate("enough"));
    auto result = workflow.result<isolet::json>();
    return result ? result->dump() : explained(result.error());
}

static Result<void> client_complete_by_id(std::string how, std::string workflow_id, std::string activity_id) {
    isolet::Client client;
    auto activity = workflow_id.empty() ? client.activity(activity_id) : client.activity_of(workflow_id, activity_id);
    if (how == "fail") {
        ISOLET_TRY(activity.fail({.message = "not today", .type = "Refused", .details = {isolet::encode(7)}}));
    } else if (how == "heartbeat") {
        auto reasons = ISOLET_TRY(activity.heartbeat(1, "two"));
        ISOLET_TRY(activity.complete(reasons ? "heartbeat: some" : "heartbeat: None"));
    } else {
        ISOLET_TRY(activity.complete("by id"));
    }
    return {};
}

// Cancels an activity that is left open, and reports what it is told then.
static Result<std::string> client_cancel_by_id(std::string activity_id) {
    auto activity = isolet::Client().activity(activity_id);
    auto early = activity.report_cancelled();
    ISOLET_TRY(activity.cancel("enough"));
    auto reasons = ISOLET_TRY(activity.heartbeat());
    ISOLET_TRY(activity.report_cancelled("done", 1));
    auto described = ISOLET_TRY(activity.describe());
    bool is_told = reasons && reasons->cancel_requested;
    return status_name(described.status) + (is_told ? ", told" : ", not told") + (early ? ", early" : "");
}

static std::string client_rpc(std::string method, isolet::Bytes request) {
    auto response = isolet::Client().rpc(method, request.data, 20s);
    return response ? std::to_string(response->size()) + " bytes" : explained(response.error());
}

static Result<void> complete_async() { return isolet::will_complete_async(); }

ISOLET_ACTIVITIES(
    ISOLET_ACTIVITY(client_drive_workflow, "id", "queue"),
    ISOLET_ACTIVITY(client_execute_workflow, "type", "id", "queue"),
    ISOLET_ACTIVITY(client_pass_on_failure, "type", "id", "queue"),
    ISOLET_ACTIVITY(client_stop_workflow, "how", "id", "queue"),
    ISOLET_ACTIVITY(client_complete_by_id, "how", "workflow_id", "activity_id"),
    ISOLET_ACTIVITY(client_cancel_by_id, "activity_id"),
    ISOLET_ACTIVITY(client_rpc, "method", "request"),
    ISOLET_ACTIVITY(complete_async))
