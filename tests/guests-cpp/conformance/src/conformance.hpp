#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <isolet.hpp>

using namespace std::chrono_literals;
using isolet::Result;

// How often an activity that waits tells that it is alive.
inline constexpr auto BEAT = 100ms;

std::int64_t add(std::int64_t a, std::int64_t b);
isolet::Payload echo(isolet::Payload value);
std::string greet(std::string name);
void nothing();
isolet::json recode(isolet::json value);
isolet::Bytes reverse_bytes(isolet::Bytes bytes);
double unencodable_result();
std::pair<std::int64_t, std::int64_t> with_default(std::int64_t a, std::optional<std::int64_t> b);

Result<int> fail();
Result<void> fail_application(std::string type, bool non_retryable, std::optional<int> delay_ms);
Result<void> fail_benign();
Result<void> fail_cancelled();
Result<void> fail_empty();
Result<std::uint32_t> fail_until_attempt(std::uint32_t attempt, std::optional<int> delay_ms);
Result<void> fail_with_bad_detail();
Result<int> fail_with_cause();
Result<void> fail_with_kind(std::string kind);

Result<std::vector<isolet::json>> heartbeat_details(std::string kind);
Result<isolet::json> heartbeat_then_fail(int count, std::optional<int> pause_ms);
Result<isolet::json> heartbeat_then_hang(int count);
Result<void> heartbeat_unencodable();
std::string heartbeat_unencodable_caught();
std::string heartbeat_unencodable_returned();
Result<int> sleep_with_heartbeats(int total_ms, int every_ms);

Result<void> shield_forever();
std::string wait_cancel_caught();
Result<isolet::json> wait_cancel_first_attempt();
Result<std::string> wait_cancel_ignored();
Result<void> wait_cancel_polling();
std::vector<std::string> wait_cancel_shielded();
std::string wait_cancel_silent();
std::string wait_cancel_swallowed();
Result<void> wait_cancel_then_fail();
std::vector<std::string> wait_cancel_twice();
Result<void> wait_cancel_uncaught();
void park();
std::string stay_until_shutdown();
std::string stay_until_shutdown_async();
bool wait_cancel_async();
std::pair<std::vector<bool>, std::int64_t> wait_with_timeouts();

Result<void> complete_async();
isolet::json idempotency_key();
isolet::json info();
void log_lines(std::string text);
Result<void> measure(std::string prefix);

Result<void> client_complete_by_id(std::string how, std::string workflow_id, std::string activity_id);
Result<void> client_complete_by_token(std::vector<std::uint8_t> token);
std::string client_describe(std::string workflow_id, std::optional<std::string> in_namespace);
Result<isolet::json> client_execute_activity(std::string type, std::string id, std::vector<isolet::json> arguments);
Result<std::string> client_stop_activity(std::string how, std::string id);
Result<void> client_tell_token();

std::size_t allocate(std::size_t mib);
std::int64_t clock_ms();
int cpu_ms(int ms);
std::string random_text();
Result<std::string> read_file(std::string path);
Result<int> sleep_ms(int ms);
void spin();
