package failure

import (
	"errors"
	"reflect"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/internal/host"
)

// longestChain is how many failures the host keeps of a chain. It also ends chains that lead into themselves.
const longestChain = 32

// ToChain turns an error and its causes into failures.
func ToChain(err error, dc converter.DataConverter) []host.Failure {
	var chain []host.Failure
	for ; err != nil && len(chain) < longestChain; err = errors.Unwrap(err) {
		chain = append(chain, toFailure(err, dc))
	}
	return chain
}

func toFailure(err error, dc converter.DataConverter) host.Failure {
	failure := host.Failure{Message: messageOf(err), Kind: host.Application{Type: TypeOf(err)}}
	switch err := err.(type) {
	case *ApplicationError:
		failure.Kind = host.Application{
			Type: err.errType, NonRetryable: err.nonRetryable, Details: payloadsOf(err.details, dc),
			NextRetryDelay: err.nextRetryDelay, Benign: err.category == ApplicationErrorCategoryBenign,
		}
	case *CanceledError:
		failure.Kind = host.Canceled{Details: payloadsOf(err.details, dc)}
	case *PanicError:
		failure.StackTrace = err.stackTrace
	case *TimeoutError:
		details := payloadsOf(err.lastHeartbeatDetails, dc)
		failure.Kind = host.Timeout{Type: int32(err.timeoutType), LastHeartbeatDetails: details}
	case *TerminatedError:
		failure.Kind = host.Terminated{}
	case *ServerError:
		failure.Kind = host.Server{NonRetryable: err.nonRetryable}
	case *ActivityError:
		failure.Kind = host.Activity{
			ActivityType: err.activityType.GetName(), ActivityID: err.activityID, Identity: err.identity,
		}
	case *ChildWorkflowExecutionError:
		failure.Kind = host.ChildWorkflow{
			Namespace: err.namespace, WorkflowType: err.workflowType, WorkflowID: err.workflowID, RunID: err.runID,
		}
	}
	return failure
}

func messageOf(err error) string {
	if own, ok := err.(interface{ message() string }); ok {
		return own.message()
	}
	return err.Error()
}

// TypeOf is the name of an error's Go type, as retry policies know it; "" for what errors.New makes.
func TypeOf(err error) string {
	kind := reflect.TypeOf(err)
	for kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	if kind.Name() == "errorString" {
		return ""
	}
	return kind.Name()
}

// FromChain turns failures into an error with its causes.
func FromChain(chain []host.Failure, dc converter.DataConverter) error {
	if len(chain) == 0 {
		return nil
	}
	return fromFailure(chain[0], FromChain(chain[1:], dc), dc)
}

func fromFailure(failure host.Failure, cause error, dc converter.DataConverter) error {
	switch kind := failure.Kind.(type) {
	case host.Application:
		if kind.Type == TypeOf(&PanicError{}) {
			return NewPanicError(failure.Message, failure.StackTrace)
		}
		options := ApplicationErrorOptions{
			NonRetryable: kind.NonRetryable, Cause: cause, Details: []any{NewEncoded(kind.Details, dc)},
			NextRetryDelay: kind.NextRetryDelay,
		}
		if kind.Benign {
			options.Category = ApplicationErrorCategoryBenign
		}
		return NewApplicationError(failure.Message, kind.Type, options)
	case host.Canceled:
		details := []any{NewEncoded(kind.Details, dc)}
		return NewCanceledError(CanceledErrorOptions{Message: failure.Message, Details: details, Cause: cause})
	case host.Timeout:
		details := NewEncoded(kind.LastHeartbeatDetails, dc)
		return NewTimeoutError(failure.Message, enumspb.TimeoutType(kind.Type), cause, details)
	case host.Terminated:
		return &TerminatedError{}
	case host.Server:
		return &ServerError{msg: failure.Message, nonRetryable: kind.NonRetryable, cause: cause}
	case host.Activity:
		activityType := &commonpb.ActivityType{Name: kind.ActivityType}
		return &ActivityError{
			identity: kind.Identity, activityID: kind.ActivityID, activityType: activityType, cause: cause,
		}
	case host.ChildWorkflow:
		return &ChildWorkflowExecutionError{
			namespace: kind.Namespace, workflowID: kind.WorkflowID, runID: kind.RunID, workflowType: kind.WorkflowType,
			cause: cause,
		}
	}
	return NewApplicationError(failure.Message, "", ApplicationErrorOptions{Cause: cause})
}
