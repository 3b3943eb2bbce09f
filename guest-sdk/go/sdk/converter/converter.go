// Package converter turns values into payloads and back, as all of Temporal's SDKs do.
package converter

import (
	"errors"

	commonpb "go.temporal.io/api/common/v1"
)

const (
	// MetadataEncoding is the key under which a payload says how it is encoded.
	MetadataEncoding = "encoding"
	// MetadataEncodingBinary is raw bytes.
	MetadataEncodingBinary = "binary/plain"
	// MetadataEncodingJSON is JSON.
	MetadataEncodingJSON = "json/plain"
	// MetadataEncodingNil is no value.
	MetadataEncodingNil = "binary/null"
	// MetadataEncodingProtoJSON is a protobuf message as JSON.
	MetadataEncodingProtoJSON = "json/protobuf"
	// MetadataEncodingProto is a protobuf message.
	MetadataEncodingProto = "binary/protobuf"
)

var (
	// ErrMetadataIsNotSet is of a payload without metadata.
	ErrMetadataIsNotSet = errors.New("metadata is not set")
	// ErrEncodingIsNotSet is of a payload that does not say how it is encoded.
	ErrEncodingIsNotSet = errors.New("payload encoding metadata is not set")
	// ErrEncodingIsNotSupported is of an encoding that no converter takes.
	ErrEncodingIsNotSupported = errors.New("payload encoding is not supported")
	// ErrUnableToEncode is of a value that can't be encoded.
	ErrUnableToEncode = errors.New("unable to encode")
	// ErrUnableToDecode is of a payload that does not fit the value.
	ErrUnableToDecode = errors.New("unable to decode")
	// ErrUnableToSetValue is of a value that nothing can be decoded into.
	ErrUnableToSetValue = errors.New("unable to set value")
	// ErrUnableToFindConverter is of a value that no converter takes.
	ErrUnableToFindConverter = errors.New("unable to find converter")
	// ErrValuePtrIsNotPointer is of a value that is no pointer.
	ErrValuePtrIsNotPointer = errors.New("not a pointer type")
)

// DataConverter turns values into payloads and back.
type DataConverter interface {
	ToPayload(value any) (*commonpb.Payload, error)
	FromPayload(payload *commonpb.Payload, valuePtr any) error
	ToPayloads(value ...any) (*commonpb.Payloads, error)
	FromPayloads(payloads *commonpb.Payloads, valuePtrs ...any) error
	ToString(input *commonpb.Payload) string
	ToStrings(input *commonpb.Payloads) []string
}

// PayloadConverter is the part of one encoding.
type PayloadConverter interface {
	// ToPayload returns nil for a value that it does not take.
	ToPayload(value any) (*commonpb.Payload, error)
	FromPayload(payload *commonpb.Payload, valuePtr any) error
	ToString(*commonpb.Payload) string
	Encoding() string
}

var defaultDataConverter = NewCompositeDataConverter(
	NewNilPayloadConverter(),
	NewByteSlicePayloadConverter(),
	NewProtoJSONPayloadConverter(),
	NewProtoPayloadConverter(),
	NewJSONPayloadConverter(),
)

// GetDefaultDataConverter returns the converter that is used where no other was chosen.
func GetDefaultDataConverter() DataConverter {
	return defaultDataConverter
}
