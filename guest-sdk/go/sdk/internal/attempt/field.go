package attempt

import (
	"encoding/json"
	"fmt"

	"go.temporal.io/sdk/internal/host"
)

// field shows a value as JSON: what can't be is shown as a text.
func field(name string, value any) host.Field {
	if err, ok := value.(error); ok {
		value = err.Error()
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		encoded, _ = json.Marshal(fmt.Sprintf("%+v", value))
	}
	return host.Field{Name: name, JSON: string(encoded)}
}
