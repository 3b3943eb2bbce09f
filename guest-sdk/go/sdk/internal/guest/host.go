//go:build wasip1

package guest

import (
	"errors"
	"time"
	_ "unsafe" // for what is linked by name

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/internal/host"
	"go.temporal.io/sdk/internal/wit/imports/isolet_activity_cancellation"
	"go.temporal.io/sdk/internal/wit/imports/isolet_activity_heartbeat"
	"go.temporal.io/sdk/internal/wit/imports/isolet_activity_log"
	"go.temporal.io/sdk/internal/wit/imports/isolet_activity_metrics"
	witTypes "go.temporal.io/sdk/internal/witpkg/types"
)

// await parks the goroutine until one of these events has happened: see guest-sdk/go/runtime.
//
//go:linkname await runtime.isoletAwait
func await(pollable, events uint32) uint32

// theHost is Isolet.
type theHost struct{}

func (theHost) Heartbeat(details []*commonpb.Payload) {
	isolet_activity_heartbeat.Record(toPayloads(details))
}

func (theHost) IsCancelled() bool {
	return isolet_activity_cancellation.IsCancelled()
}

func (theHost) Cancellation() (host.Cancellation, bool) {
	details := isolet_activity_cancellation.Details()
	if details.IsNone() {
		return host.Cancellation{}, false
	}
	return fromCancellation(details.Some()), true
}

func fromCancellation(details isolet_activity_cancellation.CancellationDetails) host.Cancellation {
	return host.Cancellation{
		NotFound:        details&isolet_activity_cancellation.CancellationDetails_NotFound != 0,
		CancelRequested: details&isolet_activity_cancellation.CancellationDetails_CancelRequested != 0,
		Paused:          details&isolet_activity_cancellation.CancellationDetails_Paused != 0,
		Reset:           details&isolet_activity_cancellation.CancellationDetails_Reset != 0,
		TimedOut:        details&isolet_activity_cancellation.CancellationDetails_TimedOut != 0,
		WorkerShutdown:  details&isolet_activity_cancellation.CancellationDetails_WorkerShutdown != 0,
	}
}

func (theHost) IsWorkerShutdown() bool {
	return isolet_activity_cancellation.IsWorkerShutdown()
}

func (theHost) Await(event host.Event) {
	for await(0, uint32(event))&uint32(event) == 0 {
		// So many wait that there is no place for one more.
		time.Sleep(100 * time.Millisecond)
	}
}

func (theHost) LogEnabled(level host.Level) bool {
	return isolet_activity_log.Enabled(uint8(level))
}

func (theHost) Log(level host.Level, message string, fields []host.Field) {
	record := isolet_activity_log.LogRecord{Level: uint8(level), Message: message}
	for _, field := range fields {
		record.Fields = append(record.Fields, witTypes.Tuple2[string, string]{F0: field.Name, F1: field.JSON})
	}
	isolet_activity_log.Write(record)
}

// The instruments of the attempt, by name.
var (
	counters  = map[string]*isolet_activity_metrics.Counter{}
	gauges    = map[string]*isolet_activity_metrics.GaugeFloat{}
	durations = map[string]*isolet_activity_metrics.HistogramDuration{}
)

// instrument finds or makes one.
func instrument[I any](
	known map[string]*I, name string, unit witTypes.Option[string],
	create func(isolet_activity_metrics.Instrument) witTypes.Result[*I, isolet_activity_metrics.MetricError],
) (*I, error) {
	if found, ok := known[name]; ok {
		return found, nil
	}
	made := create(isolet_activity_metrics.Instrument{Name: name, Description: witTypes.None[string](), Unit: unit})
	if made.IsErr() {
		return nil, metricError(made.Err())
	}
	known[name] = made.Ok()
	return known[name], nil
}

func metricError(err isolet_activity_metrics.MetricError) error {
	switch err.Tag() {
	case isolet_activity_metrics.MetricError_NotGranted:
		return errors.New(err.NotGranted())
	case isolet_activity_metrics.MetricError_Invalid:
		return errors.New(err.Invalid())
	}
	return errors.New(err.TooMany())
}

func attributes(tags map[string]string) isolet_activity_metrics.Attributes {
	var all isolet_activity_metrics.Attributes
	for name, value := range tags {
		attribute := isolet_activity_metrics.MakeAttributeValueText(value)
		all = append(all, witTypes.Tuple2[string, isolet_activity_metrics.AttributeValue]{F0: name, F1: attribute})
	}
	return all
}

func (theHost) AddToCounter(name string, tags map[string]string, value uint64) error {
	counter, err := instrument(counters, name, witTypes.None[string](), isolet_activity_metrics.CounterCreate)
	if err != nil {
		return err
	}
	counter.Add(value, attributes(tags))
	return nil
}

func (theHost) SetGauge(name string, tags map[string]string, value float64) error {
	gauge, err := instrument(gauges, name, witTypes.None[string](), isolet_activity_metrics.GaugeFloatCreate)
	if err != nil {
		return err
	}
	gauge.Set(value, attributes(tags))
	return nil
}

func (theHost) RecordDuration(name string, tags map[string]string, value time.Duration) error {
	unit := witTypes.Some("duration")
	histogram, err := instrument(durations, name, unit, isolet_activity_metrics.HistogramDurationCreate)
	if err != nil {
		return err
	}
	histogram.Record(toDuration(value), attributes(tags))
	return nil
}

func (theHost) Client() host.Client { return theClient{} }
