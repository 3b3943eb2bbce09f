package attempt

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.temporal.io/sdk/internal/failure"
	"go.temporal.io/sdk/internal/host"
)

// stoppable is a host that cancels the attempt when it is told to.
type stoppable struct {
	host.Host
	cancelled    chan struct{}
	cancellation host.Cancellation
}

func (s *stoppable) IsCancelled() bool {
	select {
	case <-s.cancelled:
		return true
	default:
		return false
	}
}

func (s *stoppable) Cancellation() (host.Cancellation, bool) { return s.cancellation, true }

func (s *stoppable) Await(host.Event) { <-s.cancelled }

func TestContextsEndAsTheHostSays(t *testing.T) {
	canceled := failure.NewCanceledError(failure.CanceledErrorOptions{})
	cases := []struct {
		why        host.Cancellation
		err, cause error
	}{
		{host.Cancellation{CancelRequested: true}, context.Canceled, canceled},
		{host.Cancellation{Paused: true}, context.Canceled, failure.ErrActivityPaused},
		{host.Cancellation{Reset: true}, context.Canceled, failure.ErrActivityReset},
		{host.Cancellation{TimedOut: true}, context.DeadlineExceeded, context.DeadlineExceeded},
		{host.Cancellation{WorkerShutdown: true}, context.Canceled, failure.ErrWorkerShutdown},
		{host.Cancellation{NotFound: true}, context.Canceled, failure.ErrNotFound},
	}
	for _, each := range cases {
		stop := &stoppable{cancelled: make(chan struct{}), cancellation: each.why}
		running := New(stop, host.ActivityInfo{Deadline: time.Now().Add(time.Hour)}, nil)
		ctx := running.Context()
		child, release := context.WithTimeout(ctx, 2*time.Hour)
		defer release()
		later := make(chan struct{})
		context.AfterFunc(ctx, func() { close(later) })
		if ctx.Err() != nil || child.Err() != nil || context.Cause(ctx) != nil {
			t.Fatal("it has ended before its end")
		}
		close(stop.cancelled)
		for _, ended := range []<-chan struct{}{ctx.Done(), child.Done(), later} {
			<-ended
		}
		for _, ended := range []context.Context{ctx, child} {
			if ended.Err() != each.err {
				t.Errorf("%+v ended with %v", each.why, ended.Err())
			}
			if cause := context.Cause(ended); cause.Error() != each.cause.Error() {
				t.Errorf("%+v was caused by %v", each.why, cause)
			}
		}
		if context.WithoutCancel(ctx).Err() != nil {
			t.Error("what is without a cancellation has one")
		}
	}
}

func TestACauseIsKnownWithoutWaiting(t *testing.T) {
	stop := &stoppable{cancelled: make(chan struct{}), cancellation: host.Cancellation{Paused: true}}
	ctx := New(stop, host.ActivityInfo{}, nil).Context()
	close(stop.cancelled)
	if !errors.Is(context.Cause(ctx), failure.ErrActivityPaused) {
		t.Error(context.Cause(ctx))
	}
}
