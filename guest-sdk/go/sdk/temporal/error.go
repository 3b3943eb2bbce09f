// Package temporal has Temporal's errors, and what is said with activities: retry policies and priorities.
package temporal

import (
	"errors"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/internal/failure"
)

type (
	// ApplicationError is what an activity fails with.
	ApplicationError = failure.ApplicationError
	// ApplicationErrorOptions are what it may have beside its message and type.
	ApplicationErrorOptions = failure.ApplicationErrorOptions
	// ApplicationErrorCategory is how loudly it is reported.
	ApplicationErrorCategory = failure.ApplicationErrorCategory
	// CanceledError is the error of what was canceled.
	CanceledError = failure.CanceledError
	// CanceledErrorOptions are what it may have.
	CanceledErrorOptions = failure.CanceledErrorOptions
	// TimeoutError is the error of what took too long.
	TimeoutError = failure.TimeoutError
	// TerminatedError is the error of what was terminated.
	TerminatedError = failure.TerminatedError
	// PanicError is the error of an activity that panicked.
	PanicError = failure.PanicError
	// ServerError is the error of the server's own failure.
	ServerError = failure.ServerError
	// ActivityError is the error of an activity that was called.
	ActivityError = failure.ActivityError
	// ChildWorkflowExecutionError is the error of a child workflow.
	ChildWorkflowExecutionError = failure.ChildWorkflowExecutionError
)

const (
	// ApplicationErrorCategoryUnspecified is an error like any other.
	ApplicationErrorCategoryUnspecified = failure.ApplicationErrorCategoryUnspecified
	// ApplicationErrorCategoryBenign is expected in normal operation.
	ApplicationErrorCategoryBenign = failure.ApplicationErrorCategoryBenign
)

// ErrNoData is the error of asking for details that there are not.
var ErrNoData = failure.ErrNoData

// NewApplicationErrorWithOptions makes an error with all that it may have.
func NewApplicationErrorWithOptions(msg, errType string, options ApplicationErrorOptions) error {
	return failure.NewApplicationError(msg, errType, options)
}

// NewApplicationError makes an error that is tried again.
func NewApplicationError(message, errType string, details ...any) error {
	return failure.NewApplicationError(message, errType, ApplicationErrorOptions{Details: details})
}

// NewApplicationErrorWithCause makes an error that is tried again, with its cause.
func NewApplicationErrorWithCause(message, errType string, cause error, details ...any) error {
	return failure.NewApplicationError(message, errType, ApplicationErrorOptions{Cause: cause, Details: details})
}

// NewNonRetryableApplicationError makes an error that is not tried again.
func NewNonRetryableApplicationError(message, errType string, cause error, details ...any) error {
	options := ApplicationErrorOptions{NonRetryable: true, Cause: cause, Details: details}
	return failure.NewApplicationError(message, errType, options)
}

// NewCanceledError makes the error of what was canceled.
func NewCanceledError(details ...any) error {
	return failure.NewCanceledError(CanceledErrorOptions{Details: details})
}

// NewCanceledErrorWithOptions makes one with all that it may have.
func NewCanceledErrorWithOptions(options CanceledErrorOptions) error {
	return failure.NewCanceledError(options)
}

// NewTimeoutError makes the error of a timeout, for tests.
func NewTimeoutError(timeoutType enumspb.TimeoutType, lastErr error, details ...any) error {
	return failure.NewTimeoutError("Test timeout", timeoutType, lastErr, details...)
}

// NewHeartbeatTimeoutError makes the error of a missed heartbeat, for tests.
func NewHeartbeatTimeoutError(details ...any) error {
	return failure.NewTimeoutError("Test timeout", enumspb.TIMEOUT_TYPE_HEARTBEAT, nil, details...)
}

// IsApplicationError tells whether an error is one, or was caused by one.
func IsApplicationError(err error) bool { return is[*ApplicationError](err) }

// IsCanceledError tells whether an error is one, or was caused by one.
func IsCanceledError(err error) bool { return is[*CanceledError](err) }

// IsTimeoutError tells whether an error is one, or was caused by one.
func IsTimeoutError(err error) bool { return is[*TimeoutError](err) }

// IsTerminatedError tells whether an error is one, or was caused by one.
func IsTerminatedError(err error) bool { return is[*TerminatedError](err) }

// IsPanicError tells whether an error is one, or was caused by one.
func IsPanicError(err error) bool { return is[*PanicError](err) }

func is[E error](err error) bool {
	var found E
	return errors.As(err, &found)
}
