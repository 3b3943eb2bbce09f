//go:build wasip1

package guest

import (
	"context"
	"log/slog"

	"go.temporal.io/sdk/internal/host"
	"go.temporal.io/sdk/internal/jsontext"
)

// redirectLogs makes the standard library's loggers write to the worker's log, each line with its level and fields.
func redirectLogs() {
	slog.SetDefault(slog.New(handler{}))
}

type handler struct {
	fields []host.Field
	group  string
}

func (handler) Enabled(_ context.Context, level slog.Level) bool {
	return host.Current.LogEnabled(levelOf(level))
}

func levelOf(level slog.Level) host.Level {
	switch {
	case level < slog.LevelDebug:
		return host.Trace
	case level < slog.LevelInfo:
		return host.Debug
	case level < slog.LevelWarn:
		return host.Info
	case level < slog.LevelError:
		return host.Warn
	}
	return host.Error
}

func (h handler) Handle(_ context.Context, record slog.Record) error {
	fields := h.fields[:len(h.fields):len(h.fields)]
	record.Attrs(func(attribute slog.Attr) bool {
		fields = h.with(fields, attribute)
		return true
	})
	host.Current.Log(levelOf(record.Level), record.Message, fields)
	return nil
}

// with adds a field, named with its groups.
func (h handler) with(fields []host.Field, attribute slog.Attr) []host.Field {
	value := attribute.Value.Resolve()
	if value.Kind() != slog.KindGroup {
		name := h.group + attribute.Key
		return append(fields, host.Field{Name: name, JSON: jsontext.Of(value.Any())})
	}
	inner := h
	if attribute.Key != "" {
		inner.group += attribute.Key + "."
	}
	for _, each := range value.Group() {
		fields = inner.with(fields, each)
	}
	return fields
}

func (h handler) WithAttrs(attributes []slog.Attr) slog.Handler {
	fields := h.fields[:len(h.fields):len(h.fields)]
	for _, attribute := range attributes {
		fields = h.with(fields, attribute)
	}
	return handler{fields: fields, group: h.group}
}

func (h handler) WithGroup(name string) slog.Handler {
	return handler{fields: h.fields, group: h.group + name + "."}
}
