// Temporal activities in C++23, for Isolet: each attempt runs in a WebAssembly sandbox of its own.
//
//     #include <isolet.hpp>
//
//     static std::string greet(std::string name) { return "Hello, " + name + "!"; }
//
//     ISOLET_ACTIVITIES(ISOLET_ACTIVITY(greet, "name"))
//
// Arguments and results are values: numbers, texts, containers, `std::optional`, `isolet::json`, `isolet::Bytes`,
// `isolet::Payload`, and structs whose fields `ISOLET_FIELDS` names. What can fail returns `isolet::Result<T>`, a
// `std::expected`; nothing throws, as nothing can be caught in WebAssembly.
//
// - isolet/failure.hpp: how activities fail, and Result
// - isolet/payload.hpp, isolet/value.hpp: payloads, and what becomes of values
// - isolet/activity.hpp: the macros that declare activities
// - isolet/attempt.hpp: info, heartbeats, cancellation
// - isolet/log.hpp, isolet/metrics.hpp, isolet/http.hpp, isolet/client.hpp

#pragma once

#include "isolet/activity.hpp"
#include "isolet/attempt.hpp"
#include "isolet/client.hpp"
#include "isolet/failure.hpp"
#include "isolet/http.hpp"
#include "isolet/log.hpp"
#include "isolet/metrics.hpp"
#include "isolet/payload.hpp"
#include "isolet/value.hpp"
