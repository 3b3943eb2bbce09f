// Log lines of the attempt.

#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "value.hpp"

namespace isolet {

// How important a line is.
enum class Level { trace = ISOLET_TRACE, debug = ISOLET_DEBUG, info = ISOLET_INFO, warn = ISOLET_WARN, error = ISOLET_ERROR };

// Whether lines of this level are kept: saves the work of making those that are not.
inline bool log_enabled(Level level) { return isolet_log_enabled(static_cast<isolet_level>(level)); }

// Writes a line, with fields: `isolet::log(isolet::Level::info, "read", {{"rows", 3}})`. The host adds what identifies
// the attempt.
inline void log(Level level, const std::string &message,
                std::initializer_list<std::pair<const char *, json>> fields = {}, const char *logger = ISOLET_LOGGER) {
    detail::Temporary temporary;
    std::vector<isolet_named_payload> raw;
    for (const auto &[name, value] : fields) {
        raw.push_back({name, encode(value).raw()});
    }
    isolet_log_fields(logger, static_cast<isolet_level>(level), message.c_str(), raw.data(), raw.size());
}

}  // namespace isolet
