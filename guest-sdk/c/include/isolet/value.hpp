// What values become, and are made of: JSON, but for null, bytes and payloads.

#pragma once

#include <concepts>
#include <cstdint>
#include <expected>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "failure.hpp"

namespace isolet {

using json = nlohmann::json;

// How a type is read from JSON and written as it. For types of other libraries, write a specialisation with the two
// functions that those below have.
template <typename T>
struct Value;

// Why JSON is no value of a type.
using Mismatch = std::unexpected<std::string>;

namespace detail {

inline Mismatch expected(const char *what, const json &found) {
    return Mismatch(std::string("expected ") + what + ", found " + found.type_name());
}

template <typename T>
struct is_optional : std::false_type {};
template <typename T>
struct is_optional<std::optional<T>> : std::true_type {};

template <typename Struct, typename T>
struct Field {
    const char *name;
    T Struct::*member;
};

template <typename Struct, typename T>
constexpr Field<Struct, T> field(const char *name, T Struct::*member) {
    return {name, member};
}

template <typename T>
concept HasFields = requires(const T *of) { isolet_fields(of); };

}  // namespace detail

template <>
struct Value<json> {
    static std::expected<json, std::string> read(const json &from) { return from; }
    static json write(const json &value) { return value; }
};

template <>
struct Value<bool> {
    static std::expected<bool, std::string> read(const json &from) {
        if (const bool *value = from.get_ptr<const json::boolean_t *>()) {
            return *value;
        }
        return detail::expected("true or false", from);
    }
    static json write(bool value) { return value; }
};

template <std::integral T>
struct Value<T> {
    static std::expected<T, std::string> read(const json &from) {
        if (const auto *value = from.get_ptr<const json::number_unsigned_t *>(); value && std::in_range<T>(*value)) {
            return static_cast<T>(*value);
        }
        if (const auto *value = from.get_ptr<const json::number_integer_t *>(); value && std::in_range<T>(*value)) {
            return static_cast<T>(*value);
        }
        const char *what = std::is_signed_v<T> ? "an integer in its range" : "an integer in its range, not negative";
        return detail::expected(what, from);
    }
    static json write(T value) { return value; }
};

template <std::floating_point T>
struct Value<T> {
    static std::expected<T, std::string> read(const json &from) {
        if (!from.is_number()) {
            return detail::expected("a number", from);
        }
        return from.get<T>();
    }
    static json write(T value) { return value; }
};

template <>
struct Value<std::string> {
    static std::expected<std::string, std::string> read(const json &from) {
        if (const auto *value = from.get_ptr<const json::string_t *>()) {
            return *value;
        }
        return detail::expected("a text", from);
    }
    static json write(const std::string &value) { return value; }
};

template <>
struct Value<std::string_view> {
    static json write(std::string_view value) { return value; }
};

template <>
struct Value<const char *> {
    static json write(const char *value) { return value; }
};

template <typename T>
struct Value<std::optional<T>> {
    static std::expected<std::optional<T>, std::string> read(const json &from) {
        if (from.is_null()) {
            return std::nullopt;
        }
        return Value<T>::read(from).transform([](T value) { return std::optional<T>(std::move(value)); });
    }
    static json write(const std::optional<T> &value) { return value ? Value<T>::write(*value) : json(nullptr); }
};

template <typename T>
struct Value<std::vector<T>> {
    static std::expected<std::vector<T>, std::string> read(const json &from) {
        if (!from.is_array()) {
            return detail::expected("an array", from);
        }
        std::vector<T> values;
        for (const json &item : from) {
            auto value = Value<T>::read(item);
            if (!value) {
                return Mismatch("[" + std::to_string(values.size()) + "]: " + value.error());
            }
            values.push_back(*std::move(value));
        }
        return values;
    }
    static json write(const std::vector<T> &values) {
        json array = json::array();
        for (const T &value : values) {
            array.push_back(Value<T>::write(value));
        }
        return array;
    }
};

namespace detail {

template <typename Map>
struct MapValue {
    using T = typename Map::mapped_type;

    static std::expected<Map, std::string> read(const json &from) {
        if (!from.is_object()) {
            return expected("an object", from);
        }
        Map values;
        for (const auto &[key, item] : from.items()) {
            auto value = Value<T>::read(item);
            if (!value) {
                return Mismatch(key + ": " + value.error());
            }
            values.emplace(key, *std::move(value));
        }
        return values;
    }
    static json write(const Map &values) {
        json object = json::object();
        for (const auto &[key, value] : values) {
            object[key] = Value<T>::write(value);
        }
        return object;
    }
};

}  // namespace detail

template <typename T>
struct Value<std::map<std::string, T>> : detail::MapValue<std::map<std::string, T>> {};
template <typename T>
struct Value<std::unordered_map<std::string, T>> : detail::MapValue<std::unordered_map<std::string, T>> {};

template <typename... T>
struct Value<std::tuple<T...>> {
    static json write(const std::tuple<T...> &values) {
        return std::apply([](const T &...each) { return json::array({Value<T>::write(each)...}); }, values);
    }
};

template <typename A, typename B>
struct Value<std::pair<A, B>> {
    static json write(const std::pair<A, B> &value) {
        return json::array({Value<A>::write(value.first), Value<B>::write(value.second)});
    }
};

// Structs whose fields are named by ISOLET_FIELDS. Fields that are `std::optional` may be missing; fields that it does
// not name are ignored.
template <detail::HasFields T>
struct Value<T> {
    static std::expected<T, std::string> read(const json &from) {
        if (!from.is_object()) {
            return detail::expected("an object", from);
        }
        T value{};
        std::string wrong;
        auto read_one = [&](const auto &field) {
            using Member = std::remove_reference_t<decltype(value.*field.member)>;
            auto found = from.find(field.name);
            if (found == from.end()) {
                if constexpr (!detail::is_optional<Member>::value) {
                    wrong = std::string("the field ") + field.name + " is missing";
                }
                return wrong.empty();
            }
            auto read = Value<Member>::read(*found);
            if (!read) {
                wrong = std::string(field.name) + ": " + read.error();
                return false;
            }
            value.*field.member = *std::move(read);
            return true;
        };
        std::apply([&](const auto &...fields) { (read_one(fields) && ...); }, isolet_fields(&value));
        if (!wrong.empty()) {
            return Mismatch(wrong);
        }
        return value;
    }
    static json write(const T &value) {
        json object = json::object();
        auto write_one = [&](const auto &field) {
            using Member = std::remove_cvref_t<decltype(value.*field.member)>;
            object[field.name] = Value<Member>::write(value.*field.member);
        };
        std::apply([&](const auto &...fields) { (write_one(fields), ...); }, isolet_fields(&value));
        return object;
    }
};

// A value as a payload. Where it has no JSON form, whatever takes the payload fails with the type `TypeError`.
template <typename T>
Payload encode(const T &value) {
    if constexpr (std::same_as<T, Payload>) {
        return value;
    } else if constexpr (std::same_as<T, Bytes>) {
        return Payload(isolet_binary(value.data.data(), value.data.size()));
    } else if constexpr (std::same_as<T, std::nullptr_t>) {
        return Payload();
    } else if constexpr (std::floating_point<T>) {
        // nlohmann writes numbers that are none as null.
        return Payload(isolet_double(value));
    } else if constexpr (std::is_array_v<T>) {
        return encode(std::string_view(value));
    } else {
        json form = Value<T>::write(value);
        if (form.is_null()) {
            return Payload();
        }
        // Text that is not UTF-8 is found, where dump would throw.
        std::string text = form.dump(-1, ' ', false, json::error_handler_t::replace);
        if (text.find("\xEF\xBF\xBD") != std::string::npos && form != json::parse(text, nullptr, false)) {
            isolet_payload none = isolet_null();
            none.error = "the value has no JSON form: it has a text that is not UTF-8";
            return Payload(none);
        }
        return Payload(isolet_encoded("json/plain", text.data(), text.size()));
    }
}

// The value of a payload.
template <typename T>
Result<T> decode(const Payload &payload) {
    if constexpr (std::same_as<T, Payload>) {
        return payload;
    } else if constexpr (std::same_as<T, Bytes>) {
        isolet_bytes bytes{};
        return detail::checked(isolet_decode_as(&payload.raw(), ISOLET_BYTES, &bytes)).transform([&] {
            return Bytes{{bytes.data, bytes.data + bytes.size}};
        });
    } else {
        isolet_bytes text{};
        if (auto found = detail::checked(isolet_json_of(&payload.raw(), &text)); !found) {
            return std::unexpected(found.error());
        }
        json form = json::parse(text.data, text.data + text.size, nullptr, false);
        if (form.is_discarded()) {
            return fail({.message = "the value is no JSON", .type = "TypeError"});
        }
        auto value = Value<T>::read(form);
        if (!value) {
            return fail({.message = value.error(), .type = "TypeError"});
        }
        return *std::move(value);
    }
}

}  // namespace isolet

#define ISOLET_FIELD_(name) ::std::make_tuple(::isolet::detail::field(#name, &IsoletStruct::name)),

// Names the fields of a struct, beside it and in its namespace: `ISOLET_FIELDS(Order, id, parcels)`.
#define ISOLET_FIELDS(Struct, ...)                                                                               \
    [[maybe_unused]] inline auto isolet_fields(const Struct *) {                                                 \
        using IsoletStruct = Struct;                                                                             \
        return ::std::tuple_cat(NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(ISOLET_FIELD_, __VA_ARGS__)) ::std::tuple<>()); \
    }
