// Package jsontext shows the values of log fields.
package jsontext

import (
	"encoding/json"
	"fmt"
)

// Of shows a value as JSON: an error by its text, and what can't be as Go shows it.
func Of(value any) string {
	if err, ok := value.(error); ok {
		value = err.Error()
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		encoded, _ = json.Marshal(fmt.Sprintf("%+v", value))
	}
	return string(encoded)
}
