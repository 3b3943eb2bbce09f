package converter

import (
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
)

// What packages for protobuf generate, as far as it needs no package for protobuf: messages that encode themselves.

type binaryMessage interface {
	Marshal() ([]byte, error)
}

type binaryTarget interface {
	Unmarshal([]byte) error
}

type jsonMessage interface {
	ProtoMessage()
	MarshalJSON() ([]byte, error)
}

type jsonTarget interface {
	ProtoMessage()
	UnmarshalJSON([]byte) error
}

// ProtoJSONPayloadConverter takes protobuf messages that encode themselves as JSON.
type ProtoJSONPayloadConverter struct{}

// NewProtoJSONPayloadConverter makes one.
func NewProtoJSONPayloadConverter() *ProtoJSONPayloadConverter { return &ProtoJSONPayloadConverter{} }

// ToPayload takes a message with MarshalJSON.
func (c *ProtoJSONPayloadConverter) ToPayload(value any) (*commonpb.Payload, error) {
	message, ok := value.(jsonMessage)
	if !ok {
		return nil, nil
	}
	data, err := message.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrUnableToEncode, err)
	}
	return newPayload(MetadataEncodingProtoJSON, data), nil
}

// FromPayload sets a message with UnmarshalJSON.
func (c *ProtoJSONPayloadConverter) FromPayload(payload *commonpb.Payload, valuePtr any) error {
	target, ok := valuePtr.(jsonTarget)
	if !ok {
		return fmt.Errorf("value of type %T has no UnmarshalJSON: take it as a RawValue: %w", valuePtr, ErrUnableToDecode)
	}
	if err := target.UnmarshalJSON(payload.GetData()); err != nil {
		return fmt.Errorf("%w: %v", ErrUnableToDecode, err)
	}
	return nil
}

// ToString shows it.
func (c *ProtoJSONPayloadConverter) ToString(payload *commonpb.Payload) string {
	return string(payload.GetData())
}

// Encoding names it.
func (c *ProtoJSONPayloadConverter) Encoding() string { return MetadataEncodingProtoJSON }

// ProtoPayloadConverter takes protobuf messages that encode themselves.
type ProtoPayloadConverter struct{}

// NewProtoPayloadConverter makes one.
func NewProtoPayloadConverter() *ProtoPayloadConverter { return &ProtoPayloadConverter{} }

// ToPayload takes a message with Marshal.
func (c *ProtoPayloadConverter) ToPayload(value any) (*commonpb.Payload, error) {
	message, ok := value.(interface {
		binaryMessage
		ProtoMessage()
	})
	if !ok {
		return nil, nil
	}
	data, err := message.Marshal()
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrUnableToEncode, err)
	}
	return newPayload(MetadataEncodingProto, data), nil
}

// FromPayload sets a message with Unmarshal.
func (c *ProtoPayloadConverter) FromPayload(payload *commonpb.Payload, valuePtr any) error {
	target, ok := valuePtr.(binaryTarget)
	if !ok {
		return fmt.Errorf("value of type %T has no Unmarshal: take it as a RawValue: %w", valuePtr, ErrUnableToDecode)
	}
	if err := target.Unmarshal(payload.GetData()); err != nil {
		return fmt.Errorf("%w: %v", ErrUnableToDecode, err)
	}
	return nil
}

// ToString shows that there is one.
func (c *ProtoPayloadConverter) ToString(payload *commonpb.Payload) string {
	return fmt.Sprintf("protobuf message of %d bytes", len(payload.GetData()))
}

// Encoding names it.
func (c *ProtoPayloadConverter) Encoding() string { return MetadataEncodingProto }
