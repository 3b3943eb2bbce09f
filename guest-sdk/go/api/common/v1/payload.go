// Package common has what of Temporal's messages activities meet: payloads.
package common

// Payload is one encoded value.
type Payload struct {
	// Metadata says how it is encoded, under the key "encoding".
	Metadata map[string][]byte
	// Data is the encoded value.
	Data []byte
}

// GetMetadata returns the metadata, nil for no payload.
func (p *Payload) GetMetadata() map[string][]byte {
	if p == nil {
		return nil
	}
	return p.Metadata
}

// GetData returns the encoded value, nil for no payload.
func (p *Payload) GetData() []byte {
	if p == nil {
		return nil
	}
	return p.Data
}

// Payloads are several of them.
type Payloads struct {
	Payloads []*Payload
}

// GetPayloads returns them, nil for none.
func (p *Payloads) GetPayloads() []*Payload {
	if p == nil {
		return nil
	}
	return p.Payloads
}

// Header is what the caller's interceptors set.
type Header struct {
	Fields map[string]*Payload
}

// GetFields returns the values by name, nil for none.
func (h *Header) GetFields() map[string]*Payload {
	if h == nil {
		return nil
	}
	return h.Fields
}

// ActivityType is the type of an activity.
type ActivityType struct {
	Name string
}

// GetName returns the type's name, "" for no type.
func (t *ActivityType) GetName() string {
	if t == nil {
		return ""
	}
	return t.Name
}
