// Package activity is what a running activity knows and tells.
package activity

import (
	"context"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/internal/attempt"
	"go.temporal.io/sdk/internal/failure"
	"go.temporal.io/sdk/internal/registry"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

type (
	// RegisterOptions say how activities are registered.
	RegisterOptions = registry.RegisterOptions
	// DynamicRegisterOptions say how a dynamic activity is registered.
	DynamicRegisterOptions = registry.DynamicRegisterOptions
)

// Type is the type of an activity.
type Type struct {
	Name string
}

// Info is everything that is known about the attempt.
type Info struct {
	// TaskToken completes this very attempt from elsewhere.
	TaskToken []byte
	// WorkflowType is the type of the workflow that scheduled the activity, nil for a standalone one.
	WorkflowType *workflow.Type
	// WorkflowNamespace is Namespace for a workflow's activity, and else empty.
	WorkflowNamespace string
	// WorkflowExecution is the workflow that scheduled the activity, empty for a standalone one.
	WorkflowExecution workflow.Execution
	// ActivityID is unique in its workflow, or in the namespace.
	ActivityID string
	// ActivityRunID is a standalone activity's.
	ActivityRunID string
	// ActivityType is the type as it was asked for.
	ActivityType Type
	// TaskQueue is what the attempt was leased from.
	TaskQueue string
	// Namespace is the activity's.
	Namespace string
	// HeartbeatTimeout is the longest time between heartbeats, 0 for no limit.
	HeartbeatTimeout time.Duration
	// ScheduleToCloseTimeout is the longest time over all attempts, 0 for no limit.
	ScheduleToCloseTimeout time.Duration
	// StartToCloseTimeout is the longest time of one attempt, 0 for no limit.
	StartToCloseTimeout time.Duration
	// ScheduledTime is when the activity was first scheduled.
	ScheduledTime time.Time
	// CurrentAttemptScheduledTime is when this attempt was scheduled. Temporal's package does not have it.
	CurrentAttemptScheduledTime time.Time
	// StartedTime is when the server handed this attempt to the worker.
	StartedTime time.Time
	// Deadline is when this attempt must have ended.
	Deadline time.Time
	// Attempt counts from 1.
	Attempt int32
	// IsLocalActivity is false: those run in their workflow's worker.
	IsLocalActivity bool
	// Priority is what the task was scheduled with.
	Priority temporal.Priority
	// RetryPolicy is the one in effect.
	RetryPolicy *temporal.RetryPolicy
}

// IsWorkflowActivity tells whether a workflow scheduled the activity.
func (i *Info) IsWorkflowActivity() bool { return i.WorkflowExecution.ID != "" }

// ErrResultPending is what an activity returns that is completed from elsewhere, with the client.
var ErrResultPending = failure.ErrActivityResultPending

// ErrActivityPaused is the cause of the context of a paused activity.
var ErrActivityPaused = failure.ErrActivityPaused

// ErrActivityReset is the cause of the context of an activity that was reset.
var ErrActivityReset = failure.ErrActivityReset

// GetInfo returns what is known about the attempt.
func GetInfo(ctx context.Context) Info {
	known := attempt.Of(ctx).Info()
	info := Info{
		TaskToken:                   known.TaskToken,
		ActivityID:                  known.ActivityID,
		ActivityRunID:               known.ActivityRunID,
		ActivityType:                Type{Name: known.ActivityType},
		TaskQueue:                   known.TaskQueue,
		Namespace:                   known.Namespace,
		HeartbeatTimeout:            known.HeartbeatTimeout,
		ScheduleToCloseTimeout:      known.ScheduleToCloseTimeout,
		StartToCloseTimeout:         known.StartToCloseTimeout,
		ScheduledTime:               known.ScheduledTime,
		CurrentAttemptScheduledTime: known.CurrentAttemptScheduledTime,
		StartedTime:                 known.StartedTime,
		Deadline:                    known.Deadline,
		Attempt:                     int32(known.Attempt),
		IsLocalActivity:             known.IsLocal,
		Priority:                    known.Priority,
		RetryPolicy:                 known.RetryPolicy,
	}
	if by := known.Workflow; by != nil {
		info.WorkflowType = &workflow.Type{Name: by.WorkflowType}
		info.WorkflowNamespace = by.Namespace
		info.WorkflowExecution = workflow.Execution{ID: by.WorkflowID, RunID: by.RunID}
	}
	return info
}

// GetLogger returns what writes log lines of the attempt.
func GetLogger(ctx context.Context) log.Logger {
	return attempt.Of(ctx).Logger()
}

// GetMetricsHandler returns what measures for the attempt.
func GetMetricsHandler(ctx context.Context) client.MetricsHandler {
	return attempt.Of(ctx).MetricsHandler()
}

// RecordHeartbeat tells the server that the attempt is alive, and how far it is, and returns at once.
//
// Panics when a detail has no encoding.
func RecordHeartbeat(ctx context.Context, details ...any) {
	attempt.Of(ctx).Heartbeat(details)
}

// HasHeartbeatDetails tells whether the attempt before left details.
func HasHeartbeatDetails(ctx context.Context) bool {
	return attempt.Of(ctx).HasHeartbeatDetails()
}

// GetHeartbeatDetails decodes what the attempt before left.
func GetHeartbeatDetails(ctx context.Context, d ...any) error {
	return attempt.Of(ctx).HeartbeatDetails(d)
}

// GetWorkerStopChannel returns what is closed when the worker begins to shut down.
func GetWorkerStopChannel(ctx context.Context) <-chan struct{} {
	return attempt.Of(ctx).WorkerStopChannel()
}

// IsActivity tells whether a context is an activity's.
func IsActivity(ctx context.Context) bool {
	return attempt.IsIn(ctx)
}

// GetClient returns Temporal's client on the worker's connection. What it may do is the component's grant.
func GetClient(ctx context.Context) client.Client {
	return client.Of(attempt.Of(ctx))
}
