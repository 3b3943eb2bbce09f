package worker

import (
	"context"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/internal/registry"
	"go.temporal.io/sdk/workflow"
)

// propagate lets a propagator read the headers of an attempt.
func propagate(propagator workflow.ContextPropagator) registry.Propagator {
	return func(ctx context.Context, headers map[string]*commonpb.Payload) (context.Context, error) {
		return propagator.Extract(ctx, headerReader(headers))
	}
}

type headerReader map[string]*commonpb.Payload

func (r headerReader) Get(name string) (*commonpb.Payload, bool) {
	value, ok := r[name]
	return value, ok
}

func (r headerReader) ForEachKey(handler func(string, *commonpb.Payload) error) error {
	for name, value := range r {
		if err := handler(name, value); err != nil {
			return err
		}
	}
	return nil
}
