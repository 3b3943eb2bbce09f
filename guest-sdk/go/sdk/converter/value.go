package converter

import (
	"errors"

	commonpb "go.temporal.io/api/common/v1"
)

// EncodedValue is a value that is decoded when it is asked for.
type EncodedValue interface {
	HasValue() bool
	Get(valuePtr any) error
}

// EncodedValues are several.
type EncodedValues interface {
	HasValues() bool
	Get(valuePtr ...any) error
}

// RawValue is a payload that is passed on as it is.
type RawValue struct {
	payload *commonpb.Payload
}

// NewRawValue makes one of a payload.
func NewRawValue(payload *commonpb.Payload) RawValue {
	return RawValue{payload: payload}
}

// Payload returns it.
func (v RawValue) Payload() *commonpb.Payload {
	return v.payload
}

// MarshalJSON refuses: a raw value is an argument, a result or a detail, and never a part of one.
func (v RawValue) MarshalJSON() ([]byte, error) {
	return nil, errors.New("RawValue is not JSON serializable")
}

// UnmarshalJSON refuses likewise.
func (v *RawValue) UnmarshalJSON([]byte) error {
	return errors.New("RawValue is not JSON serializable")
}

// ValuesPayloads are values that came as payloads.
type ValuesPayloads interface {
	Payloads() *commonpb.Payloads
}

// GetPayloads returns the payloads of values that came as such, or nil.
func GetPayloads(encoded any) *commonpb.Payloads {
	if values, ok := encoded.(ValuesPayloads); ok {
		return values.Payloads()
	}
	return nil
}
