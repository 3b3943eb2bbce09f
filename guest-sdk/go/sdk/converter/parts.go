package converter

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"

	commonpb "go.temporal.io/api/common/v1"
)

func newPayload(encoding string, data []byte) *commonpb.Payload {
	return &commonpb.Payload{Metadata: map[string][]byte{MetadataEncoding: []byte(encoding)}, Data: data}
}

// NilPayloadConverter takes what has no value: nil, and nil pointers.
type NilPayloadConverter struct{}

// NewNilPayloadConverter makes one.
func NewNilPayloadConverter() *NilPayloadConverter { return &NilPayloadConverter{} }

// ToPayload takes nil in each of its forms.
func (c *NilPayloadConverter) ToPayload(value any) (*commonpb.Payload, error) {
	if isNil(value) {
		return newPayload(MetadataEncodingNil, nil), nil
	}
	return nil, nil
}

func isNil(value any) bool {
	if value == nil {
		return true
	}
	switch reflected := reflect.ValueOf(value); reflected.Kind() {
	case reflect.Chan, reflect.Func, reflect.Map, reflect.Pointer, reflect.UnsafePointer, reflect.Interface, reflect.Slice:
		return reflected.IsNil()
	}
	return false
}

// FromPayload sets the value to its zero.
func (c *NilPayloadConverter) FromPayload(_ *commonpb.Payload, valuePtr any) error {
	pointer := reflect.ValueOf(valuePtr)
	if pointer.Kind() != reflect.Pointer || pointer.IsNil() {
		return fmt.Errorf("type: %T: %w", valuePtr, ErrValuePtrIsNotPointer)
	}
	pointer.Elem().SetZero()
	return nil
}

// ToString shows it.
func (c *NilPayloadConverter) ToString(*commonpb.Payload) string { return "nil" }

// Encoding names it.
func (c *NilPayloadConverter) Encoding() string { return MetadataEncodingNil }

// ByteSlicePayloadConverter takes bytes.
type ByteSlicePayloadConverter struct{}

// NewByteSlicePayloadConverter makes one.
func NewByteSlicePayloadConverter() *ByteSlicePayloadConverter { return &ByteSlicePayloadConverter{} }

// ToPayload takes a slice of bytes.
func (c *ByteSlicePayloadConverter) ToPayload(value any) (*commonpb.Payload, error) {
	if data, ok := value.([]byte); ok {
		return newPayload(MetadataEncodingBinary, data), nil
	}
	return nil, nil
}

// FromPayload sets a slice of bytes, or an interface.
func (c *ByteSlicePayloadConverter) FromPayload(payload *commonpb.Payload, valuePtr any) error {
	pointer := reflect.ValueOf(valuePtr)
	if pointer.Kind() != reflect.Pointer || pointer.IsNil() {
		return fmt.Errorf("type: %T: %w", valuePtr, ErrValuePtrIsNotPointer)
	}
	data := reflect.ValueOf(payload.GetData())
	if !data.Type().AssignableTo(pointer.Elem().Type()) {
		return fmt.Errorf("value type: %s: %w", pointer.Elem().Type(), ErrUnableToSetValue)
	}
	pointer.Elem().Set(data)
	return nil
}

// ToString shows it in base64.
func (c *ByteSlicePayloadConverter) ToString(payload *commonpb.Payload) string {
	return base64.RawStdEncoding.EncodeToString(payload.GetData())
}

// Encoding names it.
func (c *ByteSlicePayloadConverter) Encoding() string { return MetadataEncodingBinary }

// JSONPayloadConverter takes what encoding/json takes.
type JSONPayloadConverter struct{}

// NewJSONPayloadConverter makes one.
func NewJSONPayloadConverter() *JSONPayloadConverter { return &JSONPayloadConverter{} }

// ToPayload takes any value.
func (c *JSONPayloadConverter) ToPayload(value any) (*commonpb.Payload, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrUnableToEncode, err)
	}
	return newPayload(MetadataEncodingJSON, data), nil
}

// FromPayload sets any value.
func (c *JSONPayloadConverter) FromPayload(payload *commonpb.Payload, valuePtr any) error {
	if err := json.Unmarshal(payload.GetData(), valuePtr); err != nil {
		return fmt.Errorf("%w: %v", ErrUnableToDecode, err)
	}
	return nil
}

// ToString shows it.
func (c *JSONPayloadConverter) ToString(payload *commonpb.Payload) string {
	return string(payload.GetData())
}

// Encoding names it.
func (c *JSONPayloadConverter) Encoding() string { return MetadataEncodingJSON }
