package failure

import (
	"fmt"
	"reflect"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
)

// values are details as an error was made with them.
type values []any

func (v values) HasValues() bool { return len(v) != 0 }

func (v values) Get(valuePtrs ...any) error {
	if !v.HasValues() {
		return ErrNoData
	}
	if len(v) < len(valuePtrs) {
		return ErrTooManyArg
	}
	for i, item := range valuePtrs {
		target := reflect.ValueOf(item)
		if target.Kind() != reflect.Pointer {
			return fmt.Errorf("type of item %d: %T: %w", i, item, converter.ErrValuePtrIsNotPointer)
		}
		if v[i] == nil {
			target.Elem().SetZero()
			continue
		}
		value := reflect.ValueOf(v[i])
		if !value.Type().AssignableTo(target.Elem().Type()) {
			return fmt.Errorf("value type: %s: %w", target.Elem().Type(), converter.ErrUnableToSetValue)
		}
		target.Elem().Set(value)
	}
	return nil
}

// Encoded are values that came as payloads.
type Encoded struct {
	payloads  []*commonpb.Payload
	converter converter.DataConverter
}

// NewEncoded makes them of payloads.
func NewEncoded(payloads []*commonpb.Payload, dc converter.DataConverter) *Encoded {
	return &Encoded{payloads: payloads, converter: dc}
}

// HasValues tells whether there is one.
func (e *Encoded) HasValues() bool { return len(e.payloads) != 0 }

// Get decodes them.
func (e *Encoded) Get(valuePtrs ...any) error {
	if !e.HasValues() {
		return ErrNoData
	}
	return e.converter.FromPayloads(&commonpb.Payloads{Payloads: e.payloads}, valuePtrs...)
}

// Payloads returns them as they came.
func (e *Encoded) Payloads() *commonpb.Payloads { return &commonpb.Payloads{Payloads: e.payloads} }

// EncodedValue is one value that came as a payload, or none.
type EncodedValue struct {
	payload   *commonpb.Payload
	converter converter.DataConverter
}

// NewEncodedValue makes it of a payload.
func NewEncodedValue(payload *commonpb.Payload, dc converter.DataConverter) *EncodedValue {
	return &EncodedValue{payload: payload, converter: dc}
}

// HasValue tells whether there is one.
func (e *EncodedValue) HasValue() bool { return e.payload != nil }

// Get decodes it.
func (e *EncodedValue) Get(valuePtr any) error {
	if !e.HasValue() {
		return ErrNoData
	}
	return e.converter.FromPayload(e.payload, valuePtr)
}

// detailsOf are the details that an error is made with: given as they are, or passed on from another.
func detailsOf(details []any) converter.EncodedValues {
	if len(details) == 1 {
		if encoded, ok := details[0].(*Encoded); ok {
			return encoded
		}
	}
	return values(details)
}

func decode(details converter.EncodedValues, valuePtrs []any) error {
	if details == nil || !details.HasValues() {
		return ErrNoData
	}
	return details.Get(valuePtrs...)
}

// payloadsOf encodes details.
//
// Panics, as Temporal's package does, when one has no encoding: the attempt fails with that.
func payloadsOf(details converter.EncodedValues, dc converter.DataConverter) []*commonpb.Payload {
	switch details := details.(type) {
	case *Encoded:
		return details.payloads
	case values:
		payloads, err := dc.ToPayloads(details...)
		if err != nil {
			panic(err)
		}
		return payloads.GetPayloads()
	}
	return nil
}

// DetailsOf encodes the details of a cancellation.
func DetailsOf(err *CanceledError, dc converter.DataConverter) []*commonpb.Payload {
	return payloadsOf(err.details, dc)
}
