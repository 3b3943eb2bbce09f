// Package attempt is the running attempt: its context, what it knows and tells, and how it ends.
package attempt

import (
	"context"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/internal/failure"
	"go.temporal.io/sdk/internal/host"
)

// Attempt is one attempt at an activity.
type Attempt struct {
	host      host.Host
	info      host.ActivityInfo
	converter converter.DataConverter
	stopping  stopping
}

// New begins an attempt.
func New(h host.Host, info host.ActivityInfo, dc converter.DataConverter) *Attempt {
	return &Attempt{host: h, info: info, converter: dc}
}

// key is under what a context has its attempt.
type key struct{}

// Of returns the attempt of an activity's context.
//
// Panics for any other context, as Temporal's package does.
func Of(ctx context.Context) *Attempt {
	attempt, ok := ctx.Value(key{}).(*Attempt)
	if !ok {
		panic("getActivityOutboundInterceptor: Not an activity context")
	}
	return attempt
}

// IsIn tells whether a context is an activity's.
func IsIn(ctx context.Context) bool {
	return ctx.Value(key{}) != nil
}

// Host returns who runs the attempt.
func (a *Attempt) Host() host.Host { return a.host }

// Info returns what is known about it.
func (a *Attempt) Info() *host.ActivityInfo { return &a.info }

// Converter returns what turns values into payloads.
func (a *Attempt) Converter() converter.DataConverter { return a.converter }

// Heartbeat records details.
//
// Panics, as Temporal's package does, when one has no encoding.
func (a *Attempt) Heartbeat(details []any) {
	var payloads *commonpb.Payloads
	// One nil is no detail.
	if 1 < len(details) || (len(details) == 1 && details[0] != nil) {
		encoded, err := a.converter.ToPayloads(details...)
		if err != nil {
			panic(err)
		}
		payloads = encoded
	}
	a.host.Heartbeat(payloads.GetPayloads())
}

// HasHeartbeatDetails tells whether the attempt before left details.
func (a *Attempt) HasHeartbeatDetails() bool {
	return len(a.info.HeartbeatDetails) != 0
}

// HeartbeatDetails decodes what the attempt before left.
func (a *Attempt) HeartbeatDetails(valuePtrs []any) error {
	return failure.NewEncoded(a.info.HeartbeatDetails, a.converter).Get(valuePtrs...)
}
