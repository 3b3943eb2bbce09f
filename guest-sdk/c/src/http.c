/* Sending HTTP requests by `wasi:http`, waiting for them, and reading what is answered. */

#include "http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The most that is read at once. */
#define PIECE (64 << 10)

/* Ends sending: as complete, or in the middle. */
static void end_upload(isolet_upload *upload, bool is_complete) {
    if (!upload->is_open) {
        return;
    }
    upload->is_open = false;
    /* What belongs to something is dropped before that. */
    wasi_io_streams_output_stream_drop_own(upload->stream);
    if (is_complete) {
        wasi_http_types_error_code_t error;
        if (!wasi_http_types_static_outgoing_body_finish(upload->body, NULL, &error)) {
            /* What went wrong on its way, the answer tells. */
            wasi_http_types_error_code_free(&error);
        }
    } else {
        wasi_http_types_outgoing_body_drop_own(upload->body);
    }
}

/* Sends as much as the host takes now. */
static void go_on(isolet_upload *upload) {
    while (upload->is_open) {
        if (upload->rest.size == 0) {
            end_upload(upload, true);
            return;
        }
        wasi_io_streams_borrow_output_stream_t stream = wasi_io_streams_borrow_output_stream(upload->stream);
        wasi_io_streams_stream_error_t error;
        uint64_t room = 0;
        bool is_taken = wasi_io_streams_method_output_stream_check_write(stream, &room, &error);
        if (is_taken && room == 0) {
            return;
        }
        size_t size = upload->rest.size < room ? upload->rest.size : (size_t)room;
        isolet_bindings_list_u8_t now = {(uint8_t *)upload->rest.data, size};
        if (!is_taken || !wasi_io_streams_method_output_stream_write(stream, &now, &error)) {
            wasi_io_streams_stream_error_free(&error);
            end_upload(upload, false);
            return;
        }
        upload->rest.data += size;
        upload->rest.size -= size;
    }
}

/* Waits until this pollable is ready, which is dropped, or the host takes more of the request's body: a safe point. */
static isolet_status wait_for(isolet_http_response *response, wasi_io_poll_own_pollable_t awaited) {
    wasi_io_poll_own_pollable_t owned[3] = {awaited};
    size_t owned_count = 1;
    if (response->upload.is_open) {
        owned[owned_count++] = wasi_io_streams_method_output_stream_subscribe(
            wasi_io_streams_borrow_output_stream(response->upload.stream));
    }
    if (isolet_may_interrupt()) {
        owned[owned_count++] = isolet_activity_cancellation_pollable_subscribe(ISOLET_ACTIVITY_CANCELLATION_EVENT_CANCELLED);
    }
    wasi_io_poll_borrow_pollable_t borrowed[4];
    size_t count = 0;
    for (; count < owned_count; count++) {
        borrowed[count] = wasi_io_poll_borrow_pollable(owned[count]);
    }
    if (response->has_timer) {
        borrowed[count++] = wasi_io_poll_borrow_pollable(response->timer);
    }
    wasi_io_poll_list_borrow_pollable_t list = {borrowed, count};
    isolet_bindings_list_u32_t ready;
    wasi_io_poll_poll(&list, &ready);
    free(ready.ptr);
    bool is_there = wasi_io_poll_method_pollable_ready(borrowed[0]);
    bool is_late = response->has_timer && wasi_io_poll_method_pollable_ready(borrowed[count - 1]);
    for (size_t index = 0; index < owned_count; index++) {
        wasi_io_poll_pollable_drop_own(owned[index]);
    }
    ISOLET_TRY(isolet_check_cancelled());
    if (is_late && !is_there) {
        return isolet_http_failed(response->request, ISOLET_HTTP_TIMEOUT, "it took too long (the request's timeout)");
    }
    return ISOLET_OK;
}

/* A timeout of the host's; NULL for its own. */
static uint64_t *to_nanoseconds(isolet_duration timeout, uint64_t *at) {
    *at = timeout > 0 ? (uint64_t)timeout : 0;
    return timeout > 0 ? at : NULL;
}

static wasi_http_types_own_request_options_t to_options(const isolet_http_request *request) {
    wasi_http_types_own_request_options_t options = wasi_http_types_constructor_request_options();
    wasi_http_types_borrow_request_options_t handle = wasi_http_types_borrow_request_options(options);
    uint64_t at;
    /* The host takes all three. */
    wasi_http_types_method_request_options_set_connect_timeout(handle, to_nanoseconds(request->connect_timeout, &at));
    wasi_http_types_method_request_options_set_first_byte_timeout(handle,
                                                                  to_nanoseconds(request->response_timeout, &at));
    wasi_http_types_method_request_options_set_between_bytes_timeout(handle,
                                                                     to_nanoseconds(request->read_timeout, &at));
    return options;
}

static void read_head(isolet_http_response *response) {
    wasi_http_types_borrow_incoming_response_t handle = wasi_http_types_borrow_incoming_response(response->handle);
    response->status = wasi_http_types_method_incoming_response_status(handle);
    wasi_http_types_own_fields_t fields = wasi_http_types_method_incoming_response_headers(handle);
    wasi_http_types_list_tuple2_field_name_field_value_t entries;
    wasi_http_types_method_fields_entries(wasi_http_types_borrow_fields(fields), &entries);
    response->headers = isolet_lasting_memory(entries.len * sizeof *response->headers);
    response->header_count = entries.len;
    isolet_mark *mark = isolet_memory_mark();
    for (size_t index = 0; index < entries.len; index++) {
        response->headers[index].name = isolet_lasting_copy(isolet_from_string(entries.ptr[index].f0));
        isolet_bindings_string_t value = {entries.ptr[index].f1.ptr, entries.ptr[index].f1.len};
        response->headers[index].value = isolet_lasting_copy(isolet_from_string(value));
    }
    isolet_memory_release(mark);
    wasi_http_types_list_tuple2_field_name_field_value_free(&entries);
    wasi_http_types_fields_drop_own(fields);
}

/* Opens the body of the answer that has begun. */
static isolet_status open_body(isolet_http_response *response) {
    wasi_http_types_borrow_incoming_response_t handle = wasi_http_types_borrow_incoming_response(response->handle);
    bool is_open = wasi_http_types_method_incoming_response_consume(handle, &response->body);
    if (is_open && !wasi_http_types_method_incoming_body_stream(wasi_http_types_borrow_incoming_body(response->body),
                                                                &response->stream)) {
        wasi_http_types_incoming_body_drop_own(response->body);
        is_open = false;
    }
    if (!is_open) {
        wasi_http_types_incoming_response_drop_own(response->handle);
        return isolet_http_failed(response->request, ISOLET_HTTP_PROTOCOL, "the answer can't be taken (it has no body)");
    }
    response->is_open = true;
    return ISOLET_OK;
}

/* Waits until the answer begins, while the body is sent. */
static isolet_status receive(isolet_http_response *response, wasi_http_types_own_future_incoming_response_t sent) {
    wasi_http_types_borrow_future_incoming_response_t future = wasi_http_types_borrow_future_incoming_response(sent);
    wasi_http_types_result_result_own_incoming_response_error_code_void_t answer;
    isolet_status status = ISOLET_OK;
    while (status == ISOLET_OK) {
        go_on(&response->upload);
        if (wasi_http_types_method_future_incoming_response_get(future, &answer)) {
            break;
        }
        status = wait_for(response, wasi_http_types_method_future_incoming_response_subscribe(future));
    }
    wasi_http_types_future_incoming_response_drop_own(sent);
    ISOLET_TRY(status);
    if (answer.is_err) {
        return isolet_http_failed(response->request, ISOLET_HTTP_PROTOCOL, "the answer can't be taken (internal-error)");
    }
    if (answer.val.ok.is_err) {
        status = isolet_http_refused(response->request, &answer.val.ok.val.err);
        wasi_http_types_error_code_free(&answer.val.ok.val.err);
        return status;
    }
    response->handle = answer.val.ok.val.ok;
    read_head(response);
    return open_body(response);
}

static isolet_status send(const isolet_http_request *request, isolet_http_response *response) {
    ISOLET_TRY(isolet_check_cancelled());
    wasi_http_types_own_outgoing_request_t outgoing;
    ISOLET_TRY(isolet_http_outgoing(request, response->request, &outgoing, &response->upload));
    wasi_http_types_own_request_options_t options = to_options(request);
    wasi_http_types_own_future_incoming_response_t sent;
    wasi_http_types_error_code_t error;
    if (!wasi_http_outgoing_handler_handle(outgoing, &options, &sent, &error)) {
        isolet_status status = isolet_http_refused(response->request, &error);
        wasi_http_types_error_code_free(&error);
        return status;
    }
    if (request->timeout > 0) {
        response->timer = wasi_clocks_monotonic_clock_subscribe_duration((uint64_t)request->timeout);
        response->has_timer = true;
    }
    ISOLET_TRY(receive(response, sent));
    if (response->upload.is_open) {
        /* The caller's bytes are his again when this returns. */
        size_t size = response->upload.rest.size;
        response->copied = memcpy(isolet_lasting_memory(size), response->upload.rest.data, size);
        response->upload.rest.data = response->copied;
    }
    return ISOLET_OK;
}

isolet_status isolet_http_send(const isolet_http_request *request, isolet_http_response **response) {
    isolet_http_forget_error();
    *response = NULL;
    isolet_mark *mark = isolet_memory_mark();
    isolet_http_response *made = memset(isolet_lasting_memory(sizeof *made), 0, sizeof *made);
    made->request = isolet_lasting_copy(isolet_http_described(request));
    isolet_status status = send(request, made);
    isolet_memory_release(mark);
    if (status == ISOLET_OK) {
        *response = made;
    } else {
        isolet_http_close(made);
    }
    return status;
}

isolet_status isolet_http_get(const char *url, isolet_http_response **response) {
    return isolet_http_send(&(isolet_http_request){.url = url}, response);
}

/* Lets go of the connection. */
static void disconnect(isolet_http_response *response) {
    end_upload(&response->upload, false);
    if (response->is_open) {
        response->is_open = false;
        wasi_io_streams_input_stream_drop_own(response->stream);
        wasi_http_types_incoming_body_drop_own(response->body);
        wasi_http_types_incoming_response_drop_own(response->handle);
    }
    if (response->has_timer) {
        response->has_timer = false;
        wasi_io_poll_pollable_drop_own(response->timer);
    }
}

static void forget_piece(isolet_http_response *response) {
    if (response->piece.len != 0) {
        free(response->piece.ptr);
    }
    response->piece = (isolet_bindings_list_u8_t){NULL, 0};
}

void isolet_http_close(isolet_http_response *response) {
    if (response == NULL) {
        return;
    }
    disconnect(response);
    forget_piece(response);
    for (size_t index = 0; index < response->header_count; index++) {
        free((char *)response->headers[index].name);
        free((char *)response->headers[index].value);
    }
    free(response->headers);
    free((char *)response->request);
    free(response->copied);
    free(response);
}

uint16_t isolet_http_status(const isolet_http_response *response) { return response->status; }

isolet_http_headers isolet_http_all_headers(const isolet_http_response *response) {
    return (isolet_http_headers){response->headers, response->header_count};
}

const char *isolet_http_header_value(const isolet_http_response *response, const char *name) {
    for (size_t index = 0; index < response->header_count; index++) {
        if (strcasecmp(response->headers[index].name, name) == 0) {
            return response->headers[index].value;
        }
    }
    return NULL;
}

isolet_status isolet_http_check_status(const isolet_http_response *response) {
    if (response->status >= 200 && response->status < 300) {
        return ISOLET_OK;
    }
    isolet_mark *mark = isolet_memory_mark();
    const char *why = isolet_print("the server answered with status %u", (unsigned)response->status);
    isolet_status status = isolet_http_failed(response->request, ISOLET_HTTP_STATUS, why);
    isolet_memory_release(mark);
    return status;
}

/* The stream has ended, well or badly. */
static isolet_status ended(isolet_http_response *response, const wasi_io_streams_stream_error_t *error) {
    if (error->tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED) {
        disconnect(response);
        return ISOLET_OK;
    }
    wasi_http_types_error_code_t code = {.tag = WASI_HTTP_TYPES_ERROR_CODE_HTTP_RESPONSE_INCOMPLETE};
    wasi_io_error_own_error_t failed = error->val.last_operation_failed;
    bool is_told = wasi_http_types_http_error_code(wasi_io_error_borrow_error(failed), &code);
    isolet_mark *mark = isolet_memory_mark();
    isolet_status status = isolet_http_refused(response->request, &code);
    isolet_memory_release(mark);
    if (is_told) {
        wasi_http_types_error_code_free(&code);
    }
    wasi_io_error_error_drop_own(failed);
    disconnect(response);
    return status;
}

isolet_status isolet_http_read(isolet_http_response *response, isolet_bytes *piece) {
    isolet_http_forget_error();
    *piece = (isolet_bytes){NULL, 0};
    forget_piece(response);
    ISOLET_TRY(isolet_check_cancelled());
    while (response->is_open) {
        go_on(&response->upload);
        wasi_io_streams_borrow_input_stream_t stream = wasi_io_streams_borrow_input_stream(response->stream);
        wasi_io_streams_stream_error_t error;
        if (!wasi_io_streams_method_input_stream_read(stream, PIECE, &response->piece, &error)) {
            response->piece = (isolet_bindings_list_u8_t){NULL, 0};
            return ended(response, &error);
        }
        if (response->piece.len != 0) {
            *piece = (isolet_bytes){response->piece.ptr, response->piece.len};
            return ISOLET_OK;
        }
        ISOLET_TRY(wait_for(response, wasi_io_streams_method_input_stream_subscribe(stream)));
    }
    return ISOLET_OK;
}

isolet_status isolet_http_read_all(isolet_http_response *response, size_t most, isolet_bytes *body) {
    *body = (isolet_bytes){NULL, 0};
    isolet_mark *before = isolet_memory_mark();
    size_t size = 0, room = PIECE;
    uint8_t *read = isolet_memory(room + 1);
    for (;;) {
        isolet_bytes piece;
        isolet_status status = isolet_http_read(response, &piece);
        if (status == ISOLET_OK && piece.size > most - size) {
            disconnect(response);
            const char *why = isolet_print("the answer's body has more than %zu bytes", most);
            status = isolet_http_failed(response->request, ISOLET_HTTP_TOO_LARGE, why);
        }
        if (status != ISOLET_OK) {
            isolet_memory_release(before);
            return status;
        }
        if (piece.size == 0) {
            break;
        }
        if (piece.size > room - size) {
            room = room < PIECE * 16 ? room * 4 : room + room / 2;
            read = isolet_longer_memory(read, room + 1);
        }
        memcpy(read + size, piece.data, piece.size);
        size += piece.size;
    }
    /* Texts end with a zero byte, should it be one. */
    read[size] = '\0';
    *body = (isolet_bytes){read, size};
    return ISOLET_OK;
}
