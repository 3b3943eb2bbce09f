//go:build wasip1

package http

import (
	"fmt"

	types "go.temporal.io/sdk/internal/wit/imports/wasi_http_types"
)

// Error is why a request failed, by the name that wasi:http has for it.
type Error struct {
	Code string
	Text string
}

func (e *Error) Error() string {
	if e.Text == "" {
		return "http: " + e.Code
	}
	return fmt.Sprintf("http: %s: %s", e.Code, e.Text)
}

// Timeout tells whether it took too long.
func (e *Error) Timeout() bool {
	switch e.Code {
	case "DNS-timeout", "connection-timeout", "connection-read-timeout", "connection-write-timeout",
		"HTTP-response-timeout":
		return true
	}
	return false
}

// Temporary tells the same: what took too long may not the next time.
func (e *Error) Temporary() bool { return e.Timeout() }

// codes are the names of what can go wrong, in the order of wasi:http.
var codes = [...]string{
	"DNS-timeout", "DNS-error", "destination-not-found", "destination-unavailable", "destination-IP-prohibited",
	"destination-IP-unroutable", "connection-refused", "connection-terminated", "connection-timeout",
	"connection-read-timeout", "connection-write-timeout", "connection-limit-reached", "TLS-protocol-error",
	"TLS-certificate-error", "TLS-alert-received", "HTTP-request-denied", "HTTP-request-length-required",
	"HTTP-request-body-size", "HTTP-request-method-invalid", "HTTP-request-URI-invalid", "HTTP-request-URI-too-long",
	"HTTP-request-header-section-size", "HTTP-request-header-size", "HTTP-request-trailer-section-size",
	"HTTP-request-trailer-size", "HTTP-response-incomplete", "HTTP-response-header-section-size",
	"HTTP-response-header-size", "HTTP-response-body-size", "HTTP-response-trailer-section-size",
	"HTTP-response-trailer-size", "HTTP-response-transfer-coding", "HTTP-response-content-coding",
	"HTTP-response-timeout", "HTTP-upgrade-failed", "HTTP-protocol-error", "loop-detected", "configuration-error",
	"internal-error",
}

func failed(code types.ErrorCode) error {
	told := &Error{Code: "error"}
	if int(code.Tag()) < len(codes) {
		told.Code = codes[code.Tag()]
	}
	switch code.Tag() {
	case types.ErrorCode_InternalError:
		told.Text = code.InternalError().SomeOr("")
	case types.ErrorCode_DnsError:
		told.Text = code.DnsError().Rcode.SomeOr("")
	case types.ErrorCode_HttpRequestDenied:
		told.Text = "the component has no grant for it"
	}
	return told
}
