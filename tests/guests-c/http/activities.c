/* HTTP requests in C: what is sent, what is answered, and what goes wrong. */

#include <isolet.h>
#include <stdlib.h>
#include <string.h>

/* What comes of a GET: status and body, or the failure. */
static const char *told(const char *url) {
    isolet_http_response *response;
    isolet_bytes body;
    if (isolet_http_get(url, &response) != ISOLET_OK || isolet_http_read_all(response, 1000, &body) != ISOLET_OK) {
        return isolet_print("%s (%d)", isolet_last_failure()->message, isolet_last_http_error());
    }
    const char *text = isolet_print("%d %s", isolet_http_status(response), (const char *)body.data);
    isolet_http_close(response);
    return text;
}

static isolet_status ask_all(void) {
    yyjson_val *urls, *url;
    yyjson_arr_iter iterator;
    ISOLET_TRY(isolet_argument(0, &urls));
    yyjson_mut_doc *document = isolet_document();
    yyjson_mut_val *answers = yyjson_mut_arr(document);
    yyjson_arr_iter_init(urls, &iterator);
    while ((url = yyjson_arr_iter_next(&iterator)) != NULL) {
        yyjson_mut_arr_add_str(document, answers, told(yyjson_get_str(url)));
    }
    return isolet_complete(isolet_json(answers));
}

static isolet_status ask(void) {
    const char *url;
    isolet_http_response *response;
    ISOLET_TRY(isolet_argument(0, &url));
    ISOLET_TRY(isolet_http_get(url, &response));
    ISOLET_TRY(isolet_http_check_status(response));
    const char *type = isolet_http_header_value(response, "Content-Type");
    size_t count = isolet_http_all_headers(response).count;
    return isolet_complete(isolet_format("%s, %zu headers", type == NULL ? "no type" : type, count));
}

static isolet_status send_size(void) {
    const char *url;
    uint32_t size = 0;
    ISOLET_TRY(isolet_argument(0, &url));
    ISOLET_TRY(isolet_argument(1, &size));
    isolet_http_request request = {
        .method = "PUT",
        .url = url,
        .headers = ISOLET_HTTP_HEADERS({"x-a", "1"}, {"content-type", "application/octet-stream"}),
        .body = {memset(isolet_memory(size), 'x', size), size},
    };
    isolet_http_response *response;
    isolet_bytes body;
    ISOLET_TRY(isolet_http_send(&request, &response));
    ISOLET_TRY(isolet_http_read_all(response, 1000, &body));
    return isolet_complete(isolet_text_of_length((const char *)body.data, body.size));
}

static isolet_status read_body(void) {
    const char *url;
    isolet_http_response *response;
    isolet_bytes piece;
    uint64_t size = 0;
    ISOLET_TRY(isolet_argument(0, &url));
    ISOLET_TRY(isolet_http_get(url, &response));
    do {
        ISOLET_TRY(isolet_http_read(response, &piece));
        size += piece.size;
    } while (piece.size != 0);
    /* At the end it stays. */
    ISOLET_TRY(isolet_http_read(response, &piece));
    return isolet_complete(isolet_uint(size + piece.size));
}

static isolet_status read_whole(void) {
    const char *url;
    uint32_t most = 0;
    isolet_http_response *response;
    isolet_bytes body;
    ISOLET_TRY(isolet_argument(0, &url));
    ISOLET_TRY(isolet_argument(1, &most));
    ISOLET_TRY(isolet_http_get(url, &response));
    ISOLET_TRY(isolet_http_read_all(response, most, &body));
    return isolet_complete(isolet_uint(body.size));
}

static isolet_status lose_patience(void) {
    const char *url;
    uint32_t milliseconds = 0;
    isolet_http_response *response;
    isolet_bytes body;
    ISOLET_TRY(isolet_argument(0, &url));
    ISOLET_TRY(isolet_argument(1, &milliseconds));
    isolet_http_request request = {.url = url, .timeout = ISOLET_MILLISECONDS(milliseconds)};
    ISOLET_TRY(isolet_http_send(&request, &response));
    ISOLET_TRY(isolet_http_read_all(response, 1 << 20, &body));
    return isolet_complete(isolet_text((const char *)body.data));
}

/* More requests than the host lets be in flight at once. */
static isolet_status ask_often(void) {
    const char *url;
    uint32_t times = 0;
    ISOLET_TRY(isolet_argument(0, &url));
    ISOLET_TRY(isolet_argument(1, &times));
    for (uint32_t index = 0; index < times; index++) {
        isolet_http_response *response;
        ISOLET_TRY(isolet_http_get(url, &response));
        isolet_http_close(response);
    }
    return isolet_complete(isolet_uint(times));
}

/* What is cancelled says goodbye in a shield. */
static isolet_status ask_in_vain(void) {
    const char *url, *other;
    isolet_http_response *response;
    ISOLET_TRY(isolet_argument(0, &url));
    ISOLET_TRY(isolet_argument(1, &other));
    isolet_status status = isolet_http_get(url, &response);
    isolet_begin_shield();
    isolet_log(ISOLET_INFO, "%d, then %s", (int)status, told(other));
    return isolet_end_shield();
}

ISOLET_ACTIVITIES(
    ISOLET_ACTIVITY(ask_all, "urls"),
    ISOLET_ACTIVITY(ask, "url"),
    ISOLET_ACTIVITY(send_size, "url", "size"),
    ISOLET_ACTIVITY(read_body, "url"),
    ISOLET_ACTIVITY(read_whole, "url", "most"),
    ISOLET_ACTIVITY(lose_patience, "url", "milliseconds"),
    ISOLET_ACTIVITY(ask_often, "url", "times"),
    ISOLET_ACTIVITY(ask_in_vain, "url", "other"))
