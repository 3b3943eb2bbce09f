//go:build wasip1

// Package http sends what net/http is asked to send, through wasi:http: an instance has no sockets. What may be sent
// where is the component's grant. It is part of components that import net/http, as its default transport.
package http

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	_ "unsafe" // for what is linked by name

	handler "go.temporal.io/sdk/internal/wit/imports/wasi_http_outgoing_handler"
	types "go.temporal.io/sdk/internal/wit/imports/wasi_http_types"
	"go.temporal.io/sdk/internal/wit/imports/wasi_io_poll"
	witTypes "go.temporal.io/sdk/internal/witpkg/types"
)

func init() {
	http.DefaultTransport = Transport{}
}

// await parks the goroutine until a pollable is ready, or forgotten: see guest-sdk/go/runtime.
//
//go:linkname await runtime.isoletAwait
func await(pollable, events uint32) uint32

// forget lets the goroutine go on that waits for a pollable.
//
//go:linkname forget runtime.isoletForget
func forget(pollable uint32)

// ready waits until a pollable is ready or the context has ended, and drops it.
func ready(ctx context.Context, pollable *wasi_io_poll.Pollable) error {
	defer pollable.Drop()
	handle := uint32(pollable.Handle())
	waited := make(chan struct{})
	go func() {
		await(handle, 0)
		close(waited)
	}()
	select {
	case <-waited:
		return nil
	case <-ctx.Done():
		forget(handle)
		<-waited
		return context.Cause(ctx)
	}
}

// Transport is a RoundTripper on wasi:http.
type Transport struct{}

// RoundTrip sends a request and returns the response once its headers are there.
func (Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := roundTrip(request)
	if err != nil && request.Body != nil {
		request.Body.Close()
	}
	return response, err
}

func roundTrip(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	outgoing, err := outgoingRequest(request)
	if err != nil {
		return nil, err
	}
	body := outgoing.Body()
	if body.IsErr() {
		return nil, fmt.Errorf("http: the request to %s has no body to write to", request.URL.Host)
	}
	sent := handler.Handle(outgoing, witTypes.None[*types.RequestOptions]())
	if sent.IsErr() {
		body.Ok().Drop()
		return nil, failed(sent.Err())
	}
	future := sent.Ok()
	defer future.Drop()
	go send(ctx, request.Body, body.Ok())
	if err := ready(ctx, future.Subscribe()); err != nil {
		return nil, err
	}
	answer := future.Get()
	if answer.IsNone() || answer.Some().IsErr() {
		return nil, fmt.Errorf("http: no answer from %s", request.URL.Host)
	}
	if answer := answer.Some().Ok(); answer.IsErr() {
		return nil, failed(answer.Err())
	}
	return incomingResponse(request, answer.Some().Ok().Ok())
}

// hopByHop are headers of one connection, which is the host's.
var hopByHop = map[string]bool{
	"Connection": true, "Host": true, "Http2-Settings": true, "Keep-Alive": true, "Proxy-Connection": true,
	"Te": true, "Transfer-Encoding": true, "Upgrade": true,
}

func outgoingRequest(request *http.Request) (*types.OutgoingRequest, error) {
	var entries []witTypes.Tuple2[string, []uint8]
	add := func(name, value string) {
		entries = append(entries, witTypes.Tuple2[string, []uint8]{F0: name, F1: []uint8(value)})
	}
	for name, values := range request.Header {
		if hopByHop[http.CanonicalHeaderKey(name)] || strings.EqualFold(name, "Content-Length") {
			continue
		}
		for _, value := range values {
			add(name, value)
		}
	}
	if _, ok := request.Header["User-Agent"]; !ok {
		add("User-Agent", "Go-http-client/1.1")
	}
	if 0 < request.ContentLength || (request.Body == http.NoBody && request.Method != http.MethodGet) {
		add("Content-Length", strconv.FormatInt(max(request.ContentLength, 0), 10))
	}
	fields := types.FieldsFromList(entries)
	if fields.IsErr() {
		return nil, fmt.Errorf("http: a header of the request to %s is not allowed", request.URL.Host)
	}
	outgoing := types.MakeOutgoingRequest(fields.Ok())
	authority := request.Host
	if authority == "" {
		authority = request.URL.Host
	}
	scheme := types.MakeSchemeHttps()
	switch request.URL.Scheme {
	case "https":
	case "http":
		scheme = types.MakeSchemeHttp()
	default:
		return nil, fmt.Errorf("http: unsupported protocol scheme %q", request.URL.Scheme)
	}
	refused := outgoing.SetMethod(method(request.Method)).IsErr() ||
		outgoing.SetScheme(witTypes.Some(scheme)).IsErr() ||
		outgoing.SetAuthority(witTypes.Some(authority)).IsErr() ||
		outgoing.SetPathWithQuery(witTypes.Some(request.URL.RequestURI())).IsErr()
	if refused {
		return nil, fmt.Errorf("http: %s %s is no request", request.Method, request.URL)
	}
	return outgoing, nil
}

func method(name string) types.Method {
	switch name {
	case "", http.MethodGet:
		return types.MakeMethodGet()
	case http.MethodHead:
		return types.MakeMethodHead()
	case http.MethodPost:
		return types.MakeMethodPost()
	case http.MethodPut:
		return types.MakeMethodPut()
	case http.MethodDelete:
		return types.MakeMethodDelete()
	case http.MethodConnect:
		return types.MakeMethodConnect()
	case http.MethodOptions:
		return types.MakeMethodOptions()
	case http.MethodTrace:
		return types.MakeMethodTrace()
	case http.MethodPatch:
		return types.MakeMethodPatch()
	}
	return types.MakeMethodOther(name)
}

func incomingResponse(request *http.Request, incoming *types.IncomingResponse) (*http.Response, error) {
	status := int(incoming.Status())
	fields := incoming.Headers()
	header := http.Header{}
	for _, entry := range fields.Entries() {
		header.Add(entry.F0, string(entry.F1))
	}
	fields.Drop()
	body := incoming.Consume()
	incoming.Drop()
	if body.IsErr() {
		return nil, io.ErrUnexpectedEOF
	}
	stream := body.Ok().Stream()
	if stream.IsErr() {
		return nil, io.ErrUnexpectedEOF
	}
	length := int64(-1)
	if told, err := strconv.ParseInt(header.Get("Content-Length"), 10, 64); err == nil {
		length = told
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, ContentLength: length, Request: request,
		Body: &incomingBody{ctx: request.Context(), body: body.Ok(), stream: stream.Ok()},
	}, nil
}
