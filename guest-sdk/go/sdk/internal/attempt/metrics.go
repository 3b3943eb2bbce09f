package attempt

import (
	"maps"
	"time"

	"go.temporal.io/sdk/internal/host"
	"go.temporal.io/sdk/internal/metrics"
)

// MetricsHandler returns what measures for the attempt. Whose it is, the host adds.
func (a *Attempt) MetricsHandler() metrics.Handler {
	return handler{attempt: a}
}

type handler struct {
	attempt *Attempt
	tags    map[string]string
}

func (h handler) WithTags(tags map[string]string) metrics.Handler {
	all := maps.Clone(h.tags)
	if all == nil {
		all = make(map[string]string, len(tags))
	}
	maps.Copy(all, tags)
	return handler{attempt: h.attempt, tags: all}
}

func (h handler) Counter(name string) metrics.Counter { return instrument{h, name} }
func (h handler) Gauge(name string) metrics.Gauge     { return instrument{h, name} }
func (h handler) Timer(name string) metrics.Timer     { return instrument{h, name} }

type instrument struct {
	handler
	name string
}

func (i instrument) Inc(value int64) {
	if 0 <= value {
		i.check(i.attempt.host.AddToCounter(i.name, i.tags, uint64(value)))
	}
}

func (i instrument) Update(value float64) {
	i.check(i.attempt.host.SetGauge(i.name, i.tags, value))
}

func (i instrument) Record(value time.Duration) {
	i.check(i.attempt.host.RecordDuration(i.name, i.tags, max(value, 0)))
}

// check tells the log of an instrument that can't be made: there is no error to return.
func (i instrument) check(err error) {
	if err != nil {
		i.attempt.host.Log(host.Warn, "a metric was not recorded",
			[]host.Field{field("metric", i.name), field("error", err)})
	}
}
