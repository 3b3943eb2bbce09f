package activities

import (
	"slices"

	"go.temporal.io/sdk/converter"
)

func Add(a, b int64) (int64, error) { return a + b, nil }

func Echo(value converter.RawValue) (converter.RawValue, error) { return value, nil }

func Greet(name string) (string, error) { return "Hello, " + name + "!", nil }

func Nothing() error { return nil }

func Recode(value any) (any, error) { return value, nil }

func ReverseBytes(bytes []byte) ([]byte, error) {
	slices.Reverse(bytes)
	return bytes, nil
}

func UnencodableResult() (map[string]any, error) {
	return map[string]any{"function": func() {}}, nil
}

func WithDefault(a int64, b *int64) ([]int64, error) {
	if b == nil {
		return []int64{a, 5}, nil
	}
	return []int64{a, *b}, nil
}
