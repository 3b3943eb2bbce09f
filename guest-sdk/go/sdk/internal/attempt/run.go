package attempt

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/internal/failure"
	"go.temporal.io/sdk/internal/host"
	"go.temporal.io/sdk/internal/registry"
)

// Outcome is how an attempt ended: one of the types below.
type Outcome interface{ outcome() }

// Completed is an end with a value, or with none.
type Completed struct{ Result *commonpb.Payload }

// Failed is an end with a failure and its causes.
type Failed struct{ Chain []host.Failure }

// Cancelled is an end as cancelled, with these details.
type Cancelled struct{ Details []*commonpb.Payload }

// WillCompleteAsync is an end without one: somebody else completes the activity.
type WillCompleteAsync struct{}

func (Completed) outcome()         {}
func (Failed) outcome()            {}
func (Cancelled) outcome()         {}
func (WillCompleteAsync) outcome() {}

// Run runs the activity in this context, which is the attempt's or made of it.
func (a *Attempt) Run(ctx context.Context, activity *registry.Activity, input []*commonpb.Payload) (outcome Outcome) {
	defer func() {
		if panicked := recover(); panicked != nil {
			outcome = a.panicked(panicked)
		}
	}()
	result, err := a.call(ctx, activity, input)
	return a.outcome(result, err)
}

// panicked is the outcome of a panic.
func (a *Attempt) panicked(value any) Outcome {
	stack := fmt.Sprintf("activity for %s [panic]:\n%s", a.info.TaskQueue, stackOfPanic())
	a.host.Log(host.Error, "Activity panic.", []host.Field{
		field("PanicError", fmt.Sprintf("%v", value)), field("PanicStack", stack),
	})
	return Failed{failure.ToChain(failure.NewPanicError(value, stack), a.converter)}
}

// stackOfPanic is the stack without what stands between the panic and here.
func stackOfPanic() string {
	lines := strings.Split(strings.TrimSpace(string(debug.Stack())), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "panic(") && i+2 <= len(lines) {
			return strings.Join(lines[i+2:], "\n")
		}
	}
	return strings.Join(lines, "\n")
}

func (a *Attempt) outcome(result *commonpb.Payload, err error) Outcome {
	var canceled *failure.CanceledError
	switch {
	case err == nil:
		return Completed{result}
	case err == failure.ErrActivityResultPending:
		return WillCompleteAsync{}
	case errors.As(err, &canceled) && (err == error(canceled) || a.host.IsCancelled()):
		return Cancelled{failure.DetailsOf(canceled, a.converter)}
	case isOfContext(err) && a.host.IsCancelled():
		return Cancelled{}
	}
	return Failed{failure.ToChain(err, a.converter)}
}

// isOfContext tells whether an error is what a context says that has ended.
func isOfContext(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// call decodes the arguments, calls the activity and encodes its result.
func (a *Attempt) call(ctx context.Context, activity *registry.Activity, input []*commonpb.Payload) (*commonpb.Payload, error) {
	arguments, err := a.arguments(ctx, activity, input)
	if err != nil {
		return nil, err
	}
	function := reflect.ValueOf(activity.Function)
	var returned []reflect.Value
	if function.Type().IsVariadic() {
		returned = function.CallSlice(arguments)
	} else {
		returned = function.Call(arguments)
	}
	failed, _ := returned[len(returned)-1].Interface().(error)
	if len(returned) == 1 || (returned[0].Kind() == reflect.Pointer && returned[0].IsNil()) {
		return nil, failed
	}
	result := returned[0].Interface()
	if result == nil {
		return nil, failed
	}
	encoded, err := a.converter.ToPayloads(result)
	if err != nil {
		return nil, err
	}
	return encoded.GetPayloads()[0], failed
}

// arguments decodes the payloads. What is missing is zero and what is too much is left alone, as Temporal's worker does.
func (a *Attempt) arguments(ctx context.Context, activity *registry.Activity, input []*commonpb.Payload) ([]reflect.Value, error) {
	function := reflect.TypeOf(activity.Function)
	arguments := make([]reflect.Value, 0, function.NumIn())
	if registry.TakesContext(function) {
		arguments = append(arguments, reflect.ValueOf(ctx))
	}
	if activity.IsDynamic {
		return append(arguments, reflect.ValueOf(failure.NewEncoded(input, a.converter))), nil
	}
	var pointers []any
	for i := len(arguments); i < function.NumIn(); i++ {
		pointer := reflect.New(function.In(i))
		pointers = append(pointers, pointer.Interface())
		arguments = append(arguments, pointer.Elem())
	}
	if err := a.converter.FromPayloads(&commonpb.Payloads{Payloads: input}, pointers...); err != nil {
		return nil, fmt.Errorf("unable to decode the activity function input payload with error: %w for function name: %v",
			err, activity.Name)
	}
	return arguments, nil
}
