package activities

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
)

// within tells whether something happens in this time.
func within(happens <-chan struct{}, timeout time.Duration) bool {
	select {
	case <-happens:
		return true
	case <-time.After(timeout):
		return false
	}
}

func WaitWithTimeouts(ctx context.Context) ([]any, error) {
	begun := time.Now()
	told := make([]bool, 0, 4)
	for _, timeout := range []time.Duration{0, 50 * time.Millisecond} {
		told = append(told, within(ctx.Done(), timeout), within(activity.GetWorkerStopChannel(ctx), timeout))
	}
	return []any{told, time.Since(begun).Milliseconds()}, nil
}

func stayed(ctx context.Context) string {
	stopping := false
	select {
	case <-activity.GetWorkerStopChannel(ctx):
		stopping = true
	default:
	}
	return fmt.Sprintf("shutdown: %v, cancelled: %v", stopping, isCancelled(ctx))
}

func StayUntilShutdown(ctx context.Context) (string, error) {
	for !within(activity.GetWorkerStopChannel(ctx), beat) {
		activity.RecordHeartbeat(ctx, "waiting")
	}
	return stayed(ctx), nil
}

func StayUntilShutdownAsync(ctx context.Context) (string, error) {
	told := make(chan string)
	go func() {
		<-activity.GetWorkerStopChannel(ctx)
		told <- stayed(ctx)
	}()
	return <-told, nil
}

func Park() error {
	for {
		time.Sleep(time.Hour)
	}
}
