// Encoded values, as Temporal stores them.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../isolet.h"

namespace isolet {

// Bytes that travel as they are, in the encoding `binary/plain`. As an argument also the bytes of a text, and an array
// of numbers.
struct Bytes {
    std::vector<std::uint8_t> data;

    bool operator==(const Bytes &) const = default;
};

// An encoded value. As an argument or a result it is passed on untouched, whatever its encoding.
class Payload {
public:
    // null.
    Payload() : payload_(isolet_null()) {}
    explicit Payload(isolet_payload payload) : payload_(payload) {}

    // A value of an encoding, such as `json/protobuf`.
    Payload(const std::string &encoding, std::span<const std::uint8_t> data)
        : payload_(isolet_encoded(encoding.c_str(), data.data(), data.size())) {}

    // The encoded value.
    std::span<const std::uint8_t> data() const {
        isolet_bytes data = isolet_data(&payload_);
        return {data.data, data.size};
    }

    // The same as text.
    std::string_view text() const {
        isolet_bytes data = isolet_data(&payload_);
        return {reinterpret_cast<const char *>(data.data), data.size};
    }

    // An entry of the metadata; empty if there is none.
    std::string_view metadata(const char *key) const {
        isolet_bytes value = isolet_metadata_value(&payload_, key);
        return {reinterpret_cast<const char *>(value.data), value.size};
    }

    std::string_view encoding() const { return metadata("encoding"); }

    const isolet_payload &raw() const { return payload_; }

private:
    isolet_payload payload_;
};

namespace detail {

// What is made while it lives is released with it.
class Temporary {
public:
    Temporary() : mark_(isolet_memory_mark()) {}
    Temporary(const Temporary &) = delete;
    Temporary &operator=(const Temporary &) = delete;
    ~Temporary() { isolet_memory_release(mark_); }

private:
    isolet_mark *mark_;
};

inline std::vector<Payload> payloads(isolet_payloads from) {
    std::vector<Payload> made;
    for (std::size_t index = 0; index < from.count; index++) {
        made.emplace_back(from.values[index]);
    }
    return made;
}

// Payloads for a call, while it lasts.
class RawPayloads {
public:
    explicit RawPayloads(std::span<const Payload> payloads) {
        for (const Payload &payload : payloads) {
            values_.push_back(payload.raw());
        }
    }

    operator isolet_payloads() const { return {values_.data(), values_.size()}; }

private:
    std::vector<isolet_payload> values_;
};

}  // namespace detail
}  // namespace isolet
