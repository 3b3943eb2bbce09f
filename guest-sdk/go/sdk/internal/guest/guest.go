//go:build wasip1

// Package guest is the attempt's other side: what Isolet calls, and how the attempt asks Isolet.
package guest

import (
	"context"
	"fmt"
	"runtime/debug"
	_ "unsafe" // for what is linked by name

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/internal/attempt"
	"go.temporal.io/sdk/internal/failure"
	"go.temporal.io/sdk/internal/host"
	"go.temporal.io/sdk/internal/registry"
	"go.temporal.io/sdk/internal/wit/imports/isolet_activity_handler"
	"go.temporal.io/sdk/internal/wit/imports/isolet_activity_info"
	"go.temporal.io/sdk/internal/wit/imports/isolet_activity_types"
)

// longestStack is where a recursion ends: below the usual limit on memory, so that it is told as what it is.
const longestStack = 16 << 20

// programMain is the program's own main function. Go calls it in programs; in a library of exports nobody does.
//
//go:linkname programMain main.main
func programMain()

// isRegistered is set once the program has registered its activities.
var isRegistered bool

// register runs the program, which registers its activities, once. What it panics with ends the instance.
func register() {
	if isRegistered {
		return
	}
	isRegistered = true
	debug.SetMaxStack(longestStack)
	programMain()
}

// ListActivities returns what is registered.
func ListActivities() []isolet_activity_handler.ActivityDefinition {
	register()
	var definitions []isolet_activity_handler.ActivityDefinition
	for _, activity := range registry.Default.All() {
		name := isolet_activity_handler.MakeActivityNameNamed(activity.Name)
		if activity.IsDynamic {
			name = isolet_activity_handler.MakeActivityNameDynamic()
		}
		definition := isolet_activity_handler.ActivityDefinition{Name: name, Interruptible: true}
		definitions = append(definitions, definition)
	}
	return definitions
}

// Execute runs one attempt.
func Execute(activityType string, input []isolet_activity_types.Payload) isolet_activity_handler.Outcome {
	host.Current = theHost{}
	redirectLogs()
	register()
	dc := registry.Default.Converter
	if dc == nil {
		dc = converter.GetDefaultDataConverter()
	}
	activity := registry.Default.Find(activityType)
	if activity == nil {
		failed := failure.NewApplicationError(fmt.Sprintf("the component has no activity %q", activityType), "",
			failure.ApplicationErrorOptions{})
		return isolet_activity_handler.MakeOutcomeFailed(toFailures(failure.ToChain(failed, dc)))
	}
	running := attempt.New(host.Current, fromInfo(isolet_activity_info.Get()), dc)
	ctx, err := propagate(running)
	if err != nil {
		return isolet_activity_handler.MakeOutcomeFailed(toFailures(failure.ToChain(err, dc)))
	}
	return toOutcome(running.Run(ctx, activity, fromPayloads(input)))
}

// propagate makes of the headers what propagators make of them.
func propagate(running *attempt.Attempt) (context.Context, error) {
	ctx := running.Context()
	for _, propagator := range registry.Default.Propagators {
		next, err := propagator(ctx, running.Info().Headers)
		if err != nil {
			return nil, fmt.Errorf("unable to propagate context: %w", err)
		}
		ctx = next
	}
	return ctx, nil
}

func toOutcome(outcome attempt.Outcome) isolet_activity_handler.Outcome {
	switch outcome := outcome.(type) {
	case attempt.Completed:
		return isolet_activity_handler.MakeOutcomeCompleted(optionOf(outcome.Result, toPayload))
	case attempt.Failed:
		return isolet_activity_handler.MakeOutcomeFailed(toFailures(outcome.Chain))
	case attempt.Cancelled:
		return isolet_activity_handler.MakeOutcomeCancelled(toPayloads(outcome.Details))
	}
	return isolet_activity_handler.MakeOutcomeWillCompleteAsync()
}
