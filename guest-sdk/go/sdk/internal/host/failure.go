package host

import (
	"time"

	commonpb "go.temporal.io/api/common/v1"
)

// Failure is one of a chain: what went wrong, and of which kind it is.
type Failure struct {
	Message, StackTrace string
	// Kind is one of the types below.
	Kind any
}

// Application is the kind of what the activity's code raised.
type Application struct {
	Type           string
	NonRetryable   bool
	Details        []*commonpb.Payload
	NextRetryDelay time.Duration
	Benign         bool
}

// Canceled is the kind of a cancellation.
type Canceled struct {
	Details []*commonpb.Payload
}

// Timeout is the kind of a timeout, by the number that the server has for it.
type Timeout struct {
	Type                 int32
	LastHeartbeatDetails []*commonpb.Payload
}

// Terminated is the kind of a termination.
type Terminated struct{}

// Server is the kind of what the server failed at.
type Server struct {
	NonRetryable bool
}

// Activity is the kind of an activity's failure.
type Activity struct {
	ActivityType, ActivityID, Identity string
}

// ChildWorkflow is the kind of a child workflow's failure.
type ChildWorkflow struct {
	Namespace, WorkflowType, WorkflowID, RunID string
}

// Other is a kind that the contract does not know, by its name.
type Other struct {
	Name string
}
