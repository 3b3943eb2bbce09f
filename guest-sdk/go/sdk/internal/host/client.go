package host

import (
	"time"

	commonpb "go.temporal.io/api/common/v1"
)

// Client asks Temporal, on the worker's connection. Calls block until they are answered.
type Client interface {
	StartActivity(ActivityStart) (runID string, err error)
	WaitActivity(ActivityIDs, time.Duration) (ExecutionResult, error)
	DescribeActivity(ActivityIDs) (ActivityDescription, error)
	CancelActivity(ids ActivityIDs, reason string) error
	TerminateActivity(ids ActivityIDs, reason string) error
	CompleteActivity(ActivityReference, *commonpb.Payload) error
	FailActivity(ActivityReference, []Failure) error
	ReportActivityCancelled(ActivityReference, []*commonpb.Payload) error
	HeartbeatActivity(ActivityReference, []*commonpb.Payload) (Cancellation, error)
	StartWorkflow(WorkflowStart) (runID string, err error)
	SignalWorkflow(workflow WorkflowReference, signal string, input []*commonpb.Payload) error
	QueryWorkflow(workflow WorkflowReference, query string, input []*commonpb.Payload) ([]*commonpb.Payload, error)
	UpdateWorkflow(WorkflowReference, WorkflowUpdate, time.Duration) (ExecutionResult, error)
	CancelWorkflow(workflow WorkflowReference, reason string) error
	TerminateWorkflow(workflow WorkflowReference, reason string) error
	DescribeWorkflow(WorkflowReference) (WorkflowDescription, error)
	WaitWorkflow(WorkflowReference, time.Duration) (ExecutionResult, error)
}

// ActivityIDs name an activity. Empty for what the caller shares: its namespace; no workflow; the current run.
type ActivityIDs struct {
	Namespace, WorkflowID, RunID, ActivityID string
}

// ActivityReference names an activity that is completed from elsewhere: by token, or by ids without one.
type ActivityReference struct {
	TaskToken []byte
	IDs       ActivityIDs
}

// ActivityStart is a standalone activity to start. Zero is for what was not set.
type ActivityStart struct {
	ActivityID, ActivityType, TaskQueue                                                   string
	Input                                                                                 []*commonpb.Payload
	ScheduleToCloseTimeout, ScheduleToStartTimeout, StartToCloseTimeout, HeartbeatTimeout time.Duration
	IDReuse, IDConflict                                                                   int32
	RetryPolicy                                                                           *RetryPolicy
	StartDelay                                                                            time.Duration
	Priority                                                                              Priority
}

// ActivityDescription is how a standalone activity stands.
type ActivityDescription struct {
	RunID, ActivityType, TaskQueue string
	Status                         int32
	Attempt                        uint32
	HeartbeatDetails               []*commonpb.Payload
	ScheduledTime, CloseTime       time.Time
}

// ExecutionResult is how something ended: with these values, or with these failures.
type ExecutionResult struct {
	Values   []*commonpb.Payload
	Failures []Failure
}

// WorkflowReference names a workflow.
type WorkflowReference struct {
	WorkflowID, RunID string
}

// WorkflowUpdate is an update to make of a workflow.
type WorkflowUpdate struct {
	Name, ID string
	Input    []*commonpb.Payload
}

// WorkflowStart is a workflow to start. Zero is for what was not set.
type WorkflowStart struct {
	WorkflowID, WorkflowType, TaskQueue                   string
	Input                                                 []*commonpb.Payload
	ExecutionTimeout, RunTimeout, TaskTimeout, StartDelay time.Duration
	IDReuse, IDConflict                                   int32
	RetryPolicy                                           *RetryPolicy
	Memo                                                  map[string]*commonpb.Payload
	Priority                                              Priority
}

// WorkflowDescription is how a workflow stands.
type WorkflowDescription struct {
	RunID, WorkflowType, TaskQueue string
	Status                         int32
	HistoryLength                  uint64
	StartTime, CloseTime           time.Time
}

// NotGranted is the error of a call that the component's grant does not cover.
type NotGranted struct {
	Text string
}

func (e *NotGranted) Error() string { return "not granted: " + e.Text }

// Invalid is the error of a request that lacks something.
type Invalid struct {
	Text string
}

func (e *Invalid) Error() string { return "invalid request: " + e.Text }

// LeaseLost is the error of a call after the attempt's deadline, or once the server has given it up.
type LeaseLost struct{}

func (e *LeaseLost) Error() string { return "the attempt's lease is lost: it may not act any more" }

// Status is the error of a call that the server refused, or that did not reach it.
type Status struct {
	Code    uint32
	Message string
}

func (e *Status) Error() string { return e.Message }
