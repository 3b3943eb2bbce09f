// Being told to stop, and the ways to answer.

#include "conformance.hpp"
#include "isolet_bindings.h"

static std::string truth(bool value) { return value ? "true" : "false"; }

static std::string reasons() {
    auto details = isolet::cancellation_details();
    if (!details) {
        return "none";
    }
    const std::pair<const char *, bool> all[] = {
        {"not_found", details->not_found}, {"cancel_requested", details->cancel_requested},
        {"paused", details->paused},       {"reset", details->reset},
        {"timed_out", details->timed_out}, {"worker_shutdown", details->worker_shutdown}};
    std::string names;
    for (const auto &[name, holds] : all) {
        if (holds) {
            names += (names.empty() ? "" : ",") + std::string(name);
        }
    }
    return names;
}

static void beat_until_cancelled() {
    while (!isolet::wait_for_cancelled(BEAT)) {
        isolet::heartbeat("waiting");
    }
}

static void beat_until_told() {
    while (isolet::sleep(BEAT)) {
        isolet::heartbeat("waiting");
    }
}

static std::string caught() {
    std::string told = "caught: " + reasons();
    isolet::log(isolet::Level::info, told);
    return told;
}

std::string wait_cancel_caught() {
    beat_until_told();
    return caught();
}

Result<std::string> wait_cancel_ignored() {
    beat_until_cancelled();
    ISOLET_TRY(isolet::sleep(BEAT));
    ISOLET_TRY(isolet::check_cancelled());
    isolet::Shield shield;
    ISOLET_TRY(shield.end());
    return "ignored: " + truth(isolet::is_cancelled());
}

Result<void> wait_cancel_uncaught() {
    for (;;) {
        isolet::heartbeat("waiting");
        ISOLET_TRY(isolet::sleep(BEAT));
    }
}

Result<isolet::json> wait_cancel_first_attempt() {
    const isolet::Info &info = isolet::info();
    if (info.attempt == 1) {
        ISOLET_TRY(wait_cancel_uncaught());
    }
    isolet::json timeout = nullptr;
    if (info.start_to_close_timeout) {
        timeout = std::chrono::duration_cast<std::chrono::seconds>(*info.start_to_close_timeout).count();
    }
    return isolet::json::array({info.attempt, timeout});
}

std::string wait_cancel_swallowed() {
    beat_until_told();
    isolet::heartbeat("working on");
    // The cancellation stands: only in a shield does a sleep last.
    {
        isolet::Shield shield;
        (void)isolet::sleep(BEAT);
    }
    return "swallowed: " + truth(isolet::is_cancelled());
}

Result<void> wait_cancel_then_fail() {
    beat_until_cancelled();
    return isolet::fail({.message = "stopped halfway", .type = "Halfway"});
}

Result<void> wait_cancel_polling() {
    for (;;) {
        isolet::heartbeat("polling");
        ISOLET_TRY(isolet::check_cancelled());
    }
}

std::string wait_cancel_silent() {
    isolet::wait_for_cancelled();
    return caught();
}

std::vector<std::string> wait_cancel_twice() {
    std::vector<std::string> seen{reasons()};
    beat_until_cancelled();
    seen.push_back(reasons());
    isolet::log(isolet::Level::info, "cancelled once");
    isolet::wait_for_worker_shutdown();
    // The second cancellation comes with the shutdown, which has no grace.
    isolet::Shield shield;
    (void)isolet::sleep(BEAT);
    seen.push_back(reasons());
    return seen;
}

std::vector<std::string> wait_cancel_shielded() {
    std::vector<std::string> steps;
    auto sleep = [&] { steps.push_back(isolet::sleep(BEAT) ? "slept on" : "cut short"); };
    isolet::Shield outer, inner;
    beat_until_cancelled();
    sleep();
    steps.push_back(inner.end() ? "inner end passed" : "cut short at the inner end");
    sleep();
    steps.push_back(outer.end() ? "never cancelled" : "cancelled after cleanup");
    return steps;
}

Result<void> shield_forever() {
    isolet::Shield shield;
    while (isolet::sleep(BEAT)) {
    }
    return shield.end();
}

// Waits on a pollable, as an event loop would on several.
static void poll_for(isolet_activity_cancellation_pollable_event_t event) {
    auto pollable = isolet_activity_cancellation_pollable_subscribe(event);
    wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(pollable));
    wasi_io_poll_pollable_drop_own(pollable);
}

bool wait_cancel_async() {
    isolet::heartbeat("waiting");
    poll_for(ISOLET_ACTIVITY_CANCELLATION_EVENT_CANCELLED);
    return isolet::is_cancelled();
}

static std::string shut_down() {
    return "shutdown: " + truth(isolet::is_worker_shutdown()) + ", cancelled: " + truth(isolet::is_cancelled());
}

std::string stay_until_shutdown_async() {
    poll_for(ISOLET_ACTIVITY_CANCELLATION_EVENT_WORKER_SHUTDOWN);
    return shut_down();
}

std::string stay_until_shutdown() {
    while (!isolet::wait_for_worker_shutdown(BEAT)) {
        isolet::heartbeat("waiting");
    }
    return shut_down();
}

void park() {
    for (;;) {
        isolet_activity_cancellation_wait(0, nullptr);
    }
}

std::pair<std::vector<bool>, std::int64_t> wait_with_timeouts() {
    auto began = std::chrono::steady_clock::now();
    std::vector<bool> told;
    for (auto timeout : {0ms, 50ms}) {
        told.push_back(isolet::wait_for_cancelled(timeout));
        told.push_back(isolet::wait_for_worker_shutdown(timeout));
    }
    auto took = std::chrono::steady_clock::now() - began;
    return {told, std::chrono::duration_cast<std::chrono::milliseconds>(took).count()};
}
