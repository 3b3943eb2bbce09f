// Activities: functions with a component's names for them.
//
//     static isolet::Result<Shipment> ship(Order order, std::optional<bool> express);
//
//     ISOLET_ACTIVITIES(ISOLET_ACTIVITY(ship, "order", "express?"))

#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "failure.hpp"
#include "value.hpp"

namespace isolet::detail {

// What an argument is read as.
template <typename T>
Result<T> argument(std::size_t index) {
    isolet_payload raw{};
    if (!isolet_has_argument(index)) {
        if constexpr (is_optional<T>::value) {
            return T{};
        }
    }
    if (isolet_argument_as(index, true, ISOLET_PAYLOAD, &raw) != ISOLET_OK || raw.metadata == nullptr) {
        raw = isolet_null();
    }
    auto value = decode<T>(Payload(raw));
    if (!value && value.error().failure() != nullptr) {
        return fail({.message = "Failed decoding arguments", .cause = cause(*value.error().failure())});
    }
    return value;
}

// The end of an activity that returned this.
template <typename T>
isolet_status complete(const T &value) {
    return isolet_complete(encode(value).raw());
}

template <typename T>
isolet_status complete(const Result<T> &result) {
    if (!result) {
        return end(result.error());
    }
    if constexpr (std::is_void_v<T>) {
        return isolet_complete(isolet_null());
    } else {
        return complete(*result);
    }
}

// Whether arguments can be of this type.
template <typename T>
concept Argument = !std::is_pointer_v<T> && (std::same_as<T, Payload> || std::same_as<T, Bytes> ||
                                             requires(const json &form) { Value<T>::read(form); });

template <typename R, typename... A>
struct Signature {
    static_assert((Argument<std::decay_t<A>> && ...),
                  "an argument of this activity is of a type that is no value: take a struct with ISOLET_FIELDS, a "
                  "number, a text, a container or isolet::json");
    static constexpr std::size_t count = sizeof...(A);
    static constexpr std::array<bool, sizeof...(A)> optional{is_optional<std::decay_t<A>>::value...};

    template <auto function>
    static isolet_status run() {
        return run<function>(std::index_sequence_for<A...>());
    }

private:
    template <auto function, std::size_t... index>
    static isolet_status run(std::index_sequence<index...>) {
        std::tuple<std::optional<std::decay_t<A>>...> values;
        std::optional<Error> error;
        auto read = [&]<std::size_t at>(std::integral_constant<std::size_t, at>) {
            using T = std::decay_t<std::tuple_element_t<at, std::tuple<A...>>>;
            auto value = argument<T>(at);
            if (!value) {
                error.emplace(value.error());
                return false;
            }
            std::get<at>(values).emplace(*std::move(value));
            return true;
        };
        if (!(read(std::integral_constant<std::size_t, index>()) && ...)) {
            return end(*error);
        }
        if constexpr (std::is_void_v<R>) {
            function(*std::move(std::get<index>(values))...);
            return isolet_complete(isolet_null());
        } else {
            return complete(function(*std::move(std::get<index>(values))...));
        }
    }
};

template <typename R, typename... A>
Signature<R, A...> signature(R (*)(A...));

// The activity that takes whatever no other does: it gets all arguments.
template <auto function>
isolet_status run_dynamic() {
    std::vector<Payload> arguments;
    for (std::size_t index = 0; index < isolet_argument_count(); index++) {
        isolet_payload raw{};
        isolet_argument_as(index, false, ISOLET_PAYLOAD, &raw);
        arguments.emplace_back(raw);
    }
    return complete(function(std::move(arguments)));
}

// Where what is wrong with a declaration is told by the compiler: it calls none of these while it compiles.
void an_activity_needs_a_name_for_each_parameter();
void a_parameter_s_name_ends_in_a_question_mark_if_and_only_if_it_is_optional();
void two_activities_have_the_same_name();
void a_component_has_at_most_one_dynamic_activity();

template <auto function, std::size_t count>
consteval isolet_definition definition(const char *name, bool interruptible, const char *const (&names)[count]) {
    using Of = decltype(signature(function));
    if (count != Of::count + 1) {
        an_activity_needs_a_name_for_each_parameter();
    }
    for (std::size_t index = 0; index + 1 < count; index++) {
        if (std::string_view(names[index]).ends_with('?') != Of::optional[index]) {
            a_parameter_s_name_ends_in_a_question_mark_if_and_only_if_it_is_optional();
        }
    }
    return {name, &Of::template run<function>, interruptible, names};
}

template <std::size_t count>
consteval bool are_different(const isolet_definition (&definitions)[count]) {
    for (std::size_t one = 0; one < count; one++) {
        for (std::size_t other = one + 1; other < count; other++) {
            if (definitions[one].name == nullptr && definitions[other].name == nullptr) {
                a_component_has_at_most_one_dynamic_activity();
            }
            if (definitions[one].name != nullptr && definitions[other].name != nullptr &&
                std::string_view(definitions[one].name) == definitions[other].name) {
                two_activities_have_the_same_name();
            }
        }
    }
    return true;
}

}  // namespace isolet::detail

#undef ISOLET_PARAMETERS_
#undef ISOLET_ACTIVITY
#undef ISOLET_NAMED
#undef ISOLET_UNINTERRUPTIBLE
#undef ISOLET_DYNAMIC
#undef ISOLET_ACTIVITIES

#define ISOLET_DEFINITION_(name, function, interruptible, ...)                                       \
    [] {                                                                                             \
        static constexpr const char *parameters[] = {__VA_ARGS__ __VA_OPT__(, ) nullptr};            \
        return ::isolet::detail::definition<&function>(name, interruptible, parameters);             \
    }()

// An activity that is called as its function, with the names of its parameters, in order. Those that are
// `std::optional` may be left out, and have a `?` at the end of their names.
#define ISOLET_ACTIVITY(function, ...) \
    ISOLET_DEFINITION_(#function, function, true __VA_OPT__(, ) __VA_ARGS__)

// The same under a name of its own.
#define ISOLET_NAMED(name, function, ...) ISOLET_DEFINITION_(name, function, true __VA_OPT__(, ) __VA_ARGS__)

// The same for one that no cancellation interrupts.
#define ISOLET_UNINTERRUPTIBLE(function, ...) \
    ISOLET_DEFINITION_(#function, function, false __VA_OPT__(, ) __VA_ARGS__)

// The activity that takes the tasks of every type that no other does. It takes a `std::vector<isolet::Payload>`.
#define ISOLET_DYNAMIC(function) \
    isolet_definition { nullptr, &::isolet::detail::run_dynamic<&function>, true, nullptr }

// The activities of the component. Once in a component, outside of namespaces.
#define ISOLET_ACTIVITIES(...)                                                                        \
    extern "C" {                                                                                      \
    constexpr isolet_definition isolet_activities[] = {__VA_ARGS__};                                  \
    const size_t isolet_activity_count = sizeof(isolet_activities) / sizeof(isolet_definition);       \
    }                                                                                                 \
    static_assert(::isolet::detail::are_different(isolet_activities));
