// Package serviceerror has the errors of Temporal's server.
package serviceerror

// The status codes of gRPC that have an error of their own here.
const (
	invalidArgument    = 3
	deadlineExceeded   = 4
	notFound           = 5
	alreadyExists      = 6
	permissionDenied   = 7
	resourceExhausted  = 8
	failedPrecondition = 9
	unavailable        = 14
)

type (
	// InvalidArgument is of a request that is wrong.
	InvalidArgument struct{ Message string }
	// DeadlineExceeded is of a call that took too long.
	DeadlineExceeded struct{ Message string }
	// NotFound is of what there is not.
	NotFound struct{ Message string }
	// AlreadyExists is of what there is already.
	AlreadyExists struct{ Message string }
	// WorkflowExecutionAlreadyStarted is of a workflow whose id is taken.
	WorkflowExecutionAlreadyStarted struct {
		Message, StartRequestId, RunId string
	}
	// PermissionDenied is of a call that is not allowed.
	PermissionDenied struct{ Message string }
	// ResourceExhausted is of a server that is asked too much.
	ResourceExhausted struct{ Message string }
	// FailedPrecondition is of what can't be done as things stand.
	FailedPrecondition struct{ Message string }
	// Unavailable is of a server that can't be reached.
	Unavailable struct{ Message string }
	// Internal is of what the server failed at.
	Internal struct{ Message string }
)

func (e *InvalidArgument) Error() string                 { return e.Message }
func (e *DeadlineExceeded) Error() string                { return e.Message }
func (e *NotFound) Error() string                        { return e.Message }
func (e *AlreadyExists) Error() string                   { return e.Message }
func (e *WorkflowExecutionAlreadyStarted) Error() string { return e.Message }
func (e *PermissionDenied) Error() string                { return e.Message }
func (e *ResourceExhausted) Error() string               { return e.Message }
func (e *FailedPrecondition) Error() string              { return e.Message }
func (e *Unavailable) Error() string                     { return e.Message }
func (e *Internal) Error() string                        { return e.Message }

// NewPermissionDenied makes the error of a call that is not allowed.
func NewPermissionDenied(message, _ string) error { return &PermissionDenied{message} }

// FromCode makes the error of a status.
func FromCode(code uint32, message string) error {
	switch code {
	case invalidArgument:
		return &InvalidArgument{message}
	case deadlineExceeded:
		return &DeadlineExceeded{message}
	case notFound:
		return &NotFound{message}
	case alreadyExists:
		return &AlreadyExists{message}
	case permissionDenied:
		return &PermissionDenied{message}
	case resourceExhausted:
		return &ResourceExhausted{message}
	case failedPrecondition:
		return &FailedPrecondition{message}
	case unavailable:
		return &Unavailable{message}
	}
	return &Internal{message}
}
