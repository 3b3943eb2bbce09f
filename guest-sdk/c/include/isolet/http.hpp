// HTTP requests, which the host sends to the servers that the operator grants: docs/http.md.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "failure.hpp"
#include "value.hpp"

namespace isolet::http {

using ErrorKind = isolet_http_error_kind;

// Why the last call failed; ISOLET_HTTP_NO_ERROR if it did not, and if the attempt was cancelled.
inline ErrorKind last_error() { return isolet_last_http_error(); }

// A request.
struct Request {
    std::string method = "GET";
    // With http:// or https://, and with whatever is no plain letter as %20 and so on.
    std::string url = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    // Text or bytes. It is sent with its length.
    std::string body = {};
    // For all of it: until the response has been read.
    std::optional<Duration> timeout = {};
    // Until there is a connection; until the response begins; from one part of it to the next. The host has limits of
    // its own, which these can only shorten.
    std::optional<Duration> connect_timeout = {};
    std::optional<Duration> response_timeout = {};
    std::optional<Duration> read_timeout = {};
};

// An answer, whose body may still be at the server. Its connection ends with it.
class Response {
public:
    explicit Response(isolet_http_response *response) : response_(response) {}
    Response(Response &&other) noexcept : response_(std::exchange(other.response_, nullptr)) {}
    Response &operator=(Response &&other) noexcept {
        std::swap(response_, other.response_);
        return *this;
    }
    ~Response() { isolet_http_close(response_); }

    std::uint16_t status() const { return isolet_http_status(response_); }

    // The error to return unless the status is one of success, 200 to 299.
    Result<void> check_status() const { return detail::checked(isolet_http_check_status(response_)); }

    // The first header of this name, however it is spelt.
    std::optional<std::string_view> header(const std::string &name) const {
        const char *value = isolet_http_header_value(response_, name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string_view>(value);
    }

    // All headers, in order.
    std::span<const isolet_http_header> headers() const {
        isolet_http_headers all = isolet_http_all_headers(response_);
        return {all.values, all.count};
    }

    // The next piece of the body, of at most 64 KiB, which stays until the next call; empty at its end.
    Result<std::span<const std::uint8_t>> read() {
        isolet_bytes piece{};
        if (auto read = detail::checked(isolet_http_read(response_, &piece)); !read) {
            return std::unexpected(std::move(read).error());
        }
        return std::span(piece.data, piece.size);
    }

    // All the rest, of at most so many bytes: more is a failure.
    Result<std::string> text(std::size_t most) {
        return whole(most, [](isolet_bytes body) {
            return Result<std::string>(std::string(reinterpret_cast<const char *>(body.data), body.size));
        });
    }

    // The same as a value of JSON.
    template <typename T>
    Result<T> json(std::size_t most) {
        return whole(most, [](isolet_bytes body) { return decode<T>(Payload("json/plain", {body.data, body.size})); });
    }

private:
    // What `use` makes of the body, which is freed then.
    template <typename Use>
    auto whole(std::size_t most, Use use) -> decltype(use(isolet_bytes{})) {
        detail::Temporary temporary;
        isolet_bytes body{};
        if (auto read = detail::checked(isolet_http_read_all(response_, most, &body)); !read) {
            return std::unexpected(std::move(read).error());
        }
        return use(body);
    }

    isolet_http_response *response_;
};

// Sends a request and waits until its answer begins, whatever its status. A safe point: a cancellation ends it at once.
inline Result<Response> send(const Request &request) {
    std::vector<isolet_http_header> headers;
    for (const auto &[name, value] : request.headers) {
        headers.push_back({name.c_str(), value.c_str()});
    }
    auto nanoseconds = [](const std::optional<Duration> &timeout) { return timeout ? timeout->count() : 0; };
    isolet_http_request raw{};
    raw.method = request.method.c_str();
    raw.url = request.url.c_str();
    raw.headers = {headers.data(), headers.size()};
    raw.body = {reinterpret_cast<const std::uint8_t *>(request.body.data()), request.body.size()};
    raw.timeout = nanoseconds(request.timeout);
    raw.connect_timeout = nanoseconds(request.connect_timeout);
    raw.response_timeout = nanoseconds(request.response_timeout);
    raw.read_timeout = nanoseconds(request.read_timeout);
    isolet_http_response *response = nullptr;
    if (auto sent = detail::checked(isolet_http_send(&raw, &response)); !sent) {
        return std::unexpected(std::move(sent).error());
    }
    return Response(response);
}

// The same for a GET of a URL.
inline Result<Response> get(std::string url) { return send({.url = std::move(url)}); }

}  // namespace isolet::http
