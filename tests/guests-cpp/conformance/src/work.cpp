// Using time, memory and WASI; and asking Temporal.

#include <cstdio>
#include <memory>
#include <random>

#include "conformance.hpp"

Result<int> sleep_ms(int ms) {
    ISOLET_TRY(isolet::sleep(std::chrono::milliseconds(ms)));
    return ms;
}

int cpu_ms(int ms) {
    auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
    volatile std::uint64_t sum = 0;
    while (std::chrono::steady_clock::now() < end) {
        for (std::uint64_t number = 0; number < 100'000; number++) {
            sum = sum + number;
        }
    }
    return ms;
}

void spin() {
    volatile std::uint64_t count = 0;
    for (;;) {
        count = count + 1;
    }
}

std::size_t allocate(std::size_t mib) { return std::vector<char>(mib << 20, 1).size(); }

std::int64_t clock_ms() {
    auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::string random_text() {
    std::random_device device;
    return std::to_string(device()) + "-" + std::to_string(device());
}

Result<std::string> read_file(std::string path) {
    std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(std::fopen(path.c_str(), "rb"), std::fclose);
    if (file == nullptr) {
        return isolet::fail_errno(path);
    }
    std::string text;
    char part[4096];
    while (std::size_t read = std::fread(part, 1, sizeof part, file.get())) {
        text.append(part, read);
    }
    return text;
}

static std::string explained(const isolet::ClientError &error) {
    switch (error.kind) {
    case ISOLET_CLIENT_NOT_GRANTED:
        return "not granted: " + error.message;
    case ISOLET_CLIENT_INVALID:
        return "invalid: " + error.message;
    case ISOLET_CLIENT_LEASE_LOST:
        return "lease lost";
    case ISOLET_CLIENT_ENDED: {
        static const char *const kinds[] = {"",       "Cancelled", "Timeout",       "Terminated",
                                            "Server", "Activity",  "ChildWorkflow", "Other"};
        const isolet::Failure &failure = *error.failure;
        bool is_own = failure.kind == ISOLET_APPLICATION_FAILURE;
        std::string cause = failure.cause ? ", because " + failure.cause->message : "";
        return (is_own ? failure.type : kinds[failure.kind]) + ": " + failure.message + cause;
    }
    default:
        return error.is_timeout() ? "timeout" : error.is_not_found() ? "not found" : "status: " + error.message;
    }
}

Result<isolet::json> client_execute_activity(std::string type, std::string id, std::vector<isolet::json> arguments) {
    std::vector<isolet::Payload> input;
    for (const isolet::json &argument : arguments) {
        input.push_back(isolet::encode(argument));
    }
    isolet::ActivityOptions options{.activity_id = id,
                                    .task_queue = std::string(isolet::info().task_queue),
                                    .start_to_close_timeout = 20s,
                                    .retry_policy = isolet::RetryPolicy{.maximum_attempts = 1}};
    auto activity = ISOLET_TRY(isolet::Client().start_activity_with(type, options, input));
    auto described = ISOLET_TRY(activity.describe());
    auto result = activity.result<isolet::json>();
    return isolet::json{{"type", described.activity_type},
                        {"result", result ? *result : isolet::json(explained(result.error()))}};
}

Result<std::string> client_stop_activity(std::string how, std::string id) {
    // Nobody serves the queue, so it does not begin.
    isolet::ActivityOptions options{.activity_id = id, .task_queue = "nobody's", .schedule_to_close_timeout = 20s};
    auto activity = ISOLET_TRY(isolet::Client().start_activity("any", options));
    ISOLET_TRY(how == "cancel" ? activity.cancel("enough") : activity.terminate("enough"));
    auto result = activity.result<isolet::json>();
    return result ? result->dump() : explained(result.error());
}

Result<void> client_complete_by_id(std::string how, std::string workflow_id, std::string activity_id) {
    isolet::Client client;
    auto activity = workflow_id.empty() ? client.activity(activity_id) : client.activity_of(workflow_id, activity_id);
    if (how == "fail") {
        ISOLET_TRY(activity.fail({.message = "not today", .type = "Refused"}));
    } else {
        ISOLET_TRY(activity.complete("by id"));
    }
    return {};
}

Result<void> client_complete_by_token(std::vector<std::uint8_t> token) {
    ISOLET_TRY(isolet::Activity(token).complete("by token"));
    return {};
}

std::string client_describe(std::string workflow_id, std::optional<std::string> in_namespace) {
    auto described = isolet::Client(in_namespace).workflow(workflow_id).describe();
    return described ? std::to_string(described->status) : explained(described.error());
}
