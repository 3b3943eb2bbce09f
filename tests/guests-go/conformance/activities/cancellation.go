package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
)

const beat = 100 * time.Millisecond

// beatUntilCancelled beats until the context has ended.
func beatUntilCancelled(ctx context.Context) error {
	for {
		activity.RecordHeartbeat(ctx, "waiting")
		if err := sleep(ctx, beat); err != nil {
			return err
		}
	}
}

// reasons is why the context has ended.
func reasons(ctx context.Context) string {
	cause := context.Cause(ctx)
	switch {
	case cause == nil:
		return "none"
	case temporal.IsCanceledError(cause):
		return "cancel_requested"
	case errors.Is(cause, activity.ErrActivityPaused):
		return "paused"
	case errors.Is(cause, activity.ErrActivityReset):
		return "reset"
	case errors.Is(cause, context.DeadlineExceeded):
		return "timed_out"
	case errors.Is(cause, worker.ErrWorkerShutdown):
		return "worker_shutdown"
	}
	return "not_found"
}

func isCancelled(ctx context.Context) bool { return ctx.Err() != nil }

func caught(ctx context.Context) string {
	caught := "caught: " + reasons(ctx)
	activity.GetLogger(ctx).Info(caught)
	return caught
}

func WaitCancelCaught(ctx context.Context) (string, error) {
	_ = beatUntilCancelled(ctx)
	return caught(ctx), nil
}

func WaitCancelUncaught(ctx context.Context) error { return beatUntilCancelled(ctx) }

func WaitCancelFirstAttempt(ctx context.Context) ([]int, error) {
	info := activity.GetInfo(ctx)
	if 1 < info.Attempt {
		return []int{int(info.Attempt), int(info.StartToCloseTimeout.Seconds())}, nil
	}
	return nil, beatUntilCancelled(ctx)
}

func WaitCancelIgnored(ctx context.Context) (string, error) {
	for !isCancelled(ctx) {
		activity.RecordHeartbeat(ctx, "waiting")
		time.Sleep(beat)
	}
	time.Sleep(beat)
	activity.RecordHeartbeat(ctx, "ignoring")
	return fmt.Sprint("ignored: ", isCancelled(ctx)), nil
}

func WaitCancelSwallowed(ctx context.Context) (string, error) {
	_ = beatUntilCancelled(ctx)
	activity.RecordHeartbeat(ctx, "working on")
	time.Sleep(beat)
	return fmt.Sprint("swallowed: ", isCancelled(ctx)), nil
}

func WaitCancelThenFail(ctx context.Context) error {
	_ = beatUntilCancelled(ctx)
	return temporal.NewApplicationError("stopped halfway", "Halfway")
}

func WaitCancelPolling(ctx context.Context) error {
	for {
		activity.RecordHeartbeat(ctx, "polling")
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

func WaitCancelSilent(ctx context.Context) (string, error) {
	<-ctx.Done()
	return caught(ctx), nil
}

func WaitCancelTwice(ctx context.Context) ([]string, error) {
	before := reasons(ctx)
	_ = beatUntilCancelled(ctx)
	at := reasons(ctx)
	activity.GetLogger(ctx).Info("cancelled once")
	<-activity.GetWorkerStopChannel(ctx)
	time.Sleep(beat)
	return []string{before, at, reasons(ctx)}, nil
}

func WaitCancelShielded(ctx context.Context) ([]string, error) {
	outer := context.WithoutCancel(ctx)
	inner := context.WithoutCancel(outer)
	_ = beatUntilCancelled(ctx)
	steps := make([]string, 0, 4)
	told := func(when string, err error) {
		if err != nil {
			when = err.Error()
		}
		steps = append(steps, when)
	}
	told("slept on", sleep(inner, beat))
	told("inner end passed", inner.Err())
	told("slept on", sleep(outer, beat))
	if isCancelled(ctx) {
		steps = append(steps, "cancelled after cleanup")
	}
	return steps, nil
}

func ShieldForever(ctx context.Context) error {
	shielded := context.WithoutCancel(ctx)
	for {
		if err := sleep(shielded, beat); err != nil {
			return err
		}
	}
}

func WaitCancelAsync(ctx context.Context) (bool, error) {
	activity.RecordHeartbeat(ctx, "waiting")
	cancelled := make(chan struct{})
	context.AfterFunc(ctx, func() { close(cancelled) })
	<-cancelled
	return isCancelled(ctx), nil
}
