package attempt

import (
	"fmt"

	"go.temporal.io/sdk/internal/host"
	"go.temporal.io/sdk/log"
)

// Logger returns what writes log lines of the attempt. Who it is, the host adds.
func (a *Attempt) Logger() log.Logger {
	return logger{host: a.host}
}

type logger struct {
	host   host.Host
	fields []host.Field
}

func (l logger) Debug(msg string, keyvals ...any) { l.write(host.Debug, msg, keyvals) }
func (l logger) Info(msg string, keyvals ...any)  { l.write(host.Info, msg, keyvals) }
func (l logger) Warn(msg string, keyvals ...any)  { l.write(host.Warn, msg, keyvals) }
func (l logger) Error(msg string, keyvals ...any) { l.write(host.Error, msg, keyvals) }

func (l logger) With(keyvals ...any) log.Logger {
	return logger{host: l.host, fields: l.with(keyvals)}
}

// WithCallerSkip returns the logger as it is: no line has a place.
func (l logger) WithCallerSkip(int) log.Logger { return l }

func (l logger) write(level host.Level, msg string, keyvals []any) {
	if l.host.LogEnabled(level) {
		l.host.Log(level, msg, l.with(keyvals))
	}
}

// with is the logger's fields and these, names and values in turn.
func (l logger) with(keyvals []any) []host.Field {
	fields := l.fields[:len(l.fields):len(l.fields)]
	for i := 0; i < len(keyvals); i += 2 {
		if i+1 == len(keyvals) {
			fields = append(fields, field("ExtraValue", keyvals[i]))
			break
		}
		fields = append(fields, field(fmt.Sprint(keyvals[i]), keyvals[i+1]))
	}
	return fields
}
