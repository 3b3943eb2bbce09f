package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
)

func Fail() (int, error) { return strconv.Atoi("x") }

func delay(ms *int64) time.Duration {
	if ms == nil {
		return 0
	}
	return time.Duration(*ms) * time.Millisecond
}

func FailApplication(errType string, nonRetryable bool, nextRetryDelayMs *int64) error {
	return temporal.NewApplicationErrorWithOptions("failed on purpose", errType, temporal.ApplicationErrorOptions{
		NonRetryable: nonRetryable, NextRetryDelay: delay(nextRetryDelayMs), Details: []any{"detail", 42},
	})
}

func FailBenign() error {
	options := temporal.ApplicationErrorOptions{Category: temporal.ApplicationErrorCategoryBenign}
	return temporal.NewApplicationErrorWithOptions("expected", "Expected", options)
}

func FailCancelled() error { return temporal.NewCanceledError() }

func FailEmpty() error { return temporal.NewApplicationError("", "") }

func FailUntilAttempt(ctx context.Context, attempt int32, nextRetryDelayMs *int64) (int32, error) {
	now := activity.GetInfo(ctx).Attempt
	if now < attempt {
		options := temporal.ApplicationErrorOptions{NextRetryDelay: delay(nextRetryDelayMs)}
		return 0, temporal.NewApplicationErrorWithOptions(fmt.Sprintf("attempt %d fails", now), "NotYet", options)
	}
	return now, nil
}

func FailWithBadDetail() error { return temporal.NewApplicationError("bad detail", "Bad", func() {}) }

func FailWithCause() error {
	var number int
	syntax := json.Unmarshal([]byte("x"), &number)
	inner := temporal.NewApplicationErrorWithCause("inner", "Inner", syntax)
	return temporal.NewApplicationErrorWithCause("outer", "Outer", inner)
}

func FailWithKind(kind string) error {
	if kind == "timeout" {
		return temporal.NewTimeoutError(enumspb.TIMEOUT_TYPE_START_TO_CLOSE, nil)
	}
	return &temporal.TerminatedError{}
}

func Panic(message string) error { panic(message) }

// PanicElsewhere panics in a goroutine of its own, where nobody can recover for it.
func PanicElsewhere(ctx context.Context, message string) error {
	go func() { panic(message) }()
	<-ctx.Done()
	return ctx.Err()
}
