// Package workflow has what of Temporal's package activities and workers meet. Workflows run elsewhere.
package workflow

import (
	"context"
	"time"

	commonpb "go.temporal.io/api/common/v1"
)

// Type is the type of a workflow.
type Type struct {
	Name string
}

// Execution is an execution of a workflow.
type Execution struct {
	ID    string
	RunID string
}

// RegisterOptions say how a workflow is registered.
type RegisterOptions struct {
	Name                          string
	DisableAlreadyRegisteredCheck bool
}

// Context is what a workflow would be given. No workflow runs here.
type Context interface {
	Deadline() (deadline time.Time, ok bool)
	Err() error
	Value(key any) any
}

// HeaderReader has the headers that interceptors of the caller set.
type HeaderReader interface {
	Get(string) (*commonpb.Payload, bool)
	ForEachKey(handler func(string, *commonpb.Payload) error) error
}

// HeaderWriter takes headers.
type HeaderWriter interface {
	Set(string, *commonpb.Payload)
}

// ContextPropagator makes headers of a context, and values of a context of headers. Here its Extract alone is used.
type ContextPropagator interface {
	Inject(context.Context, HeaderWriter) error
	Extract(context.Context, HeaderReader) (context.Context, error)
	InjectFromWorkflow(Context, HeaderWriter) error
	ExtractToWorkflow(Context, HeaderReader) (Context, error)
}
