//go:build wasip1

package guest

import (
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/internal/host"
	wit "go.temporal.io/sdk/internal/wit/imports/isolet_activity_client"
	"go.temporal.io/sdk/internal/wit/imports/isolet_activity_types"
	witTypes "go.temporal.io/sdk/internal/witpkg/types"
)

// theClient is Temporal's client on the worker's connection.
type theClient struct{}

// answer is what a call returned.
func answer[T, U any](result witTypes.Result[T, wit.ClientError], convert func(T) U) (U, error) {
	if result.IsErr() {
		var none U
		return none, clientError(result.Err())
	}
	return convert(result.Ok()), nil
}

func same[T any](value T) T { return value }

// done is whether a call without an answer has failed.
func done(result witTypes.Result[witTypes.Unit, wit.ClientError]) error {
	_, err := answer(result, same)
	return err
}

func clientError(err wit.ClientError) error {
	switch err.Tag() {
	case wit.ClientError_NotGranted:
		return &host.NotGranted{Text: err.NotGranted()}
	case wit.ClientError_Invalid:
		return &host.Invalid{Text: err.Invalid()}
	case wit.ClientError_Status:
		return &host.Status{Code: err.Status().Code, Message: err.Status().Message}
	}
	return &host.LeaseLost{}
}

// policy is the contract's number of a policy, none for what was not set: the server counts from 1.
func policy(number int32) witTypes.Option[uint8] {
	if number <= 0 {
		return witTypes.None[uint8]()
	}
	return witTypes.Some(uint8(number - 1))
}

func toIDs(ids host.ActivityIDs) wit.ActivityIds {
	return wit.ActivityIds{
		Namespace: orNone(ids.Namespace), WorkflowId: ids.WorkflowID, RunId: ids.RunID, ActivityId: ids.ActivityID,
	}
}

func toReference(reference host.ActivityReference) wit.ActivityReference {
	if reference.TaskToken != nil {
		return wit.MakeActivityReferenceTaskToken(reference.TaskToken)
	}
	return wit.MakeActivityReferenceIds(toIDs(reference.IDs))
}

func toWorkflow(workflow host.WorkflowReference) wit.WorkflowReference {
	return wit.WorkflowReference{
		Namespace: witTypes.None[string](), WorkflowId: workflow.WorkflowID, RunId: orNone(workflow.RunID),
	}
}

func fromResult(result wit.ExecutionResult) host.ExecutionResult {
	if result.Tag() == wit.ExecutionResult_Completed {
		return host.ExecutionResult{Values: fromPayloads(result.Completed())}
	}
	failures := fromFailures(result.Failed())
	if len(failures) == 0 {
		failures = []host.Failure{{Kind: host.Application{}}}
	}
	return host.ExecutionResult{Failures: failures}
}

func (theClient) StartActivity(start host.ActivityStart) (string, error) {
	return answer(wit.StartActivity(wit.ActivityStart{
		Namespace:              witTypes.None[string](),
		ActivityId:             start.ActivityID,
		ActivityType:           start.ActivityType,
		TaskQueue:              start.TaskQueue,
		Input:                  toPayloads(start.Input),
		ScheduleToCloseTimeout: toTimeout(start.ScheduleToCloseTimeout),
		ScheduleToStartTimeout: toTimeout(start.ScheduleToStartTimeout),
		StartToCloseTimeout:    toTimeout(start.StartToCloseTimeout),
		HeartbeatTimeout:       toTimeout(start.HeartbeatTimeout),
		IdReuse:                policy(start.IDReuse),
		IdConflict:             policy(start.IDConflict),
		RetryPolicy:            optionOf(start.RetryPolicy, toRetryPolicy),
		StartDelay:             toTimeout(start.StartDelay),
		Priority:               toPriority(start.Priority),
	}), same)
}

func (theClient) WaitActivity(ids host.ActivityIDs, timeout time.Duration) (host.ExecutionResult, error) {
	return answer(wit.WaitActivity(toIDs(ids), toTimeout(timeout)), fromResult)
}

func (theClient) DescribeActivity(ids host.ActivityIDs) (host.ActivityDescription, error) {
	return answer(wit.DescribeActivity(toIDs(ids)), func(described wit.ActivityDescription) host.ActivityDescription {
		return host.ActivityDescription{
			RunID:            described.RunId,
			ActivityType:     described.ActivityType,
			TaskQueue:        described.TaskQueue,
			Status:           activityStatus(described.Status),
			Attempt:          described.Attempt,
			HeartbeatDetails: fromPayloads(described.HeartbeatDetails),
			ScheduledTime:    fromMoment(described.ScheduledTime),
			CloseTime:        fromMoment(described.CloseTime),
		}
	})
}

// activityStatus is the server's number of a status: the contract's, but that activities do not continue as new.
func activityStatus(status wit.ExecutionStatus) int32 {
	switch status {
	case wit.ExecutionStatus_TimedOut:
		return 6
	case wit.ExecutionStatus_ContinuedAsNew, wit.ExecutionStatus_Paused:
		return 0
	}
	return int32(status)
}

func (theClient) CancelActivity(ids host.ActivityIDs, reason string) error {
	return done(wit.CancelActivity(toIDs(ids), reason))
}

func (theClient) TerminateActivity(ids host.ActivityIDs, reason string) error {
	return done(wit.TerminateActivity(toIDs(ids), reason))
}

func (theClient) CompleteActivity(reference host.ActivityReference, result *commonpb.Payload) error {
	return done(wit.CompleteActivity(toReference(reference), optionOf(result, toPayload)))
}

func (theClient) FailActivity(reference host.ActivityReference, chain []host.Failure) error {
	return done(wit.FailActivity(toReference(reference), toFailures(chain)))
}

func (theClient) ReportActivityCancelled(reference host.ActivityReference, details []*commonpb.Payload) error {
	return done(wit.ReportActivityCancelled(toReference(reference), toPayloads(details)))
}

func (theClient) HeartbeatActivity(
	reference host.ActivityReference, details []*commonpb.Payload,
) (host.Cancellation, error) {
	return answer(wit.HeartbeatActivity(toReference(reference), toPayloads(details)), fromCancellation)
}

func (theClient) StartWorkflow(start host.WorkflowStart) (string, error) {
	var memo []witTypes.Tuple2[string, isolet_activity_types.Payload]
	for name, value := range start.Memo {
		memo = append(memo, witTypes.Tuple2[string, isolet_activity_types.Payload]{F0: name, F1: toPayload(value)})
	}
	return answer(wit.StartWorkflow(wit.WorkflowStart{
		Namespace:        witTypes.None[string](),
		WorkflowId:       start.WorkflowID,
		WorkflowType:     start.WorkflowType,
		TaskQueue:        start.TaskQueue,
		Input:            toPayloads(start.Input),
		ExecutionTimeout: toTimeout(start.ExecutionTimeout),
		RunTimeout:       toTimeout(start.RunTimeout),
		TaskTimeout:      toTimeout(start.TaskTimeout),
		IdReuse:          policy(start.IDReuse),
		IdConflict:       policy(start.IDConflict),
		RetryPolicy:      optionOf(start.RetryPolicy, toRetryPolicy),
		StartDelay:       toTimeout(start.StartDelay),
		Memo:             memo,
		Priority:         toPriority(start.Priority),
	}), same)
}

func (theClient) SignalWorkflow(workflow host.WorkflowReference, signal string, input []*commonpb.Payload) error {
	return done(wit.SignalWorkflow(toWorkflow(workflow), signal, toPayloads(input)))
}

func (theClient) QueryWorkflow(
	workflow host.WorkflowReference, query string, input []*commonpb.Payload,
) ([]*commonpb.Payload, error) {
	return answer(wit.QueryWorkflow(toWorkflow(workflow), query, toPayloads(input)), fromPayloads)
}

func (theClient) UpdateWorkflow(
	workflow host.WorkflowReference, update host.WorkflowUpdate, timeout time.Duration,
) (host.ExecutionResult, error) {
	result := wit.UpdateWorkflow(
		toWorkflow(workflow), update.Name, orNone(update.ID), toPayloads(update.Input), toTimeout(timeout))
	return answer(result, fromResult)
}

func (theClient) CancelWorkflow(workflow host.WorkflowReference, reason string) error {
	return done(wit.CancelWorkflow(toWorkflow(workflow), reason))
}

func (theClient) TerminateWorkflow(workflow host.WorkflowReference, reason string) error {
	return done(wit.TerminateWorkflow(toWorkflow(workflow), reason))
}

func (theClient) DescribeWorkflow(workflow host.WorkflowReference) (host.WorkflowDescription, error) {
	described := wit.DescribeWorkflow(toWorkflow(workflow))
	return answer(described, func(described wit.WorkflowDescription) host.WorkflowDescription {
		return host.WorkflowDescription{
			RunID:         described.RunId,
			WorkflowType:  described.WorkflowType,
			TaskQueue:     described.TaskQueue,
			Status:        int32(described.Status),
			HistoryLength: described.HistoryLength,
			StartTime:     fromMoment(described.StartTime),
			CloseTime:     fromMoment(described.CloseTime),
		}
	})
}

func (theClient) WaitWorkflow(workflow host.WorkflowReference, timeout time.Duration) (host.ExecutionResult, error) {
	return answer(wit.WaitWorkflow(toWorkflow(workflow), toTimeout(timeout)), fromResult)
}
