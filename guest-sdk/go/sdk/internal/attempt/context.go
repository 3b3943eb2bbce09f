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
	// once makes inner and done, when somebody asks for more than whether the attempt is cancelled. Until then no
	// goroutine waits for a cancellation, so that Go finds it out when all that there are wait for nothing.
	once sync.Once
	// inner has the cause, and hears of the end what hangs on the attempt's context. The host alone ends it: a timer of
	// the deadline's own would end the attempt as one that had returned in time.
	inner  context.Context
	cancel context.CancelCauseFunc
	// done is closed with it. It is another channel than that of inner, so that the standard library asks the attempt's
	// context why it has ended, and not inner, which knows no deadlines.
	done    chan struct{}
	isEnded bool

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
	c.attempt.watch()
	return c.attempt.stopping.done
}

// AfterFunc calls a function once the context has ended: as the standard library wants it of contexts that are not its
// own.
func (c attemptContext) AfterFunc(call func()) (stop func() bool) {
	return context.AfterFunc(c.attempt.watch(), call)
}

func (c attemptContext) Err() error {
	if !c.attempt.learn() {
		return nil
	}
	if errors.Is(context.Cause(c.attempt.inner()), context.DeadlineExceeded) {
		return context.DeadlineExceeded
	}
	return context.Canceled
}

func (c attemptContext) Value(asked any) any {
	switch asked.(type) {
	case key:
		return c.attempt
	case *int:
		// So the standard library asks for the cause.
		c.attempt.learn()
		return c.attempt.inner().Value(asked)
	}
	return nil
}

func (a *Attempt) inner() context.Context {
	a.stopping.once.Do(func() {
		a.stopping.inner, a.stopping.cancel = context.WithCancelCause(context.Background())
		a.stopping.done = make(chan struct{})
	})
	return a.stopping.inner
}

// watch sees to it that the context ends by itself.
func (a *Attempt) watch() context.Context {
	inner := a.inner()
	a.stopping.watch.Do(func() {
		go func() {
			a.host.Await(host.Cancelled)
			a.learn()
		}()
	})
	return inner
}

// learn asks the host whether the attempt is cancelled, and ends its context if so.
func (a *Attempt) learn() bool {
	if a.stopping.isEnded {
		return true
	}
	if !a.host.IsCancelled() {
		return false
	}
	a.inner()
	a.stopping.isEnded = true
	a.stopping.cancel(a.cause())
	close(a.stopping.done)
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
