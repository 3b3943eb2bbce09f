package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/internal/failure"
	"go.temporal.io/sdk/internal/host"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// StartWorkflowOptions say how a workflow runs.
type StartWorkflowOptions struct {
	ID                       string
	TaskQueue                string
	WorkflowExecutionTimeout time.Duration
	WorkflowRunTimeout       time.Duration
	WorkflowTaskTimeout      time.Duration
	WorkflowIDReusePolicy    enumspb.WorkflowIdReusePolicy
	WorkflowIDConflictPolicy enumspb.WorkflowIdConflictPolicy
	RetryPolicy              *temporal.RetryPolicy
	Memo                     map[string]any
	StartDelay               time.Duration
	Priority                 temporal.Priority
}

// WorkflowRun is a workflow that was started.
type WorkflowRun interface {
	GetID() string
	GetRunID() string
	Get(ctx context.Context, valuePtr any) error
}

// WorkflowUpdateStage is how far an update has to be before the call returns: here always at its end.
type WorkflowUpdateStage int

const (
	WorkflowUpdateStageUnspecified WorkflowUpdateStage = iota
	WorkflowUpdateStageAdmitted
	WorkflowUpdateStageAccepted
	WorkflowUpdateStageCompleted
)

// UpdateWorkflowOptions say what is updated, and how.
type UpdateWorkflowOptions struct {
	UpdateID     string
	WorkflowID   string
	RunID        string
	UpdateName   string
	Args         []any
	WaitForStage WorkflowUpdateStage
}

// WorkflowUpdateHandle is an update that was made.
type WorkflowUpdateHandle interface {
	WorkflowID() string
	RunID() string
	UpdateID() string
	Get(ctx context.Context, valuePtr any) error
}

// WorkflowExecutionDescription is how a workflow stands.
type WorkflowExecutionDescription struct {
	WorkflowExecution workflow.Execution
	WorkflowType      workflow.Type
	TaskQueueName     string
	Status            enumspb.WorkflowExecutionStatus
	HistoryLength     int
	StartTime         time.Time
	CloseTime         *time.Time
}

// WorkflowExecutionError is the error of a workflow that failed.
type WorkflowExecutionError struct {
	workflowID, runID string
	cause             error
}

func (e *WorkflowExecutionError) Error() string {
	return fmt.Sprintf("workflow execution error (workflowID: %s, runID: %s): %v", e.workflowID, e.runID, e.cause)
}

func (e *WorkflowExecutionError) Unwrap() error { return e.cause }

// ExecuteWorkflow starts a workflow, by name or by its function.
func (c *client) ExecuteWorkflow(
	_ context.Context, options StartWorkflowOptions, named any, args ...any,
) (WorkflowRun, error) {
	asker, err := c.host()
	if err != nil {
		return nil, err
	}
	input, err := c.converter().ToPayloads(args...)
	if err != nil {
		return nil, err
	}
	memo := make(map[string]*commonpb.Payload, len(options.Memo))
	for name, value := range options.Memo {
		if memo[name], err = c.converter().ToPayload(value); err != nil {
			return nil, fmt.Errorf("memo %s: %w", name, err)
		}
	}
	runID, err := asker.StartWorkflow(host.WorkflowStart{
		WorkflowID:       options.ID,
		WorkflowType:     nameOf(named),
		TaskQueue:        options.TaskQueue,
		Input:            input.GetPayloads(),
		ExecutionTimeout: options.WorkflowExecutionTimeout,
		RunTimeout:       options.WorkflowRunTimeout,
		TaskTimeout:      options.WorkflowTaskTimeout,
		StartDelay:       options.StartDelay,
		IDReuse:          int32(options.WorkflowIDReusePolicy),
		IDConflict:       int32(options.WorkflowIDConflictPolicy),
		RetryPolicy:      options.RetryPolicy,
		Memo:             memo,
		Priority:         options.Priority,
	})
	if err != nil {
		return nil, told(err)
	}
	return &workflowRun{client: c, workflow: host.WorkflowReference{WorkflowID: options.ID, RunID: runID}}, nil
}

// GetWorkflow returns the run of a workflow, the current one if none is named.
func (c *client) GetWorkflow(_ context.Context, workflowID, runID string) WorkflowRun {
	return &workflowRun{client: c, workflow: host.WorkflowReference{WorkflowID: workflowID, RunID: runID}}
}

type workflowRun struct {
	client   *client
	workflow host.WorkflowReference
}

func (r *workflowRun) GetID() string    { return r.workflow.WorkflowID }
func (r *workflowRun) GetRunID() string { return r.workflow.RunID }

// Get waits for the end and decodes the result, or returns the failure.
func (r *workflowRun) Get(ctx context.Context, valuePtr any) error {
	asker, err := r.client.host()
	if err != nil {
		return err
	}
	result, err := asker.WaitWorkflow(r.workflow, remaining(ctx))
	if err == nil && len(result.Failures) != 0 {
		cause := failure.FromChain(result.Failures, r.client.converter())
		return &WorkflowExecutionError{workflowID: r.GetID(), runID: r.GetRunID(), cause: cause}
	}
	return ended(result, err, valuePtr, r.client.converter())
}

// SignalWorkflow sends a signal.
func (c *client) SignalWorkflow(_ context.Context, workflowID, runID, signalName string, arg any) error {
	asker, err := c.host()
	if err != nil {
		return err
	}
	input, err := c.converter().ToPayloads(arg)
	if err != nil {
		return err
	}
	workflow := host.WorkflowReference{WorkflowID: workflowID, RunID: runID}
	return told(asker.SignalWorkflow(workflow, signalName, input.GetPayloads()))
}

// QueryWorkflow asks a query and returns its answer.
func (c *client) QueryWorkflow(
	_ context.Context, workflowID, runID, queryType string, args ...any,
) (converter.EncodedValue, error) {
	asker, err := c.host()
	if err != nil {
		return nil, err
	}
	input, err := c.converter().ToPayloads(args...)
	if err != nil {
		return nil, err
	}
	workflow := host.WorkflowReference{WorkflowID: workflowID, RunID: runID}
	answer, err := asker.QueryWorkflow(workflow, queryType, input.GetPayloads())
	if err != nil {
		return nil, told(err)
	}
	return failure.NewEncodedValue(first(answer), c.converter()), nil
}

func first(payloads []*commonpb.Payload) *commonpb.Payload {
	if len(payloads) == 0 {
		return nil
	}
	return payloads[0]
}

// UpdateWorkflow makes an update and waits for its end.
func (c *client) UpdateWorkflow(ctx context.Context, options UpdateWorkflowOptions) (WorkflowUpdateHandle, error) {
	asker, err := c.host()
	if err != nil {
		return nil, err
	}
	if options.WaitForStage == WorkflowUpdateStageUnspecified {
		return nil, errors.New("WaitForStage must be specified")
	}
	input, err := c.converter().ToPayloads(options.Args...)
	if err != nil {
		return nil, err
	}
	workflow := host.WorkflowReference{WorkflowID: options.WorkflowID, RunID: options.RunID}
	update := host.WorkflowUpdate{Name: options.UpdateName, ID: options.UpdateID, Input: input.GetPayloads()}
	result, err := asker.UpdateWorkflow(workflow, update, remaining(ctx))
	if err != nil {
		return nil, told(err)
	}
	return &updateHandle{client: c, options: options, result: result}, nil
}

type updateHandle struct {
	client  *client
	options UpdateWorkflowOptions
	result  host.ExecutionResult
}

func (h *updateHandle) WorkflowID() string { return h.options.WorkflowID }
func (h *updateHandle) RunID() string      { return h.options.RunID }
func (h *updateHandle) UpdateID() string   { return h.options.UpdateID }

func (h *updateHandle) Get(_ context.Context, valuePtr any) error {
	return ended(h.result, nil, valuePtr, h.client.converter())
}

// CancelWorkflow requests a cancellation.
func (c *client) CancelWorkflow(_ context.Context, workflowID, runID string) error {
	asker, err := c.host()
	if err != nil {
		return err
	}
	return told(asker.CancelWorkflow(host.WorkflowReference{WorkflowID: workflowID, RunID: runID}, ""))
}

// TerminateWorkflow terminates it. The details have no place in the contract.
func (c *client) TerminateWorkflow(_ context.Context, workflowID, runID, reason string, _ ...any) error {
	asker, err := c.host()
	if err != nil {
		return err
	}
	return told(asker.TerminateWorkflow(host.WorkflowReference{WorkflowID: workflowID, RunID: runID}, reason))
}

// DescribeWorkflow tells how it stands.
func (c *client) DescribeWorkflow(_ context.Context, workflowID, runID string) (*WorkflowExecutionDescription, error) {
	asker, err := c.host()
	if err != nil {
		return nil, err
	}
	described, err := asker.DescribeWorkflow(host.WorkflowReference{WorkflowID: workflowID, RunID: runID})
	if err != nil {
		return nil, told(err)
	}
	description := &WorkflowExecutionDescription{
		WorkflowExecution: workflow.Execution{ID: workflowID, RunID: described.RunID},
		WorkflowType:      workflow.Type{Name: described.WorkflowType},
		TaskQueueName:     described.TaskQueue,
		Status:            enumspb.WorkflowExecutionStatus(described.Status),
		HistoryLength:     int(described.HistoryLength),
		StartTime:         described.StartTime,
	}
	if !described.CloseTime.IsZero() {
		description.CloseTime = &described.CloseTime
	}
	return description, nil
}
