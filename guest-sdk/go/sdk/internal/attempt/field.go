package attempt

import (
	"go.temporal.io/sdk/internal/host"
	"go.temporal.io/sdk/internal/jsontext"
)

func field(name string, value any) host.Field {
	return host.Field{Name: name, JSON: jsontext.Of(value)}
}
