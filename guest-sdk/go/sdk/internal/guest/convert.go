//go:build wasip1

package guest

import (
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/internal/host"
	"go.temporal.io/sdk/internal/wit/imports/isolet_activity_info"
	"go.temporal.io/sdk/internal/wit/imports/isolet_activity_types"
	witTypes "go.temporal.io/sdk/internal/witpkg/types"
)

// optionOf is none for nil.
func optionOf[T, U any](value *T, convert func(*T) U) witTypes.Option[U] {
	if value == nil {
		return witTypes.None[U]()
	}
	return witTypes.Some(convert(value))
}

// orNone is none for zero.
func orNone[T comparable](value T) witTypes.Option[T] {
	var zero T
	if value == zero {
		return witTypes.None[T]()
	}
	return witTypes.Some(value)
}

// orZero is zero for none.
func orZero[T any](value witTypes.Option[T]) T {
	var zero T
	return value.SomeOr(zero)
}

func toPayload(payload *commonpb.Payload) isolet_activity_types.Payload {
	converted := isolet_activity_types.Payload{Data: payload.Data}
	for name, value := range payload.Metadata {
		converted.Metadata = append(converted.Metadata, witTypes.Tuple2[string, []uint8]{F0: name, F1: value})
	}
	return converted
}

func fromPayload(payload isolet_activity_types.Payload) *commonpb.Payload {
	converted := &commonpb.Payload{Data: payload.Data, Metadata: make(map[string][]byte, len(payload.Metadata))}
	for _, each := range payload.Metadata {
		converted.Metadata[each.F0] = each.F1
	}
	return converted
}

func toPayloads(payloads []*commonpb.Payload) []isolet_activity_types.Payload {
	converted := make([]isolet_activity_types.Payload, len(payloads))
	for i, payload := range payloads {
		converted[i] = toPayload(payload)
	}
	return converted
}

func fromPayloads(payloads []isolet_activity_types.Payload) []*commonpb.Payload {
	converted := make([]*commonpb.Payload, len(payloads))
	for i, payload := range payloads {
		converted[i] = fromPayload(payload)
	}
	return converted
}

func toDuration(duration time.Duration) isolet_activity_types.Duration {
	duration = max(duration, 0)
	return isolet_activity_types.Duration{
		Seconds: uint64(duration / time.Second), Nanoseconds: uint32(duration % time.Second),
	}
}

// longest is what a time.Duration can hold of seconds.
const longest = uint64(1<<63-1) / uint64(time.Second)

func fromDuration(duration isolet_activity_types.Duration) time.Duration {
	if longest <= duration.Seconds {
		return 1<<63 - 1
	}
	return time.Duration(duration.Seconds)*time.Second + time.Duration(duration.Nanoseconds)
}

// toTimeout is none for 0, which is no limit.
func toTimeout(timeout time.Duration) witTypes.Option[isolet_activity_types.Duration] {
	return orNone(toDuration(timeout))
}

func fromTimeout(timeout witTypes.Option[isolet_activity_types.Duration]) time.Duration {
	return fromDuration(orZero(timeout))
}

func fromTimestamp(moment isolet_activity_types.Timestamp) time.Time {
	return time.Unix(moment.Seconds, int64(moment.Nanoseconds)).UTC()
}

func fromMoment(moment witTypes.Option[isolet_activity_types.Timestamp]) time.Time {
	if moment.IsNone() {
		return time.Time{}
	}
	return fromTimestamp(moment.Some())
}

func fromInfo(info isolet_activity_info.ActivityInfo) host.ActivityInfo {
	converted := host.ActivityInfo{
		ActivityID:                  info.ActivityId,
		ActivityRunID:               orZero(info.ActivityRunId),
		ActivityType:                info.ActivityType,
		Attempt:                     info.Attempt,
		Namespace:                   info.Namespace,
		TaskQueue:                   info.TaskQueue,
		TaskToken:                   info.TaskToken,
		IsLocal:                     info.IsLocal,
		ScheduledTime:               fromTimestamp(info.ScheduledTime),
		CurrentAttemptScheduledTime: fromTimestamp(info.CurrentAttemptScheduledTime),
		StartedTime:                 fromTimestamp(info.StartedTime),
		ScheduleToCloseTimeout:      fromTimeout(info.ScheduleToCloseTimeout),
		StartToCloseTimeout:         fromTimeout(info.StartToCloseTimeout),
		HeartbeatTimeout:            fromTimeout(info.HeartbeatTimeout),
		Deadline:                    fromMoment(info.Deadline),
		HeartbeatDetails:            fromPayloads(info.HeartbeatDetails),
		Priority: host.Priority{
			PriorityKey:    int(orZero(info.Priority.PriorityKey)),
			FairnessKey:    orZero(info.Priority.FairnessKey),
			FairnessWeight: orZero(info.Priority.FairnessWeight),
		},
		Headers: make(map[string]*commonpb.Payload, len(info.Headers)),
	}
	if info.Workflow.IsSome() {
		by := info.Workflow.Some()
		converted.Workflow = &host.WorkflowExecution{
			Namespace: by.Namespace, WorkflowID: by.WorkflowId, RunID: by.RunId, WorkflowType: by.WorkflowType,
		}
	}
	if info.RetryPolicy.IsSome() {
		converted.RetryPolicy = fromRetryPolicy(info.RetryPolicy.Some())
	}
	for _, header := range info.Headers {
		converted.Headers[header.F0] = fromPayload(header.F1)
	}
	return converted
}

func fromRetryPolicy(policy isolet_activity_types.RetryPolicy) *host.RetryPolicy {
	return &host.RetryPolicy{
		InitialInterval:        fromTimeout(policy.InitialInterval),
		BackoffCoefficient:     policy.BackoffCoefficient,
		MaximumInterval:        fromTimeout(policy.MaximumInterval),
		MaximumAttempts:        int32(policy.MaximumAttempts),
		NonRetryableErrorTypes: policy.NonRetryableErrorTypes,
	}
}

func toRetryPolicy(policy *host.RetryPolicy) isolet_activity_types.RetryPolicy {
	return isolet_activity_types.RetryPolicy{
		InitialInterval:        toTimeout(policy.InitialInterval),
		BackoffCoefficient:     policy.BackoffCoefficient,
		MaximumInterval:        toTimeout(policy.MaximumInterval),
		MaximumAttempts:        uint32(max(policy.MaximumAttempts, 0)),
		NonRetryableErrorTypes: policy.NonRetryableErrorTypes,
	}
}

func toPriority(priority host.Priority) witTypes.Option[isolet_activity_types.Priority] {
	if priority == (host.Priority{}) {
		return witTypes.None[isolet_activity_types.Priority]()
	}
	return witTypes.Some(isolet_activity_types.Priority{
		PriorityKey:    orNone(uint32(max(priority.PriorityKey, 0))),
		FairnessKey:    orNone(priority.FairnessKey),
		FairnessWeight: orNone(priority.FairnessWeight),
	})
}
