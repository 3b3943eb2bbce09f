// Package failure has Temporal's errors, and turns errors into failures and back.
package failure

import (
	"errors"
	"fmt"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"
)

// ErrNoData is the error of asking for details that there are not.
var ErrNoData = errors.New("no data available")

// ErrTooManyArg is the error of asking for more details than there are.
var ErrTooManyArg = errors.New("too many arguments")

// ErrActivityResultPending is what an activity returns that is completed from elsewhere.
var ErrActivityResultPending = errors.New("not error: do not autocomplete, using Client.CompleteActivity() to complete")

// ErrActivityPaused is the cause of the context of a paused activity.
var ErrActivityPaused = errors.New("activity paused")

// ErrActivityReset is the cause of the context of an activity that was reset.
var ErrActivityReset = errors.New("activity reset")

// ErrWorkerShutdown is the cause of the context of an activity whose worker's grace has passed.
var ErrWorkerShutdown = errors.New("worker is now shutdown")

// ErrNotFound is the cause of the context of an activity that the server does not know any more.
var ErrNotFound = errors.New("activity not found: it was completed, terminated or timed out")

// ApplicationErrorCategory is how loudly an error is reported.
type ApplicationErrorCategory int

const (
	// ApplicationErrorCategoryUnspecified is an error like any other.
	ApplicationErrorCategoryUnspecified ApplicationErrorCategory = iota
	// ApplicationErrorCategoryBenign is expected in normal operation.
	ApplicationErrorCategoryBenign
)

// ApplicationErrorOptions are what an application error may have beside its message and type.
type ApplicationErrorOptions struct {
	// NonRetryable says that trying again is pointless.
	NonRetryable bool
	// Cause is what it was caused by.
	Cause error
	// Details explain it.
	Details []any
	// NextRetryDelay is the wait before the next attempt, instead of the retry policy's.
	NextRetryDelay time.Duration
	// Category is how loudly it is reported.
	Category ApplicationErrorCategory
}

// ApplicationError is what an activity fails with.
type ApplicationError struct {
	msg, errType   string
	nonRetryable   bool
	cause          error
	details        converter.EncodedValues
	nextRetryDelay time.Duration
	category       ApplicationErrorCategory
}

// NewApplicationError makes one.
func NewApplicationError(msg, errType string, options ApplicationErrorOptions) error {
	return &ApplicationError{
		msg: msg, errType: errType, nonRetryable: options.NonRetryable, cause: options.Cause,
		details: detailsOf(options.Details), nextRetryDelay: options.NextRetryDelay, category: options.Category,
	}
}

func (e *ApplicationError) Error() string {
	text := e.msg
	if e.errType != "" {
		text = fmt.Sprintf("%s (type: %s, retryable: %v)", text, e.errType, !e.nonRetryable)
	}
	return withCause(text, e.cause)
}

func withCause(text string, cause error) string {
	if cause == nil {
		return text
	}
	return fmt.Sprintf("%s: %v", text, cause)
}

func (e *ApplicationError) message() string { return e.msg }

// Message is the message alone.
func (e *ApplicationError) Message() string { return e.msg }

// Type is the type, as retry policies name it.
func (e *ApplicationError) Type() string { return e.errType }

// HasDetails tells whether there are details.
func (e *ApplicationError) HasDetails() bool { return e.details != nil && e.details.HasValues() }

// Details decodes the details.
func (e *ApplicationError) Details(d ...any) error { return decode(e.details, d) }

// NonRetryable tells whether trying again is pointless.
func (e *ApplicationError) NonRetryable() bool { return e.nonRetryable }

func (e *ApplicationError) Unwrap() error { return e.cause }

// NextRetryDelay is the wait before the next attempt, 0 for that of the retry policy.
func (e *ApplicationError) NextRetryDelay() time.Duration { return e.nextRetryDelay }

// Category is how loudly it is reported.
func (e *ApplicationError) Category() ApplicationErrorCategory { return e.category }

// CanceledErrorOptions are what a canceled error may have.
type CanceledErrorOptions struct {
	Message string
	Details []any
	Cause   error
}

// CanceledError is the error of what was canceled.
type CanceledError struct {
	msg     string
	details converter.EncodedValues
	cause   error
}

// NewCanceledError makes one.
func NewCanceledError(options CanceledErrorOptions) error {
	message := options.Message
	if message == "" {
		message = "canceled"
	}
	return &CanceledError{msg: message, details: detailsOf(options.Details), cause: options.Cause}
}

func (e *CanceledError) Error() string   { return e.msg }
func (e *CanceledError) message() string { return e.msg }
func (e *CanceledError) Unwrap() error   { return e.cause }

// HasDetails tells whether there are details.
func (e *CanceledError) HasDetails() bool { return e.details != nil && e.details.HasValues() }

// Details decodes the details.
func (e *CanceledError) Details(d ...any) error { return decode(e.details, d) }

// TimeoutError is the error of what took too long.
type TimeoutError struct {
	msg                  string
	timeoutType          enumspb.TimeoutType
	cause                error
	lastHeartbeatDetails converter.EncodedValues
}

// NewTimeoutError makes one.
func NewTimeoutError(msg string, timeoutType enumspb.TimeoutType, cause error, details ...any) error {
	return &TimeoutError{msg: msg, timeoutType: timeoutType, cause: cause, lastHeartbeatDetails: detailsOf(details)}
}

func (e *TimeoutError) Error() string {
	return withCause(fmt.Sprintf("%s (type: %s)", e.msg, e.timeoutType), e.cause)
}

func (e *TimeoutError) message() string { return e.msg }
func (e *TimeoutError) Unwrap() error   { return e.cause }

// Message is the message alone.
func (e *TimeoutError) Message() string { return e.msg }

// TimeoutType says which timeout.
func (e *TimeoutError) TimeoutType() enumspb.TimeoutType { return e.timeoutType }

// HasLastHeartbeatDetails tells whether there are details.
func (e *TimeoutError) HasLastHeartbeatDetails() bool {
	return e.lastHeartbeatDetails != nil && e.lastHeartbeatDetails.HasValues()
}

// LastHeartbeatDetails decodes them.
func (e *TimeoutError) LastHeartbeatDetails(d ...any) error { return decode(e.lastHeartbeatDetails, d) }

// TerminatedError is the error of what was terminated.
type TerminatedError struct{}

func (e *TerminatedError) Error() string   { return "terminated" }
func (e *TerminatedError) message() string { return "terminated" }

// PanicError is the error of an activity that panicked.
type PanicError struct {
	value      any
	stackTrace string
}

// NewPanicError makes one of what was panicked with.
func NewPanicError(value any, stackTrace string) error {
	return &PanicError{value: value, stackTrace: stackTrace}
}

func (e *PanicError) Error() string   { return fmt.Sprintf("%v", e.value) }
func (e *PanicError) message() string { return e.Error() }

// StackTrace is the stack at the panic.
func (e *PanicError) StackTrace() string { return e.stackTrace }

// ServerError is the error of the server's own failure.
type ServerError struct {
	msg          string
	nonRetryable bool
	cause        error
}

func (e *ServerError) Error() string   { return withCause(e.msg, e.cause) }
func (e *ServerError) message() string { return e.msg }
func (e *ServerError) Unwrap() error   { return e.cause }

// Message is the message alone.
func (e *ServerError) Message() string { return e.msg }

// ActivityError is the error of an activity that was called.
type ActivityError struct {
	identity, activityID string
	activityType         *commonpb.ActivityType
	cause                error
}

func (e *ActivityError) Error() string {
	return withCause(fmt.Sprintf("%s (type: %s)", e.message(), e.activityType.GetName()), e.cause)
}

func (e *ActivityError) message() string { return "activity error" }
func (e *ActivityError) Unwrap() error   { return e.cause }

// Identity is the worker that ran it last.
func (e *ActivityError) Identity() string { return e.identity }

// ActivityType is its type.
func (e *ActivityError) ActivityType() *commonpb.ActivityType { return e.activityType }

// ActivityID is its id.
func (e *ActivityError) ActivityID() string { return e.activityID }

// ChildWorkflowExecutionError is the error of a child workflow.
type ChildWorkflowExecutionError struct {
	namespace, workflowID, runID, workflowType string
	cause                                      error
}

func (e *ChildWorkflowExecutionError) Error() string {
	return withCause(fmt.Sprintf("%s (type: %s, workflowID: %s, runID: %s)",
		e.message(), e.workflowType, e.workflowID, e.runID), e.cause)
}

func (e *ChildWorkflowExecutionError) message() string { return "child workflow execution error" }
func (e *ChildWorkflowExecutionError) Unwrap() error   { return e.cause }

// Namespace is the child's.
func (e *ChildWorkflowExecutionError) Namespace() string { return e.namespace }

// WorkflowID is the child's.
func (e *ChildWorkflowExecutionError) WorkflowID() string { return e.workflowID }

// RunID is the child's.
func (e *ChildWorkflowExecutionError) RunID() string { return e.runID }

// WorkflowType is the child's.
func (e *ChildWorkflowExecutionError) WorkflowType() string { return e.workflowType }

// NewActivityError makes the error of an activity that was called.
func NewActivityError(activityType, activityID, identity string, cause error) error {
	named := &commonpb.ActivityType{Name: activityType}
	return &ActivityError{identity: identity, activityID: activityID, activityType: named, cause: cause}
}
