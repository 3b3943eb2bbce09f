//go:build wasip1

package guest

import (
	"go.temporal.io/sdk/internal/host"
	"go.temporal.io/sdk/internal/wit/imports/isolet_activity_types"
	witTypes "go.temporal.io/sdk/internal/witpkg/types"
)

func toFailures(chain []host.Failure) []isolet_activity_types.Failure {
	converted := make([]isolet_activity_types.Failure, len(chain))
	for i, failure := range chain {
		converted[i] = isolet_activity_types.Failure{
			Message:           failure.Message,
			StackTrace:        failure.StackTrace,
			Kind:              toKind(failure.Kind),
			EncodedAttributes: witTypes.None[isolet_activity_types.Payload](),
		}
	}
	return converted
}

func toKind(kind any) isolet_activity_types.FailureKind {
	switch kind := kind.(type) {
	case host.Application:
		category := isolet_activity_types.FailureCategory_Unspecified
		if kind.Benign {
			category = isolet_activity_types.FailureCategory_Benign
		}
		return isolet_activity_types.MakeFailureKindApplication(isolet_activity_types.ApplicationFailure{
			Type:           kind.Type,
			NonRetryable:   kind.NonRetryable,
			Details:        toPayloads(kind.Details),
			NextRetryDelay: toTimeout(kind.NextRetryDelay),
			Category:       category,
		})
	case host.Canceled:
		return isolet_activity_types.MakeFailureKindCancelled(toPayloads(kind.Details))
	case host.Timeout:
		return isolet_activity_types.MakeFailureKindTimeout(isolet_activity_types.TimeoutFailure{
			TimeoutType: uint8(kind.Type), LastHeartbeatDetails: toPayloads(kind.LastHeartbeatDetails),
		})
	case host.Terminated:
		return isolet_activity_types.MakeFailureKindTerminated()
	case host.Server:
		return isolet_activity_types.MakeFailureKindServer(kind.NonRetryable)
	case host.Activity:
		return isolet_activity_types.MakeFailureKindActivity(isolet_activity_types.ActivityFailure{
			ActivityType: kind.ActivityType, ActivityId: kind.ActivityID, Identity: kind.Identity,
		})
	case host.ChildWorkflow:
		return isolet_activity_types.MakeFailureKindChildWorkflow(isolet_activity_types.ChildWorkflowFailure{
			Namespace: kind.Namespace, WorkflowType: kind.WorkflowType, WorkflowId: kind.WorkflowID, RunId: kind.RunID,
		})
	case host.Other:
		return isolet_activity_types.MakeFailureKindOther(kind.Name)
	}
	return isolet_activity_types.MakeFailureKindApplication(isolet_activity_types.ApplicationFailure{
		NextRetryDelay: witTypes.None[isolet_activity_types.Duration](),
	})
}

func fromFailures(chain []isolet_activity_types.Failure) []host.Failure {
	converted := make([]host.Failure, len(chain))
	for i, failure := range chain {
		converted[i] = host.Failure{
			Message: failure.Message, StackTrace: failure.StackTrace, Kind: fromKind(failure.Kind),
		}
	}
	return converted
}

func fromKind(kind isolet_activity_types.FailureKind) any {
	switch kind.Tag() {
	case isolet_activity_types.FailureKind_Application:
		application := kind.Application()
		return host.Application{
			Type:           application.Type,
			NonRetryable:   application.NonRetryable,
			Details:        fromPayloads(application.Details),
			NextRetryDelay: fromTimeout(application.NextRetryDelay),
			Benign:         application.Category == isolet_activity_types.FailureCategory_Benign,
		}
	case isolet_activity_types.FailureKind_Cancelled:
		return host.Canceled{Details: fromPayloads(kind.Cancelled())}
	case isolet_activity_types.FailureKind_Timeout:
		timeout := kind.Timeout()
		details := fromPayloads(timeout.LastHeartbeatDetails)
		return host.Timeout{Type: int32(timeout.TimeoutType), LastHeartbeatDetails: details}
	case isolet_activity_types.FailureKind_Terminated:
		return host.Terminated{}
	case isolet_activity_types.FailureKind_Server:
		return host.Server{NonRetryable: kind.Server()}
	case isolet_activity_types.FailureKind_Activity:
		activity := kind.Activity()
		return host.Activity{
			ActivityType: activity.ActivityType, ActivityID: activity.ActivityId, Identity: activity.Identity,
		}
	case isolet_activity_types.FailureKind_ChildWorkflow:
		child := kind.ChildWorkflow()
		return host.ChildWorkflow{
			Namespace: child.Namespace, WorkflowType: child.WorkflowType, WorkflowID: child.WorkflowId,
			RunID: child.RunId,
		}
	}
	return host.Other{Name: kind.Other()}
}
