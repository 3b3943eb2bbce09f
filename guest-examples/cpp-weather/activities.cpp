// The warmest and the coldest day of each place in a table of weather.

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <isolet.hpp>

struct Day {
    std::string date;
    double temperature;
};
ISOLET_FIELDS(Day, date, temperature)

struct Extremes {
    Day warmest;
    Day coldest;
    int days;
};
ISOLET_FIELDS(Extremes, warmest, coldest, days)

// How many rows are read between heartbeats.
static constexpr int ROWS = 500;

// The parts of a line between commas.
static std::vector<std::string_view> cells(std::string_view line) {
    std::vector<std::string_view> cells;
    while (true) {
        std::size_t comma = line.find(',');
        cells.push_back(line.substr(0, comma));
        if (comma == std::string_view::npos) {
            return cells;
        }
        line.remove_prefix(comma + 1);
    }
}

// Takes the first line off a text.
static std::string_view take_line(std::string_view &text) {
    std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

static isolet::Result<double> number(std::string_view text) {
    double value = 0;
    auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) {
        return isolet::fail({.message = "no number: " + std::string(text), .type = "BadTable", .non_retryable = true});
    }
    return value;
}

static isolet::Result<std::size_t> column(const std::vector<std::string_view> &names, const char *name) {
    auto found = std::ranges::find(names, name);
    if (found == names.end()) {
        return isolet::fail(
            {.message = std::string("no column ") + name, .type = "BadTable", .non_retryable = true});
    }
    return found - names.begin();
}

static isolet::Result<std::map<std::string, Extremes>> weather_extremes(isolet::Bytes table) {
    std::string_view text(reinterpret_cast<const char *>(table.data.data()), table.data.size());
    auto names = cells(take_line(text));
    auto place = ISOLET_TRY(column(names, "location"));
    auto date = ISOLET_TRY(column(names, "date"));
    auto warmth = ISOLET_TRY(column(names, "temp_max"));
    auto cold = ISOLET_TRY(column(names, "temp_min"));
    std::map<std::string, Extremes> places;
    for (int row = 1; !text.empty(); row++) {
        auto line = cells(take_line(text));
        if (line.size() != names.size()) {
            return isolet::fail({.message = "row " + std::to_string(row) + " has other columns",
                                 .type = "BadTable",
                                 .non_retryable = true});
        }
        Day warm{std::string(line[date]), ISOLET_TRY(number(line[warmth]))};
        Day chilly{warm.date, ISOLET_TRY(number(line[cold]))};
        auto [at, is_new] = places.try_emplace(std::string(line[place]), Extremes{warm, chilly, 0});
        Extremes &extremes = at->second;
        extremes.days += 1;
        if (warm.temperature > extremes.warmest.temperature) {
            extremes.warmest = warm;
        }
        if (chilly.temperature < extremes.coldest.temperature) {
            extremes.coldest = chilly;
        }
        if (row % ROWS == 0) {
            isolet::heartbeat(row);
            ISOLET_TRY(isolet::check_cancelled());
        }
    }
    return places;
}

ISOLET_ACTIVITIES(ISOLET_ACTIVITY(weather_extremes, "table"))
