//go:build wasip1

// Package export_isolet_activity_handler is what the generated exports call.
package export_isolet_activity_handler

import (
	"go.temporal.io/sdk/internal/guest"
	"go.temporal.io/sdk/internal/wit/imports/isolet_activity_handler"
	"go.temporal.io/sdk/internal/wit/imports/isolet_activity_types"
)

// ListActivities returns the component's activities.
func ListActivities() []isolet_activity_handler.ActivityDefinition {
	return guest.ListActivities()
}

// Execute runs one attempt.
func Execute(activityType string, input []isolet_activity_types.Payload) isolet_activity_handler.Outcome {
	return guest.Execute(activityType, input)
}
