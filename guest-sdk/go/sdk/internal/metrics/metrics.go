// Package metrics is how activities measure.
package metrics

import "time"

// Handler makes instruments.
type Handler interface {
	WithTags(map[string]string) Handler
	Counter(name string) Counter
	Gauge(name string) Gauge
	Timer(name string) Timer
}

// Counter is a sum that only grows.
type Counter interface {
	Inc(int64)
}

// Gauge is a number that goes up and down.
type Gauge interface {
	Update(float64)
}

// Timer is a distribution of durations.
type Timer interface {
	Record(time.Duration)
}

// NopHandler drops what is measured.
var NopHandler Handler = nopHandler{}

type nopHandler struct{}

func (nopHandler) WithTags(map[string]string) Handler { return nopHandler{} }
func (nopHandler) Counter(string) Counter             { return nopHandler{} }
func (nopHandler) Gauge(string) Gauge                 { return nopHandler{} }
func (nopHandler) Timer(string) Timer                 { return nopHandler{} }
func (nopHandler) Inc(int64)                          {}
func (nopHandler) Update(float64)                     {}
func (nopHandler) Record(time.Duration)               {}
