/* Why there is no answer, for people and for the activity. */

#include "http.h"

#include <string.h>

static isolet_http_error_kind last;

isolet_http_error_kind isolet_last_http_error(void) { return last; }

void isolet_http_forget_error(void) { last = ISOLET_HTTP_NO_ERROR; }

isolet_status isolet_http_failed(const char *described, isolet_http_error_kind kind, const char *why) {
    last = kind;
    /* Until the operator grants it, every attempt ends like this one. */
    bool is_denied = kind == ISOLET_HTTP_NOT_GRANTED;
    return isolet_fail(&(isolet_failure){
        .message = isolet_print("%s: %s", described, why),
        .type = is_denied ? "SandboxDenied" : "HttpError",
        .non_retryable = is_denied,
    });
}

/* How the host begins to say what a grant lacks. */
static bool is_not_granted(const char *text) {
    static const char *const words[] = {"the component has no grant `http`", "the component's grant `http` does not cover"};
    for (size_t index = 0; index < sizeof words / sizeof *words; index++) {
        if (strncmp(text, words[index], strlen(words[index])) == 0) {
            return true;
        }
    }
    return false;
}

#define CODE(name, kind, text) [WASI_HTTP_TYPES_ERROR_CODE_##name] = {ISOLET_HTTP_##kind, text}

/* What the codes of `wasi:http` mean here. */
static const struct {
    isolet_http_error_kind kind;
    const char *text;
} meanings[] = {
    CODE(DNS_TIMEOUT, CONNECT, "DNS-timeout"),
    CODE(DNS_ERROR, CONNECT, "DNS-error"),
    CODE(DESTINATION_NOT_FOUND, CONNECT, "destination-not-found"),
    CODE(DESTINATION_UNAVAILABLE, CONNECT, "destination-unavailable"),
    CODE(DESTINATION_IP_PROHIBITED, CONNECT, "destination-IP-prohibited"),
    CODE(DESTINATION_IP_UNROUTABLE, CONNECT, "destination-IP-unroutable"),
    CODE(CONNECTION_REFUSED, CONNECT, "connection-refused"),
    CODE(CONNECTION_LIMIT_REACHED, CONNECT, "connection-limit-reached"),
    CODE(CONNECTION_TIMEOUT, TIMEOUT, "connection-timeout"),
    CODE(CONNECTION_READ_TIMEOUT, TIMEOUT, "connection-read-timeout"),
    CODE(CONNECTION_WRITE_TIMEOUT, TIMEOUT, "connection-write-timeout"),
    CODE(HTTP_RESPONSE_TIMEOUT, TIMEOUT, "HTTP-response-timeout"),
    CODE(CONNECTION_TERMINATED, INCOMPLETE, "connection-terminated"),
    CODE(HTTP_RESPONSE_INCOMPLETE, INCOMPLETE, "HTTP-response-incomplete"),
    CODE(TLS_PROTOCOL_ERROR, TLS, "TLS-protocol-error"),
    CODE(TLS_CERTIFICATE_ERROR, TLS, "TLS-certificate-error"),
    CODE(TLS_ALERT_RECEIVED, TLS, "TLS-alert-received"),
    CODE(HTTP_REQUEST_METHOD_INVALID, INVALID, "this method is not sent"),
    CODE(HTTP_REQUEST_URI_INVALID, INVALID, "the URL is invalid"),
    CODE(HTTP_REQUEST_DENIED, REFUSED, "the host refuses the request"),
    CODE(HTTP_RESPONSE_HEADER_SECTION_SIZE, PROTOCOL, "HTTP-response-header-section-size"),
    CODE(HTTP_RESPONSE_BODY_SIZE, PROTOCOL, "HTTP-response-body-size"),
};

static const char *sentence(isolet_http_error_kind kind, const char *code) {
    switch (kind) {
    case ISOLET_HTTP_CONNECT:
        return isolet_print("there is no connection (%s)", code);
    case ISOLET_HTTP_TLS:
        return isolet_print("there is no TLS connection (%s)", code);
    case ISOLET_HTTP_TIMEOUT:
        return isolet_print("it took too long (%s)", code);
    case ISOLET_HTTP_INCOMPLETE:
        return isolet_print("the connection ended too early (%s)", code);
    case ISOLET_HTTP_PROTOCOL:
        return isolet_print("the answer can't be taken (%s)", code);
    default:
        return code;
    }
}

isolet_status isolet_http_refused(const char *described, const wasi_http_types_error_code_t *code) {
    if (code->tag == WASI_HTTP_TYPES_ERROR_CODE_INTERNAL_ERROR && code->val.internal_error.is_some) {
        const char *text = isolet_from_string(code->val.internal_error.val);
        return isolet_http_failed(described, is_not_granted(text) ? ISOLET_HTTP_NOT_GRANTED : ISOLET_HTTP_REFUSED, text);
    }
    isolet_http_error_kind kind = ISOLET_HTTP_PROTOCOL;
    const char *text = "HTTP-protocol-error";
    if (code->tag < sizeof meanings / sizeof *meanings && meanings[code->tag].text != NULL) {
        kind = meanings[code->tag].kind;
        text = meanings[code->tag].text;
    }
    return isolet_http_failed(described, kind, sentence(kind, text));
}
