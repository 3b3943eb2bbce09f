// Package client is Temporal's client, on the worker's connection and as far as the component's grant goes.
//
// Calls wait for their answer with all goroutines of the attempt.
package client

import (
	"context"
	"errors"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/internal/attempt"
	"go.temporal.io/sdk/internal/host"
	"go.temporal.io/sdk/internal/metrics"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/workflow"
)

const (
	// DefaultHostPort is where a client of one's own connects to.
	DefaultHostPort = "localhost:7233"
	// DefaultNamespace is the namespace of a client that names none.
	DefaultNamespace = "default"
)

type (
	// MetricsHandler makes instruments.
	MetricsHandler = metrics.Handler
	// MetricsCounter is a sum that only grows.
	MetricsCounter = metrics.Counter
	// MetricsGauge is a number that goes up and down.
	MetricsGauge = metrics.Gauge
	// MetricsTimer is a distribution of durations.
	MetricsTimer = metrics.Timer
)

// MetricsNopHandler drops what is measured.
var MetricsNopHandler = metrics.NopHandler

// Options are what a client of one's own is told. In a component the converter and the propagators count; the
// connection and the namespace are the worker's.
type Options struct {
	HostPort           string
	Namespace          string
	Logger             log.Logger
	MetricsHandler     MetricsHandler
	Identity           string
	DataConverter      converter.DataConverter
	ContextPropagators []workflow.ContextPropagator
}

// Client asks Temporal.
type Client interface {
	ExecuteActivity(ctx context.Context, options StartActivityOptions, activity any, args ...any) (ActivityHandle, error)
	GetActivityHandle(options GetActivityHandleOptions) ActivityHandle
	CompleteActivity(ctx context.Context, taskToken []byte, result any, err error) error
	CompleteActivityByID(ctx context.Context, namespace, workflowID, runID, activityID string, result any, err error) error
	CompleteActivityByActivityID(ctx context.Context, namespace, activityID, activityRunID string, result any, err error) error
	RecordActivityHeartbeat(ctx context.Context, taskToken []byte, details ...any) error
	RecordActivityHeartbeatByID(ctx context.Context, namespace, workflowID, runID, activityID string, details ...any) error
	ExecuteWorkflow(ctx context.Context, options StartWorkflowOptions, workflow any, args ...any) (WorkflowRun, error)
	GetWorkflow(ctx context.Context, workflowID, runID string) WorkflowRun
	SignalWorkflow(ctx context.Context, workflowID, runID, signalName string, arg any) error
	QueryWorkflow(ctx context.Context, workflowID, runID, queryType string, args ...any) (converter.EncodedValue, error)
	UpdateWorkflow(ctx context.Context, options UpdateWorkflowOptions) (WorkflowUpdateHandle, error)
	CancelWorkflow(ctx context.Context, workflowID, runID string) error
	TerminateWorkflow(ctx context.Context, workflowID, runID, reason string, details ...any) error
	DescribeWorkflow(ctx context.Context, workflowID, runID string) (*WorkflowExecutionDescription, error)
	Close()
}

// Dial makes a client. It connects to nothing: calls go over the worker's connection, while an activity runs.
func Dial(options Options) (Client, error) {
	return NewLazyClient(options)
}

// DialContext does the same.
func DialContext(_ context.Context, options Options) (Client, error) {
	return NewLazyClient(options)
}

// NewLazyClient does the same.
func NewLazyClient(options Options) (Client, error) {
	return &client{options: options, host: current}, nil
}

// OptionsOf returns what a client was made with.
func OptionsOf(c Client) Options {
	if own, ok := c.(*client); ok {
		return own.options
	}
	return Options{}
}

// Of returns the client of an attempt.
func Of(a *attempt.Attempt) Client {
	options := Options{DataConverter: a.Converter()}
	return &client{options: options, host: func() (host.Client, error) { return a.Host().Client(), nil }}
}

type client struct {
	options Options
	host    func() (host.Client, error)
}

// current is the client of the attempt that runs.
func current() (host.Client, error) {
	if host.Current == nil {
		return nil, errors.New("there is no attempt on whose behalf Temporal could be asked: ask in an activity")
	}
	return host.Current.Client(), nil
}

func (c *client) converter() converter.DataConverter {
	if c.options.DataConverter != nil {
		return c.options.DataConverter
	}
	return converter.GetDefaultDataConverter()
}

// Close does nothing: the connection is the worker's.
func (c *client) Close() {}
