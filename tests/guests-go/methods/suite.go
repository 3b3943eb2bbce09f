package main

import (
	"conformance/activities"
	"context"

	"go.temporal.io/sdk/converter"
)

// Suite has the activities as methods.
type Suite struct{}

func (*Suite) Info(ctx context.Context) (map[string]any, error) { return activities.Info(ctx) }

func (*Suite) IdempotencyKey(ctx context.Context) ([]any, error) { return activities.IdempotencyKey(ctx) }
func (*Suite) LogLines(ctx context.Context, text string) error { return activities.LogLines(ctx, text) }

func (*Suite) CompleteAsync(ctx context.Context) error { return activities.CompleteAsync(ctx) }

func (*Suite) OutsideOfActivities() ([]string, error) { return activities.OutsideOfActivities() }

func (*Suite) Measure(ctx context.Context, prefix string) error {
	return activities.Measure(ctx, prefix)
}

func (*Suite) WaitCancelCaught(ctx context.Context) (string, error) {
	return activities.WaitCancelCaught(ctx)
}

func (*Suite) WaitCancelUncaught(ctx context.Context) error {
	return activities.WaitCancelUncaught(ctx)
}

func (*Suite) WaitCancelFirstAttempt(ctx context.Context) ([]int, error) {
	return activities.WaitCancelFirstAttempt(ctx)
}

func (*Suite) WaitCancelIgnored(ctx context.Context) (string, error) {
	return activities.WaitCancelIgnored(ctx)
}

func (*Suite) WaitCancelSwallowed(ctx context.Context) (string, error) {
	return activities.WaitCancelSwallowed(ctx)
}

func (*Suite) WaitCancelThenFail(ctx context.Context) error {
	return activities.WaitCancelThenFail(ctx)
}

func (*Suite) WaitCancelPolling(ctx context.Context) error { return activities.WaitCancelPolling(ctx) }

func (*Suite) WaitCancelSilent(ctx context.Context) (string, error) {
	return activities.WaitCancelSilent(ctx)
}

func (*Suite) WaitCancelTwice(ctx context.Context) ([]string, error) {
	return activities.WaitCancelTwice(ctx)
}

func (*Suite) WaitCancelShielded(ctx context.Context) ([]string, error) {
	return activities.WaitCancelShielded(ctx)
}

func (*Suite) ShieldForever(ctx context.Context) error { return activities.ShieldForever(ctx) }

func (*Suite) WaitCancelAsync(ctx context.Context) (bool, error) {
	return activities.WaitCancelAsync(ctx)
}

func (*Suite) ClientExecuteActivity(ctx context.Context, activityType, activityID string, arguments []any) (map[string]any, error) {
	return activities.ClientExecuteActivity(ctx, activityType, activityID, arguments)
}

func (*Suite) ClientStopActivity(ctx context.Context, how, activityID string) (string, error) {
	return activities.ClientStopActivity(ctx, how, activityID)
}

func (*Suite) ClientCompleteByID(ctx context.Context, how, workflowID, activityID string) error {
	return activities.ClientCompleteByID(ctx, how, workflowID, activityID)
}

func (*Suite) ClientCompleteByToken(ctx context.Context, token []int) error {
	return activities.ClientCompleteByToken(ctx, token)
}

func (*Suite) ClientTellToken(ctx context.Context) error { return activities.ClientTellToken(ctx) }

func (*Suite) ClientDescribe(ctx context.Context, workflowID string, namespace *string) (string, error) {
	return activities.ClientDescribe(ctx, workflowID, namespace)
}

func (*Suite) Fail() (int, error) { return activities.Fail() }

func (*Suite) FailApplication(errType string, nonRetryable bool, nextRetryDelayMs *int64) error {
	return activities.FailApplication(errType, nonRetryable, nextRetryDelayMs)
}

func (*Suite) FailBenign() error { return activities.FailBenign() }

func (*Suite) FailCancelled() error { return activities.FailCancelled() }

func (*Suite) FailEmpty() error { return activities.FailEmpty() }

func (*Suite) FailUntilAttempt(ctx context.Context, attempt int32, nextRetryDelayMs *int64) (int32, error) {
	return activities.FailUntilAttempt(ctx, attempt, nextRetryDelayMs)
}

func (*Suite) FailWithBadDetail() error { return activities.FailWithBadDetail() }

func (*Suite) FailWithCause() error { return activities.FailWithCause() }

func (*Suite) FailWithKind(kind string) error { return activities.FailWithKind(kind) }

func (*Suite) Panic(message string) error { return activities.Panic(message) }

func (*Suite) PanicElsewhere(ctx context.Context, message string) error {
	return activities.PanicElsewhere(ctx, message)
}

func (*Suite) HeartbeatThenFail(ctx context.Context, count int, pauseMs *int64) (*activities.Resumed, error) {
	return activities.HeartbeatThenFail(ctx, count, pauseMs)
}

func (*Suite) HeartbeatThenHang(ctx context.Context, count int) (*activities.Resumed, error) {
	return activities.HeartbeatThenHang(ctx, count)
}

func (*Suite) HeartbeatDetails(ctx context.Context, kind string) ([]any, error) {
	return activities.HeartbeatDetails(ctx, kind)
}

func (*Suite) HeartbeatUnencodable(ctx context.Context) error {
	return activities.HeartbeatUnencodable(ctx)
}

func (*Suite) HeartbeatUnencodableReturned(ctx context.Context) (string, error) {
	return activities.HeartbeatUnencodableReturned(ctx)
}

func (*Suite) HeartbeatUnencodableCaught(ctx context.Context) (string, error) {
	return activities.HeartbeatUnencodableCaught(ctx)
}

func (*Suite) SleepWithHeartbeats(ctx context.Context, totalMs, everyMs int64) (int64, error) {
	return activities.SleepWithHeartbeats(ctx, totalMs, everyMs)
}

func (*Suite) Add(a, b int64) (int64, error) { return activities.Add(a, b) }

func (*Suite) Echo(value converter.RawValue) (converter.RawValue, error) {
	return activities.Echo(value)
}

func (*Suite) Greet(name string) (string, error) { return activities.Greet(name) }

func (*Suite) Nothing() error { return activities.Nothing() }

func (*Suite) Recode(value any) (any, error) { return activities.Recode(value) }

func (*Suite) ReverseBytes(bytes []byte) ([]byte, error) { return activities.ReverseBytes(bytes) }

func (*Suite) UnencodableResult() (map[string]any, error) { return activities.UnencodableResult() }

func (*Suite) WithDefault(a int64, b *int64) ([]int64, error) { return activities.WithDefault(a, b) }

func (*Suite) WaitWithTimeouts(ctx context.Context) ([]any, error) {
	return activities.WaitWithTimeouts(ctx)
}

func (*Suite) StayUntilShutdown(ctx context.Context) (string, error) {
	return activities.StayUntilShutdown(ctx)
}

func (*Suite) StayUntilShutdownAsync(ctx context.Context) (string, error) {
	return activities.StayUntilShutdownAsync(ctx)
}

func (*Suite) Park() error { return activities.Park() }

func (*Suite) Allocate(mib int) (int, error) { return activities.Allocate(mib) }

func (*Suite) Clock() (int64, error) { return activities.Clock() }

func (*Suite) CpuMs(ms int64) (int64, error) { return activities.CpuMs(ms) }

func (*Suite) Deadlock() error { return activities.Deadlock() }

func (*Suite) Environment() ([]string, error) { return activities.Environment() }

func (*Suite) Exit(code int) error { return activities.Exit(code) }

func (*Suite) Random() (string, error) { return activities.Random() }

func (*Suite) ReadFile(path string) (string, error) { return activities.ReadFile(path) }

func (*Suite) Recurse(depth int) (int, error) { return activities.Recurse(depth) }

func (*Suite) SleepMs(ctx context.Context, ms int64) (int64, error) {
	return activities.SleepMs(ctx, ms)
}

func (*Suite) Spin() error { return activities.Spin() }

func (*Suite) Together(goroutines int, ms int64) (int64, error) {
	return activities.Together(goroutines, ms)
}
