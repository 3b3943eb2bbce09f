// Package host is what an attempt asks of whoever runs it: Isolet in a component, a test natively.
package host

import (
	"time"

	commonpb "go.temporal.io/api/common/v1"
)

// Host runs an attempt.
type Host interface {
	// Heartbeat records details and returns at once.
	Heartbeat(details []*commonpb.Payload)
	// IsCancelled tells whether the attempt should stop. Once true, always true.
	IsCancelled() bool
	// Cancellation tells why, once it should.
	Cancellation() (Cancellation, bool)
	// IsWorkerShutdown tells whether the worker has begun to shut down.
	IsWorkerShutdown() bool
	// Await parks the goroutine until one of these events has happened.
	Await(Event)
	// LogEnabled tells whether a line of this level would be kept.
	LogEnabled(Level) bool
	// Log writes a line with fields, whose values are JSON.
	Log(level Level, message string, fields []Field)
	// AddToCounter adds to a counter.
	AddToCounter(name string, tags map[string]string, value uint64) error
	// SetGauge sets a gauge.
	SetGauge(name string, tags map[string]string, value float64) error
	// RecordDuration records in a histogram of durations.
	RecordDuration(name string, tags map[string]string, value time.Duration) error
	// Client asks Temporal.
	Client() Client
}

// Event is what can be waited for.
type Event uint32

const (
	// Cancelled is the cancellation of the attempt.
	Cancelled Event = 1 << iota
	// WorkerShutdown is the beginning of the worker's shutdown.
	WorkerShutdown
)

// Cancellation is why an attempt should stop.
type Cancellation struct {
	NotFound, CancelRequested, Paused, Reset, TimedOut, WorkerShutdown bool
}

// Level is how important a line is.
type Level uint8

const (
	Trace Level = iota
	Debug
	Info
	Warn
	Error
)

// Field is a name and a value as JSON text.
type Field struct {
	Name, JSON string
}

// Current runs the attempt of this program; nil while there is none. An instance of a component runs one at most.
var Current Host
