package client

import (
	"context"
	"errors"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/internal/failure"
	"go.temporal.io/sdk/internal/host"
	"go.temporal.io/sdk/internal/registry"
	"go.temporal.io/sdk/temporal"
)

// StartActivityOptions say how a standalone activity runs.
type StartActivityOptions struct {
	ID                       string
	TaskQueue                string
	ScheduleToCloseTimeout   time.Duration
	ScheduleToStartTimeout   time.Duration
	StartToCloseTimeout      time.Duration
	HeartbeatTimeout         time.Duration
	ActivityIDConflictPolicy enumspb.ActivityIdConflictPolicy
	ActivityIDReusePolicy    enumspb.ActivityIdReusePolicy
	RetryPolicy              *temporal.RetryPolicy
	Priority                 temporal.Priority
	StartDelay               time.Duration
}

// GetActivityHandleOptions name a standalone activity, of the current run if they name none.
type GetActivityHandleOptions struct {
	ActivityID string
	RunID      string
}

// DescribeActivityOptions are none.
type DescribeActivityOptions struct{}

// CancelActivityOptions say why.
type CancelActivityOptions struct {
	Reason string
}

// TerminateActivityOptions say why.
type TerminateActivityOptions struct {
	Reason string
}

// ActivityHandle is a standalone activity that was started.
type ActivityHandle interface {
	GetID() string
	GetRunID() string
	Get(ctx context.Context, valuePtr any) error
	Describe(ctx context.Context, options DescribeActivityOptions) (*ActivityExecutionDescription, error)
	Cancel(ctx context.Context, options CancelActivityOptions) error
	Terminate(ctx context.Context, options TerminateActivityOptions) error
}

// ActivityExecutionDescription is how a standalone activity stands.
type ActivityExecutionDescription struct {
	ActivityID    string
	ActivityRunID string
	ActivityType  string
	TaskQueue     string
	Status        enumspb.ActivityExecutionStatus
	ScheduleTime  time.Time
	CloseTime     time.Time
	Attempt       int32

	heartbeatDetails *failure.Encoded
}

// HasHeartbeatDetails tells whether it has left details.
func (d *ActivityExecutionDescription) HasHeartbeatDetails() bool {
	return d.heartbeatDetails.HasValues()
}

// GetHeartbeatDetails decodes what it has left.
func (d *ActivityExecutionDescription) GetHeartbeatDetails(valuePtrs ...any) error {
	return d.heartbeatDetails.Get(valuePtrs...)
}

// ExecuteActivity starts a standalone activity, by name or by its function.
func (c *client) ExecuteActivity(
	_ context.Context, options StartActivityOptions, activity any, args ...any,
) (ActivityHandle, error) {
	asker, err := c.host()
	if err != nil {
		return nil, err
	}
	input, err := c.converter().ToPayloads(args...)
	if err != nil {
		return nil, err
	}
	runID, err := asker.StartActivity(host.ActivityStart{
		ActivityID:             options.ID,
		ActivityType:           nameOf(activity),
		TaskQueue:              options.TaskQueue,
		Input:                  input.GetPayloads(),
		ScheduleToCloseTimeout: options.ScheduleToCloseTimeout,
		ScheduleToStartTimeout: options.ScheduleToStartTimeout,
		StartToCloseTimeout:    options.StartToCloseTimeout,
		HeartbeatTimeout:       options.HeartbeatTimeout,
		IDReuse:                int32(options.ActivityIDReusePolicy),
		IDConflict:             int32(options.ActivityIDConflictPolicy),
		RetryPolicy:            options.RetryPolicy,
		StartDelay:             options.StartDelay,
		Priority:               options.Priority,
	})
	if err != nil {
		return nil, told(err)
	}
	return &activityHandle{client: c, ids: host.ActivityIDs{ActivityID: options.ID, RunID: runID}}, nil
}

// nameOf is the type that a name or a function stands for.
func nameOf(named any) string {
	if name, ok := named.(string); ok {
		return name
	}
	return registry.FunctionName(named)
}

// GetActivityHandle returns the handle of a standalone activity.
func (c *client) GetActivityHandle(options GetActivityHandleOptions) ActivityHandle {
	return &activityHandle{client: c, ids: host.ActivityIDs{ActivityID: options.ActivityID, RunID: options.RunID}}
}

type activityHandle struct {
	client *client
	ids    host.ActivityIDs
}

func (h *activityHandle) GetID() string    { return h.ids.ActivityID }
func (h *activityHandle) GetRunID() string { return h.ids.RunID }

// Get waits for the end and decodes the result, or returns the failure.
func (h *activityHandle) Get(ctx context.Context, valuePtr any) error {
	asker, err := h.client.host()
	if err != nil {
		return err
	}
	result, err := asker.WaitActivity(h.ids, remaining(ctx))
	return ended(result, err, valuePtr, h.client.converter())
}

// remaining is the time that a context leaves, 0 for no limit.
func remaining(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return 0
	}
	return max(time.Until(deadline), time.Millisecond)
}

// ended decodes how something ended.
func ended(result host.ExecutionResult, err error, valuePtr any, dc converter.DataConverter) error {
	if err != nil {
		return told(err)
	}
	if len(result.Failures) != 0 {
		return failure.FromChain(result.Failures, dc)
	}
	if valuePtr == nil || len(result.Values) == 0 {
		return nil
	}
	return dc.FromPayload(result.Values[0], valuePtr)
}

func (h *activityHandle) Describe(context.Context, DescribeActivityOptions) (*ActivityExecutionDescription, error) {
	asker, err := h.client.host()
	if err != nil {
		return nil, err
	}
	described, err := asker.DescribeActivity(h.ids)
	if err != nil {
		return nil, told(err)
	}
	return &ActivityExecutionDescription{
		ActivityID:       h.ids.ActivityID,
		ActivityRunID:    described.RunID,
		ActivityType:     described.ActivityType,
		TaskQueue:        described.TaskQueue,
		Status:           enumspb.ActivityExecutionStatus(described.Status),
		ScheduleTime:     described.ScheduledTime,
		CloseTime:        described.CloseTime,
		Attempt:          int32(described.Attempt),
		heartbeatDetails: failure.NewEncoded(described.HeartbeatDetails, h.client.converter()),
	}, nil
}

func (h *activityHandle) Cancel(_ context.Context, options CancelActivityOptions) error {
	asker, err := h.client.host()
	if err != nil {
		return err
	}
	return told(asker.CancelActivity(h.ids, options.Reason))
}

func (h *activityHandle) Terminate(_ context.Context, options TerminateActivityOptions) error {
	asker, err := h.client.host()
	if err != nil {
		return err
	}
	return told(asker.TerminateActivity(h.ids, options.Reason))
}

// CompleteActivity ends an activity by the token of its attempt: with a result, or with this error.
func (c *client) CompleteActivity(_ context.Context, taskToken []byte, result any, err error) error {
	if taskToken == nil {
		return errors.New("invalid task token provided")
	}
	return c.complete(host.ActivityReference{TaskToken: taskToken}, result, err)
}

// CompleteActivityByID does the same by the ids of a workflow's activity.
func (c *client) CompleteActivityByID(
	_ context.Context, namespace, workflowID, runID, activityID string, result any, err error,
) error {
	ids := host.ActivityIDs{Namespace: namespace, WorkflowID: workflowID, RunID: runID, ActivityID: activityID}
	return c.complete(host.ActivityReference{IDs: ids}, result, err)
}

// CompleteActivityByActivityID does the same by the ids of a standalone activity.
func (c *client) CompleteActivityByActivityID(
	_ context.Context, namespace, activityID, activityRunID string, result any, err error,
) error {
	ids := host.ActivityIDs{Namespace: namespace, RunID: activityRunID, ActivityID: activityID}
	return c.complete(host.ActivityReference{IDs: ids}, result, err)
}

func (c *client) complete(reference host.ActivityReference, result any, failed error) error {
	asker, err := c.host()
	if err != nil {
		return err
	}
	var canceled *failure.CanceledError
	switch {
	case errors.As(failed, &canceled):
		return told(asker.ReportActivityCancelled(reference, failure.DetailsOf(canceled, c.converter())))
	case failed != nil:
		return told(asker.FailActivity(reference, failure.ToChain(failed, c.converter())))
	case result == nil:
		return told(asker.CompleteActivity(reference, nil))
	}
	payload, err := c.converter().ToPayload(result)
	if err != nil {
		return err
	}
	return told(asker.CompleteActivity(reference, payload))
}

// RecordActivityHeartbeat heartbeats for an activity, by the token of its attempt. The error tells that it should stop.
func (c *client) RecordActivityHeartbeat(_ context.Context, taskToken []byte, details ...any) error {
	return c.heartbeat(host.ActivityReference{TaskToken: taskToken}, details)
}

// RecordActivityHeartbeatByID does the same by ids.
func (c *client) RecordActivityHeartbeatByID(
	_ context.Context, namespace, workflowID, runID, activityID string, details ...any,
) error {
	ids := host.ActivityIDs{Namespace: namespace, WorkflowID: workflowID, RunID: runID, ActivityID: activityID}
	return c.heartbeat(host.ActivityReference{IDs: ids}, details)
}

func (c *client) heartbeat(reference host.ActivityReference, details []any) error {
	asker, err := c.host()
	if err != nil {
		return err
	}
	payloads, err := c.converter().ToPayloads(details...)
	if err != nil {
		return err
	}
	stop, err := asker.HeartbeatActivity(reference, payloads.GetPayloads())
	switch {
	case err != nil:
		return told(err)
	case stop.CancelRequested:
		return temporal.NewCanceledError()
	case stop.Paused:
		return failure.ErrActivityPaused
	case stop.Reset:
		return failure.ErrActivityReset
	}
	return nil
}
