/* A request as the host takes it. */

#include "http.h"

#include <string.h>
#include <strings.h>

/* A URL's parts, within its text. */
typedef struct parts {
    bool is_https;
    isolet_bindings_string_t authority;
    /* Path and query; empty for the server alone. */
    isolet_bindings_string_t path;
} parts;

static isolet_bindings_string_t slice(const char *text, size_t length) {
    return (isolet_bindings_string_t){(uint8_t *)text, length};
}

static const char *method_of(const isolet_http_request *request) {
    return request->method == NULL ? "GET" : request->method;
}

char *isolet_http_described(const isolet_http_request *request) {
    const char *url = request->url == NULL ? "" : request->url;
    return isolet_print("%s %.*s", method_of(request), (int)strcspn(url, "?#"), url);
}

/* Why it is no URL; NULL if it is one. */
static const char *split(const char *url, parts *made) {
    if (url == NULL) {
        return "there is no URL";
    }
    if (strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0) {
        return "the URL does not begin with http:// or https://";
    }
    made->is_https = url[4] != ':';
    const char *authority = strstr(url, "//") + 2;
    size_t length = strcspn(authority, "/?#");
    if (memchr(authority, '@', length) != NULL) {
        return "the URL names a user: use the header `authorization`";
    }
    made->authority = slice(authority, length);
    made->path = slice(authority + length, strcspn(authority + length, "#"));
    return length == 0 ? "the URL has no host" : NULL;
}

static wasi_http_types_method_t to_method(const char *name) {
    static const char *const known[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};
    for (size_t index = 0; index < sizeof known / sizeof *known; index++) {
        if (strcmp(name, known[index]) == 0) {
            return (wasi_http_types_method_t){.tag = (uint8_t)index};
        }
    }
    return (wasi_http_types_method_t){
        .tag = WASI_HTTP_TYPES_METHOD_OTHER,
        .val.other = isolet_to_string(name),
    };
}

static bool has_header(const isolet_http_request *request, const char *name) {
    for (size_t index = 0; index < request->headers.count; index++) {
        if (strcasecmp(request->headers.values[index].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether the server expects a body, if only an empty one. */
static bool has_body(const isolet_http_request *request) {
    const char *method = method_of(request);
    return request->body.size != 0 || strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 ||
           strcmp(method, "PATCH") == 0;
}

/* The headers, and the length of the body where there is one: else it would be sent in chunks. */
static isolet_status to_fields(const isolet_http_request *request, const char *described,
                               wasi_http_types_own_fields_t *fields) {
    wasi_http_types_tuple2_field_name_field_value_t *entries =
        isolet_array_of(request->headers.count + 1, sizeof *entries);
    size_t count = request->headers.count;
    for (size_t index = 0; index < count; index++) {
        isolet_bindings_string_t value = isolet_to_string(request->headers.values[index].value);
        entries[index].f0 = isolet_to_string(request->headers.values[index].name);
        entries[index].f1 = (wasi_http_types_field_value_t){value.ptr, value.len};
    }
    if (has_body(request) && !has_header(request, "content-length")) {
        isolet_bindings_string_t value = isolet_to_string(isolet_print("%zu", request->body.size));
        entries[count].f0 = isolet_to_string("content-length");
        entries[count++].f1 = (wasi_http_types_field_value_t){value.ptr, value.len};
    }
    wasi_http_types_list_tuple2_field_name_field_value_t list = {entries, count};
    wasi_http_types_header_error_t error;
    if (wasi_http_types_static_fields_from_list(&list, fields, &error)) {
        return ISOLET_OK;
    }
    bool is_forbidden = error.tag == WASI_HTTP_TYPES_HEADER_ERROR_FORBIDDEN;
    return isolet_http_failed(described, ISOLET_HTTP_INVALID,
                              is_forbidden ? "a header is the host's own: see the names that docs/http.md lists"
                                           : "a header is invalid: its name or its value has what none may have");
}

/* Why the host does not take the first line; NULL if it does. */
static const char *set_line(wasi_http_types_borrow_outgoing_request_t handle, const char *name, parts url) {
    wasi_http_types_method_t method = to_method(name);
    wasi_http_types_scheme_t scheme = {
        .tag = url.is_https ? WASI_HTTP_TYPES_SCHEME_HTTPS : WASI_HTTP_TYPES_SCHEME_HTTP};
    /* A query alone follows the root. */
    if (url.path.len == 0 || url.path.ptr[0] != '/') {
        char *path = isolet_print("/%.*s", (int)url.path.len, (const char *)url.path.ptr);
        url.path = isolet_to_string(path);
    }
    if (!wasi_http_types_method_outgoing_request_set_method(handle, &method)) {
        return "the method is invalid";
    }
    if (!wasi_http_types_method_outgoing_request_set_scheme(handle, &scheme)) {
        return "the scheme is invalid";
    }
    if (!wasi_http_types_method_outgoing_request_set_authority(handle, &url.authority)) {
        return "the URL's host is invalid";
    }
    return wasi_http_types_method_outgoing_request_set_path_with_query(handle, &url.path)
               ? NULL
               : "the URL's path is invalid: spaces and other letters are written as %20 and so on";
}

isolet_status isolet_http_outgoing(const isolet_http_request *request, const char *described,
                                   wasi_http_types_own_outgoing_request_t *made, isolet_upload *upload) {
    parts url;
    const char *wrong = split(request->url, &url);
    if (wrong != NULL) {
        return isolet_http_failed(described, ISOLET_HTTP_INVALID, wrong);
    }
    wasi_http_types_own_fields_t fields;
    ISOLET_TRY(to_fields(request, described, &fields));
    *made = wasi_http_types_constructor_outgoing_request(fields);
    wasi_http_types_borrow_outgoing_request_t handle = wasi_http_types_borrow_outgoing_request(*made);
    wrong = set_line(handle, method_of(request), url);
    if (wrong == NULL && !wasi_http_types_method_outgoing_request_body(handle, &upload->body)) {
        wrong = "the body is taken";
    }
    if (wrong != NULL) {
        wasi_http_types_outgoing_request_drop_own(*made);
        return isolet_http_failed(described, ISOLET_HTTP_INVALID, wrong);
    }
    if (!wasi_http_types_method_outgoing_body_write(wasi_http_types_borrow_outgoing_body(upload->body), &upload->stream)) {
        wasi_http_types_outgoing_body_drop_own(upload->body);
        wasi_http_types_outgoing_request_drop_own(*made);
        return isolet_http_failed(described, ISOLET_HTTP_INVALID, "the body is taken");
    }
    upload->is_open = true;
    upload->rest = request->body;
    return ISOLET_OK;
}
