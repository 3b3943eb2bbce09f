package testsuite

import (
	"encoding/json"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/internal/host"
	"go.temporal.io/sdk/log"
)

// fake is the host of tests.
type fake struct {
	logger  log.Logger
	heard   func(details []*commonpb.Payload)
	stopped chan struct{}
}

func (f *fake) Heartbeat(details []*commonpb.Payload) {
	if f.heard != nil {
		f.heard(details)
	}
}

func (f *fake) IsCancelled() bool { return false }

func (f *fake) Cancellation() (host.Cancellation, bool) { return host.Cancellation{}, false }

func (f *fake) IsWorkerShutdown() bool {
	select {
	case <-f.stopped:
		return true
	default:
		return false
	}
}

// Await waits for what never happens, but for the shutdown.
func (f *fake) Await(event host.Event) {
	if event == host.WorkerShutdown {
		<-f.stopped
		return
	}
	select {}
}

func (f *fake) LogEnabled(host.Level) bool { return f.logger != nil }

func (f *fake) Log(level host.Level, message string, fields []host.Field) {
	if f.logger == nil {
		return
	}
	var keyvals []any
	for _, field := range fields {
		keyvals = append(keyvals, field.Name, json.RawMessage(field.JSON))
	}
	switch level {
	case host.Error:
		f.logger.Error(message, keyvals...)
	case host.Warn:
		f.logger.Warn(message, keyvals...)
	case host.Info:
		f.logger.Info(message, keyvals...)
	default:
		f.logger.Debug(message, keyvals...)
	}
}

func (f *fake) AddToCounter(string, map[string]string, uint64) error { return nil }

func (f *fake) SetGauge(string, map[string]string, float64) error { return nil }

func (f *fake) RecordDuration(string, map[string]string, time.Duration) error { return nil }

// Client is not there: what asks Temporal is tested with `isolet run`, or with an interface of one's own.
func (f *fake) Client() host.Client { return nil }
