/* What the files of HTTP share. */

#ifndef ISOLET_HTTP_H
#define ISOLET_HTTP_H

#include "internal.h"

/* What is left to send of a request's body. */
typedef struct isolet_upload {
    bool is_open;
    wasi_http_types_own_outgoing_body_t body;
    wasi_io_streams_own_output_stream_t stream;
    isolet_bytes rest;
} isolet_upload;

struct isolet_http_response {
    /* Method and URL, without its query, which may hold secrets. */
    const char *request;
    uint16_t status;
    isolet_http_header *headers;
    size_t header_count;
    /* Whether there are the handles below, and the timer. */
    bool is_open;
    bool has_timer;
    wasi_clocks_monotonic_clock_own_pollable_t timer;
    wasi_http_types_own_incoming_response_t handle;
    wasi_http_types_own_incoming_body_t body;
    wasi_io_streams_own_input_stream_t stream;
    isolet_upload upload;
    /* What was read last. */
    isolet_bindings_list_u8_t piece;
    /* The rest of the request's body, as a copy of its own. */
    void *copied;
};

/* http_request.c: the request for the host, with its body. ISOLET_FAILED when it is none that can be sent. */
isolet_status isolet_http_outgoing(const isolet_http_request *request, const char *described,
                                   wasi_http_types_own_outgoing_request_t *made, isolet_upload *upload);

/* Method and URL, without its query. */
char *isolet_http_described(const isolet_http_request *request);

/* http_error.c: fail, for what the host tells, and for what is told here. */
isolet_status isolet_http_refused(const char *described, const wasi_http_types_error_code_t *code);
isolet_status isolet_http_failed(const char *described, isolet_http_error_kind kind, const char *why);
void isolet_http_forget_error(void);

#endif
