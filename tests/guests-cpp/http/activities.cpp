// HTTP requests in C++.

#include <isolet.hpp>

#include <algorithm>

namespace http = isolet::http;

static isolet::Result<std::string> send(std::string url, std::string body) {
    http::Request request{.method = "POST", .url = url, .headers = {{"x-a", "1"}}, .body = body};
    request.timeout = std::chrono::seconds(10);
    auto response = ISOLET_TRY(http::send(request));
    ISOLET_TRY(response.check_status());
    return response.text(1000);
}

static isolet::Result<isolet::json> read_json(std::string url) {
    auto response = ISOLET_TRY(http::get(url));
    return response.json<isolet::json>(1000);
}

static isolet::Result<std::size_t> read_body(std::string url) {
    auto response = ISOLET_TRY(http::get(url));
    // Moved, it is the same answer.
    http::Response moved = std::move(response);
    std::size_t size = 0;
    for (;;) {
        auto piece = ISOLET_TRY(moved.read());
        if (piece.empty()) {
            return size;
        }
        size += piece.size();
    }
}

static isolet::Result<std::string> header(std::string url, std::string name) {
    auto response = ISOLET_TRY(http::get(url));
    auto all = response.headers();
    bool is_among = std::ranges::any_of(all, [&](const isolet_http_header &each) { return name == each.name; });
    return std::string(response.header(name).value_or("none")) + (is_among ? " among all" : "");
}

static std::string kind(std::string url) {
    auto response = http::get(url);
    return response ? "answered" : http::last_error() == ISOLET_HTTP_NOT_GRANTED ? "not granted" : "another error";
}

ISOLET_ACTIVITIES(
    ISOLET_ACTIVITY(send, "url", "body"),
    ISOLET_ACTIVITY(read_json, "url"),
    ISOLET_ACTIVITY(read_body, "url"),
    ISOLET_ACTIVITY(header, "url", "name"),
    ISOLET_ACTIVITY(kind, "url"))
