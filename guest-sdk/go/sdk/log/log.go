// Package log is how activities write log lines.
package log

import (
	"context"
	"log/slog"
)

// Logger takes lines with a text and fields: names and values in turn.
type Logger interface {
	Debug(msg string, keyvals ...any)
	Info(msg string, keyvals ...any)
	Warn(msg string, keyvals ...any)
	Error(msg string, keyvals ...any)
}

// WithLogger is a logger that makes others with fields of their own.
type WithLogger interface {
	With(keyvals ...any) Logger
}

// WithSkipCallers is a logger that can be told how far from its caller it is called. Here no line has a place.
type WithSkipCallers interface {
	WithCallerSkip(int) Logger
}

// With returns a logger that adds these fields to each line.
func With(logger Logger, keyvals ...any) Logger {
	if with, ok := logger.(WithLogger); ok {
		return with.With(keyvals...)
	}
	return &withFields{logger: logger, fields: keyvals}
}

// Skip returns the logger as it is: no line has a place.
func Skip(logger Logger, _ int) Logger {
	return logger
}

type withFields struct {
	logger Logger
	fields []any
}

func (l *withFields) all(keyvals []any) []any {
	return append(l.fields[:len(l.fields):len(l.fields)], keyvals...)
}

func (l *withFields) Debug(msg string, keyvals ...any) { l.logger.Debug(msg, l.all(keyvals)...) }
func (l *withFields) Info(msg string, keyvals ...any)  { l.logger.Info(msg, l.all(keyvals)...) }
func (l *withFields) Warn(msg string, keyvals ...any)  { l.logger.Warn(msg, l.all(keyvals)...) }
func (l *withFields) Error(msg string, keyvals ...any) { l.logger.Error(msg, l.all(keyvals)...) }

func (l *withFields) With(keyvals ...any) Logger {
	return &withFields{logger: l.logger, fields: l.all(keyvals)}
}

// NewStructuredLogger makes a logger of one of the standard library.
func NewStructuredLogger(logger *slog.Logger) Logger {
	return structured{logger}
}

type structured struct {
	logger *slog.Logger
}

func (l structured) write(level slog.Level, msg string, keyvals []any) {
	l.logger.Log(context.Background(), level, msg, keyvals...)
}

func (l structured) Debug(msg string, keyvals ...any) { l.write(slog.LevelDebug, msg, keyvals) }
func (l structured) Info(msg string, keyvals ...any)  { l.write(slog.LevelInfo, msg, keyvals) }
func (l structured) Warn(msg string, keyvals ...any)  { l.write(slog.LevelWarn, msg, keyvals) }
func (l structured) Error(msg string, keyvals ...any) { l.write(slog.LevelError, msg, keyvals) }

func (l structured) With(keyvals ...any) Logger {
	return structured{l.logger.With(keyvals...)}
}
