package converter

import (
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
)

// CompositeDataConverter asks its parts in order.
type CompositeDataConverter struct {
	parts      []PayloadConverter
	byEncoding map[string]PayloadConverter
}

// NewCompositeDataConverter makes a converter of these parts. A value is encoded by the first that takes it, a payload
// decoded by the one of its encoding.
func NewCompositeDataConverter(parts ...PayloadConverter) DataConverter {
	composite := &CompositeDataConverter{parts: parts, byEncoding: make(map[string]PayloadConverter, len(parts))}
	for _, part := range parts {
		composite.byEncoding[part.Encoding()] = part
	}
	return composite
}

// ToPayloads encodes several values.
func (dc *CompositeDataConverter) ToPayloads(values ...any) (*commonpb.Payloads, error) {
	if len(values) == 0 {
		return nil, nil
	}
	payloads := &commonpb.Payloads{Payloads: make([]*commonpb.Payload, len(values))}
	for i, value := range values {
		payload, err := dc.ToPayload(value)
		if err != nil {
			return nil, fmt.Errorf("values[%d]: %w", i, err)
		}
		payloads.Payloads[i] = payload
	}
	return payloads, nil
}

// FromPayloads decodes as many payloads as there are pointers for.
func (dc *CompositeDataConverter) FromPayloads(payloads *commonpb.Payloads, valuePtrs ...any) error {
	for i, payload := range payloads.GetPayloads() {
		if len(valuePtrs) <= i {
			break
		}
		if err := dc.FromPayload(payload, valuePtrs[i]); err != nil {
			return fmt.Errorf("payload item %d: %w", i, err)
		}
	}
	return nil
}

// ToPayload encodes one value.
func (dc *CompositeDataConverter) ToPayload(value any) (*commonpb.Payload, error) {
	if raw, ok := value.(RawValue); ok {
		return raw.Payload(), nil
	}
	for _, part := range dc.parts {
		payload, err := part.ToPayload(value)
		if err != nil {
			return nil, err
		}
		if payload != nil {
			return payload, nil
		}
	}
	return nil, fmt.Errorf("value: %v of type: %T: %w", value, value, ErrUnableToFindConverter)
}

// FromPayload decodes one value.
func (dc *CompositeDataConverter) FromPayload(payload *commonpb.Payload, valuePtr any) error {
	if payload == nil {
		return nil
	}
	if raw, ok := valuePtr.(*RawValue); ok {
		*raw = NewRawValue(payload)
		return nil
	}
	part, err := dc.partFor(payload)
	if err != nil {
		return err
	}
	return part.FromPayload(payload, valuePtr)
}

func (dc *CompositeDataConverter) partFor(payload *commonpb.Payload) (PayloadConverter, error) {
	if payload.GetMetadata() == nil {
		return nil, ErrMetadataIsNotSet
	}
	encoding, ok := payload.GetMetadata()[MetadataEncoding]
	if !ok {
		return nil, ErrEncodingIsNotSet
	}
	part, ok := dc.byEncoding[string(encoding)]
	if !ok {
		return nil, fmt.Errorf("encoding %s: %w", encoding, ErrEncodingIsNotSupported)
	}
	return part, nil
}

// ToString shows a payload to people.
func (dc *CompositeDataConverter) ToString(payload *commonpb.Payload) string {
	if payload == nil {
		return ""
	}
	part, err := dc.partFor(payload)
	if err != nil {
		return err.Error()
	}
	return part.ToString(payload)
}

// ToStrings shows several.
func (dc *CompositeDataConverter) ToStrings(payloads *commonpb.Payloads) []string {
	var shown []string
	for _, payload := range payloads.GetPayloads() {
		shown = append(shown, dc.ToString(payload))
	}
	return shown
}
