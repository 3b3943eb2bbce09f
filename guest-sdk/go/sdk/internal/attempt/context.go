package attempt

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.temporal.io/sdk/internal/failure"
	"go.temporal.io/sdk/internal/host"
)

// stopping is what an attempt has been told of stopping.
type stopping struct {
	// once makes inner, when somebody asks for more than whether the attempt is cancelled. Until then no goroutine
	// waits for a cancellation, so that Go finds it out when all that there are wait for nothing.
	once   sync.Once
	inner  context.Context
	cancel context.CancelCauseFunc

	// watch begins the wait for a cancellation.
	watch sync.Once
	// stop makes stopped, and begins the wait for the worker's shutdown.
	stop    sync.Once
	stopped chan struct{}
}

// Context returns the attempt's context. Its Err and Cause ask the host, so they tell of a cancellation also to who
// never lets other goroutines run.
func (a *Attempt) Context() context.Context {
	return attemptContext{a}
}

type attemptContext struct {
	attempt *Attempt
}

func (c attemptContext) Deadline() (time.Time, bool) {
	deadline := c.attempt.info.Deadline
	return deadline, !deadline.IsZero()
}

func (c attemptContext) Done() <-chan struct{} {
	inner := c.attempt.inner()
	c.attempt.stopping.watch.Do(func() {
		go func() {
			c.attempt.host.Await(host.Cancelled)
			c.attempt.learn()
		}()
	})
	return inner.Done()
}

func (c attemptContext) Err() error {
	if !c.attempt.learn() {
		return nil
	}
	inner := c.attempt.inner()
	if errors.Is(context.Cause(inner), context.DeadlineExceeded) {
		return context.DeadlineExceeded
	}
	return inner.Err()
}

func (c attemptContext) Value(asked any) any {
	switch asked.(type) {
	case key:
		return c.attempt
	case *int:
		// So the standard library asks for the cause, and for what to hang contexts on that are made of this one.
		c.attempt.learn()
		return c.attempt.inner().Value(asked)
	}
	return nil
}

// inner returns the standard library's context, which those hang on that are made of the attempt's.
func (a *Attempt) inner() context.Context {
	a.stopping.once.Do(func() {
		root, cancel := context.WithCancelCause(context.Background())
		a.stopping.inner, a.stopping.cancel = root, cancel
		if deadline := a.info.Deadline; !deadline.IsZero() {
			timed, release := context.WithDeadline(root, deadline)
			context.AfterFunc(root, release)
			a.stopping.inner = timed
		}
	})
	return a.stopping.inner
}

// learn asks the host whether the attempt is cancelled, and cancels its context if so.
func (a *Attempt) learn() bool {
	if !a.host.IsCancelled() {
		return a.stopping.inner != nil && a.stopping.inner.Err() != nil
	}
	a.inner()
	a.stopping.cancel(a.cause())
	return true
}

// cause is why the attempt is cancelled, as Temporal's package says it.
func (a *Attempt) cause() error {
	cancellation, ok := a.host.Cancellation()
	switch {
	case !ok:
		return context.Canceled
	case cancellation.CancelRequested:
		return failure.NewCanceledError(failure.CanceledErrorOptions{})
	case cancellation.Paused:
		return failure.ErrActivityPaused
	case cancellation.Reset:
		return failure.ErrActivityReset
	case cancellation.TimedOut:
		return context.DeadlineExceeded
	case cancellation.WorkerShutdown:
		return failure.ErrWorkerShutdown
	}
	return failure.ErrNotFound
}

// WorkerStopChannel returns what is closed when the worker begins to shut down.
func (a *Attempt) WorkerStopChannel() <-chan struct{} {
	a.stopping.stop.Do(func() {
		a.stopping.stopped = make(chan struct{})
		if a.host.IsWorkerShutdown() {
			close(a.stopping.stopped)
			return
		}
		go func() {
			a.host.Await(host.WorkerShutdown)
			close(a.stopping.stopped)
		}()
	})
	return a.stopping.stopped
}
