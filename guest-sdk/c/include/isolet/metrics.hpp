// Metrics of the activity. The worker exports them, with the attributes `namespace`, `task_queue` and `activity_type`.

#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "failure.hpp"

namespace isolet {

// What an instrument is called; what it measures, for people; and its unit. For durations the unit `duration` means the
// exporter's own.
struct Instrument {
    std::string name;
    std::string description = {};
    std::string unit = {};
};

// The value of an attribute: a text, an integer, a number or a truth value.
class Attribute {
public:
    Attribute(const char *name, const char *value) : raw_(isolet_text_attribute(name, value)) {}
    Attribute(const char *name, const std::string &value) : Attribute(name, value.c_str()) {}
    Attribute(const char *name, bool value) : raw_(isolet_bool_attribute(name, value)) {}
    template <std::integral T>
    Attribute(const char *name, T value) : raw_(isolet_int_attribute(name, static_cast<std::int64_t>(value))) {}
    Attribute(const char *name, double value) : raw_(isolet_double_attribute(name, value)) {}

    const isolet_attribute &raw() const { return raw_; }

private:
    isolet_attribute raw_;
};

// Attributes of one measurement: `{{"kind", "csv"}, {"rows", 3}}`.
using Attributes = std::initializer_list<Attribute>;

namespace detail {

class RawAttributes {
public:
    explicit RawAttributes(Attributes attributes) {
        for (const Attribute &attribute : attributes) {
            values_.push_back(attribute.raw());
        }
    }
    operator isolet_attributes() const { return {values_.data(), values_.size()}; }

private:
    std::vector<isolet_attribute> values_;
};

// One kind of instrument: `make` and `measure` are C's functions for it.
template <typename Self, typename Raw, typename T, auto make, auto measure>
class Measure {
public:
    // Makes the instrument, or finds the one of the same name. An error when there can be none: the component was
    // granted no metrics, the name can't be used, or there are too many.
    static Result<Self> of(const Instrument &instrument) {
        auto given = [](const std::string &text) { return text.empty() ? nullptr : text.c_str(); };
        Self made;
        isolet_instrument named{instrument.name.c_str(), given(instrument.description), given(instrument.unit)};
        return checked(make(named, &made.raw_)).transform([&] { return made; });
    }

protected:
    Measure() = default;

    void take(T value, Attributes attributes) const {
        if constexpr (std::is_same_v<T, Duration>) {
            measure(raw_, value.count(), RawAttributes(attributes));
        } else {
            measure(raw_, value, RawAttributes(attributes));
        }
    }

private:
    Raw raw_{};
};

}  // namespace detail

// A sum that only grows: `ISOLET_TRY(isolet::Counter::of({.name = "rows"})).add(3);`.
class Counter
    : public detail::Measure<Counter, isolet_counter, std::uint64_t, isolet_make_counter, isolet_counter_add> {
public:
    void add(std::uint64_t value, Attributes attributes = {}) const { take(value, attributes); }
};

// A distribution of whole numbers.
class Histogram : public detail::Measure<Histogram, isolet_histogram, std::uint64_t, isolet_make_histogram,
                                         isolet_histogram_record> {
public:
    void record(std::uint64_t value, Attributes attributes = {}) const { take(value, attributes); }
};

// A distribution of numbers.
class HistogramDouble : public detail::Measure<HistogramDouble, isolet_histogram_double, double,
                                               isolet_make_histogram_double, isolet_histogram_double_record> {
public:
    void record(double value, Attributes attributes = {}) const { take(value, attributes); }
};

// A distribution of durations.
class HistogramDuration
    : public detail::Measure<HistogramDuration, isolet_histogram_duration, Duration, isolet_make_histogram_duration,
                             isolet_histogram_duration_record> {
public:
    void record(Duration value, Attributes attributes = {}) const { take(value, attributes); }
};

// A whole number that goes up and down.
class Gauge : public detail::Measure<Gauge, isolet_gauge, std::uint64_t, isolet_make_gauge, isolet_gauge_set> {
public:
    void set(std::uint64_t value, Attributes attributes = {}) const { take(value, attributes); }
};

// A number that goes up and down.
class GaugeDouble : public detail::Measure<GaugeDouble, isolet_gauge_double, double, isolet_make_gauge_double,
                                           isolet_gauge_double_set> {
public:
    void set(double value, Attributes attributes = {}) const { take(value, attributes); }
};

}  // namespace isolet
