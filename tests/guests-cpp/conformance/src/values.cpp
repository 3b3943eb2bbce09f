// Arguments, results and failures.

#include <algorithm>
#include <charconv>
#include <limits>

#include "conformance.hpp"

std::int64_t add(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

isolet::Payload echo(isolet::Payload value) { return value; }

std::string greet(std::string name) { return "Hello, " + name + "!"; }

void nothing() {}

isolet::json recode(isolet::json value) { return value; }

isolet::Bytes reverse_bytes(isolet::Bytes bytes) {
    std::ranges::reverse(bytes.data);
    return bytes;
}

double unencodable_result() { return std::numeric_limits<double>::quiet_NaN(); }

std::pair<std::int64_t, std::int64_t> with_default(std::int64_t a, std::optional<std::int64_t> b) {
    return {a, b.value_or(5)};
}

// Reads a number, as C++ does.
static Result<int> number_of(const std::string &text) {
    int number = 0;
    auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc()) {
        return isolet::fail(read.ec);
    }
    return number;
}

Result<int> fail() { return number_of("x"); }

static std::optional<isolet::Duration> delay(std::optional<int> ms) {
    return ms ? std::optional<isolet::Duration>(std::chrono::milliseconds(*ms)) : std::nullopt;
}

Result<void> fail_application(std::string type, bool non_retryable, std::optional<int> delay_ms) {
    return isolet::fail({.message = "failed on purpose",
                         .type = type,
                         .non_retryable = non_retryable,
                         .next_retry_delay = delay(delay_ms),
                         .details = {isolet::encode("detail"), isolet::encode(42)}});
}

Result<void> fail_benign() { return isolet::fail({.message = "expected", .type = "Expected", .benign = true}); }

Result<void> fail_cancelled() { return isolet::cancelled(); }

Result<void> fail_empty() { return isolet::fail(isolet::Failure{}); }

Result<std::uint32_t> fail_until_attempt(std::uint32_t attempt, std::optional<int> delay_ms) {
    std::uint32_t now = isolet::info().attempt;
    if (now < attempt) {
        return isolet::fail({.message = "attempt " + std::to_string(now) + " fails",
                             .type = "NotYet",
                             .next_retry_delay = delay(delay_ms)});
    }
    return now;
}

Result<void> fail_with_bad_detail() {
    return isolet::fail({.message = "lost", .type = "Lost", .details = {isolet::encode(unencodable_result())}});
}

Result<int> fail_with_cause() {
    auto number = number_of("x");
    if (!number) {
        isolet::Failure inner{.message = "inner", .type = "Inner", .cause = isolet::cause(*number.error().failure())};
        return isolet::fail({.message = "outer", .type = "Outer", .cause = isolet::cause(inner)});
    }
    return number;
}

Result<void> fail_with_kind(std::string kind) {
    const std::pair<const char *, isolet::Failure> kinds[] = {
        {"timeout", {.kind = ISOLET_TIMEOUT_FAILURE, .timeout_type = ISOLET_START_TO_CLOSE}},
        {"terminated", {.kind = ISOLET_TERMINATED_FAILURE}},
        {"server", {.non_retryable = true, .kind = ISOLET_SERVER_FAILURE}},
        {"activity",
         {.kind = ISOLET_ACTIVITY_FAILURE, .called_type = "ship", .called_id = "7", .worker_identity = "somebody"}},
        {"child_workflow",
         {.kind = ISOLET_CHILD_WORKFLOW_FAILURE,
          .called_type = "Order",
          .called_id = "order-7",
          .called_namespace = "default",
          .called_run_id = "run"}}};
    for (const auto &[name, of_that_kind] : kinds) {
        if (kind == name) {
            isolet::Failure failure = of_that_kind;
            failure.message = "of another kind";
            return isolet::fail(failure);
        }
    }
    return isolet::fail({.message = "no kind " + kind});
}
