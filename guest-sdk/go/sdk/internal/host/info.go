package host

import (
	"time"

	commonpb "go.temporal.io/api/common/v1"
)

// ActivityInfo is everything that is known about an attempt.
type ActivityInfo struct {
	ActivityID, ActivityRunID, ActivityType string
	Attempt                                 uint32
	Namespace, TaskQueue                    string
	TaskToken                               []byte
	Workflow                                *WorkflowExecution
	IsLocal                                 bool
	ScheduledTime                           time.Time
	CurrentAttemptScheduledTime             time.Time
	StartedTime                             time.Time
	// Durations are zero for no limit.
	ScheduleToCloseTimeout, StartToCloseTimeout, HeartbeatTimeout time.Duration
	// Deadline is zero for none.
	Deadline         time.Time
	HeartbeatDetails []*commonpb.Payload
	RetryPolicy      *RetryPolicy
	Priority         Priority
	Headers          map[string]*commonpb.Payload
}

// WorkflowExecution is the workflow that scheduled an activity.
type WorkflowExecution struct {
	Namespace, WorkflowID, RunID, WorkflowType string
}

// RetryPolicy says how the server tries again.
type RetryPolicy struct {
	InitialInterval        time.Duration
	BackoffCoefficient     float64
	MaximumInterval        time.Duration
	MaximumAttempts        int32
	NonRetryableErrorTypes []string
}

// Priority is what the task was scheduled with. What was not set is zero.
type Priority struct {
	PriorityKey    int
	FairnessKey    string
	FairnessWeight float32
}
