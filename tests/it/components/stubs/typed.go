// Activities of typed.wasm, as `isolet inspect --stubs go` writes them.

// Package activities calls them from workflows.
package activities

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"

	"go.temporal.io/sdk/workflow"
)

// Int64 is a whole number; the worker returns those beyond 2^53 - 1 as a text of their digits.
type Int64 int64

func (n *Int64) UnmarshalJSON(data []byte) error {
	value, err := strconv.ParseInt(strings.Trim(string(data), "\""), 10, 64)
	*n = Int64(value)
	return err
}

// Uint64 is a whole number; the worker returns those beyond 2^53 - 1 as a text of their digits.
type Uint64 uint64

func (n *Uint64) UnmarshalJSON(data []byte) error {
	value, err := strconv.ParseUint(strings.Trim(string(data), "\""), 10, 64)
	*n = Uint64(value)
	return err
}

// Float64 is a number; NaN and the infinities are texts in JSON.
type Float64 float64

func (n Float64) MarshalJSON() ([]byte, error) {
	switch value := float64(n); {
	case math.IsNaN(value):
		return []byte(`"NaN"`), nil
	case math.IsInf(value, 1):
		return []byte(`"Infinity"`), nil
	case math.IsInf(value, -1):
		return []byte(`"-Infinity"`), nil
	default:
		return json.Marshal(value)
	}
}

func (n *Float64) UnmarshalJSON(data []byte) error {
	value, err := strconv.ParseFloat(strings.Trim(string(data), "\""), 64)
	*n = Float64(value)
	return err
}

// marshalCase writes one case: its name, or an object of that key.
func marshalCase(name string, payload any) ([]byte, error) {
	if payload == nil {
		return json.Marshal(name)
	}
	return json.Marshal(map[string]any{name: payload})
}

// unmarshalCase reads one case: its name, and what it carries.
func unmarshalCase(data []byte) (string, json.RawMessage, error) {
	var name string
	if json.Unmarshal(data, &name) == nil {
		return name, nil, nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return "", nil, err
	}
	for name, payload := range object {
		return name, payload, nil
	}
	return "", nil, errors.New("a case has a name")
}

// Result is what succeeded, or what failed, whichever is not nil.
type Result[T, E any] struct {
	Ok  *T
	Err *E
}

// MarshalJSON writes the one that is not nil.
func (r Result[T, E]) MarshalJSON() ([]byte, error) {
	if r.Err != nil {
		return marshalCase("err", carried(r.Err))
	}
	return marshalCase("ok", carried(r.Ok))
}

// UnmarshalJSON reads either.
func (r *Result[T, E]) UnmarshalJSON(data []byte) error {
	name, payload, err := unmarshalCase(data)
	if err != nil {
		return err
	}
	if name == "ok" {
		r.Ok = new(T)
		return unmarshalPayload(payload, r.Ok)
	}
	r.Err = new(E)
	return unmarshalPayload(payload, r.Err)
}

func carried(value any) any {
	switch value := value.(type) {
	case *struct{}:
		return nil
	default:
		return value
	}
}

func unmarshalPayload(payload json.RawMessage, value any) error {
	if payload == nil {
		return nil
	}
	return json.Unmarshal(payload, value)
}

// Item is a record.
type Item struct {
	Sku string `json:"sku"`
	UnitPrice Float64 `json:"unit_price"`
	Count uint32 `json:"count"`
}

// Payment is one of its fields: the one that is not nil, or true.
type Payment struct {
	Cash bool
	Card *string
	OnAccount *Uint64
}

// MarshalJSON writes the one that is set.
func (v Payment) MarshalJSON() ([]byte, error) {
	switch {
	case v.Cash:
		return marshalCase("cash", nil)
	case v.Card != nil:
		return marshalCase("card", v.Card)
	case v.OnAccount != nil:
		return marshalCase("on_account", v.OnAccount)
	}
	return nil, errors.New("no case of Payment is set")
}

// UnmarshalJSON reads any of them.
func (v *Payment) UnmarshalJSON(data []byte) error {
	name, payload, err := unmarshalCase(data)
	if err != nil {
		return err
	}
	_ = payload
	switch name {
	case "cash":
		v.Cash = true
		return nil
	case "card":
		v.Card = new(string)
		return unmarshalPayload(payload, v.Card)
	case "on_account":
		v.OnAccount = new(Uint64)
		return unmarshalPayload(payload, v.OnAccount)
	}
	return errors.New("Payment has no such case: " + name)
}

// Order is a record.
type Order struct {
	Id Uint64 `json:"id"`
	Items []Item `json:"items"`
	Payment Payment `json:"payment"`
	Note *string `json:"note"`
}

// Receipt is a record.
type Receipt struct {
	Order Uint64 `json:"order"`
	Total Float64 `json:"total"`
}

// StockProblem is a record.
type StockProblem struct {
	Message string `json:"message"`
	NonRetryable bool `json:"non_retryable"`
	Left uint32 `json:"left"`
}

// OrderError is one of its fields: the one that is not nil, or true.
type OrderError struct {
	Empty bool
	NotPaid *string
	OutOfStock *StockProblem
}

// MarshalJSON writes the one that is set.
func (v OrderError) MarshalJSON() ([]byte, error) {
	switch {
	case v.Empty:
		return marshalCase("empty", nil)
	case v.NotPaid != nil:
		return marshalCase("not_paid", v.NotPaid)
	case v.OutOfStock != nil:
		return marshalCase("out_of_stock", v.OutOfStock)
	}
	return nil, errors.New("no case of OrderError is set")
}

// UnmarshalJSON reads any of them.
func (v *OrderError) UnmarshalJSON(data []byte) error {
	name, payload, err := unmarshalCase(data)
	if err != nil {
		return err
	}
	_ = payload
	switch name {
	case "empty":
		v.Empty = true
		return nil
	case "not_paid":
		v.NotPaid = new(string)
		return unmarshalPayload(payload, v.NotPaid)
	case "out_of_stock":
		v.OutOfStock = new(StockProblem)
		return unmarshalPayload(payload, v.OutOfStock)
	}
	return errors.New("OrderError has no such case: " + name)
}

// Color is one of these.
type Color string

const (
	ColorRed Color = "red"
	ColorDarkBlue Color = "dark_blue"
)

// Access is the flags that are set.
type Access []AccessFlag

// AccessFlag is one of these.
type AccessFlag string

const (
	AccessFlagRead AccessFlag = "read"
	AccessFlagWriteAll AccessFlag = "write_all"
	AccessFlagRun AccessFlag = "run"
)

// Shape is one of its fields: the one that is not nil, or true.
type Shape struct {
	Point bool
	Circle *Float64
	BoxOf *[2]any
}

// MarshalJSON writes the one that is set.
func (v Shape) MarshalJSON() ([]byte, error) {
	switch {
	case v.Point:
		return marshalCase("point", nil)
	case v.Circle != nil:
		return marshalCase("circle", v.Circle)
	case v.BoxOf != nil:
		return marshalCase("box_of", v.BoxOf)
	}
	return nil, errors.New("no case of Shape is set")
}

// UnmarshalJSON reads any of them.
func (v *Shape) UnmarshalJSON(data []byte) error {
	name, payload, err := unmarshalCase(data)
	if err != nil {
		return err
	}
	_ = payload
	switch name {
	case "point":
		v.Point = true
		return nil
	case "circle":
		v.Circle = new(Float64)
		return unmarshalPayload(payload, v.Circle)
	case "box_of":
		v.BoxOf = new([2]any)
		return unmarshalPayload(payload, v.BoxOf)
	}
	return errors.New("Shape has no such case: " + name)
}

// Everything is a record.
type Everything struct {
	Yes bool `json:"yes"`
	Tiny int8 `json:"tiny"`
	Byte uint8 `json:"byte"`
	Short int16 `json:"short"`
	UnsignedShort uint16 `json:"unsigned_short"`
	Int int32 `json:"int"`
	UnsignedInt uint32 `json:"unsigned_int"`
	Long Int64 `json:"long"`
	UnsignedLong Uint64 `json:"unsigned_long"`
	Single Float64 `json:"single"`
	Double Float64 `json:"double"`
	Letter string `json:"letter"`
	Text string `json:"text"`
	Bytes []byte `json:"bytes"`
	Texts []string `json:"texts"`
	Pair [2]any `json:"pair"`
	Color Color `json:"color"`
	Access Access `json:"access"`
	Shape Shape `json:"shape"`
	Maybe *uint32 `json:"maybe"`
	MaybeMaybe *struct{
	Some *uint32 `json:"some"`
} `json:"maybe_maybe"`
	Outcome Result[uint32, string] `json:"outcome"`
	Bare Result[struct{}, struct{}] `json:"bare"`
	Shapes []*Shape `json:"shapes"`
}

// Wide is a record.
type Wide struct {
	A *string `json:"a"`
	B *string `json:"b"`
	C *string `json:"c"`
	D *string `json:"d"`
	E *string `json:"e"`
	F *string `json:"f"`
	G *string `json:"g"`
	H *string `json:"h"`
	I *string `json:"i"`
	J *string `json:"j"`
	K *string `json:"k"`
	L *string `json:"l"`
}

// Ping executes ping: func(name: string) -> string
func Ping(ctx workflow.Context, name string) (string, error) {
	var result string
	err := workflow.ExecuteActivity(ctx, "ping", name).Get(ctx, &result)
	return result, err
}

// Ship executes acme:shop/orders@1.2.0#ship: func(order: order) -> result<receipt, order-error>
func Ship(ctx workflow.Context, order Order) (Receipt, error) {
	var result Receipt
	err := workflow.ExecuteActivity(ctx, "ship", order).Get(ctx, &result)
	return result, err
}

// RefuseWithText executes acme:shop/orders@1.2.0#refuse-with-text: func(why: string) -> result<_, string>
func RefuseWithText(ctx workflow.Context, why string) error {
	return workflow.ExecuteActivity(ctx, "refuse-with-text", why).Get(ctx, nil)
}

// RefuseWithRecord executes acme:shop/orders@1.2.0#refuse-with-record: func(why: string) -> result<u32, stock-problem>
func RefuseWithRecord(ctx workflow.Context, why string) (uint32, error) {
	var result uint32
	err := workflow.ExecuteActivity(ctx, "refuse-with-record", why).Get(ctx, &result)
	return result, err
}

// Refuse executes acme:shop/orders@1.2.0#refuse: func() -> result
func Refuse(ctx workflow.Context) error {
	return workflow.ExecuteActivity(ctx, "refuse").Get(ctx, nil)
}

// Echo executes acme:shop/every-type@1.2.0#echo: func(it: everything) -> everything
func Echo(ctx workflow.Context, it Everything) (Everything, error) {
	var result Everything
	err := workflow.ExecuteActivity(ctx, "echo", it).Get(ctx, &result)
	return result, err
}

// EchoBytes executes acme:shop/every-type@1.2.0#echo-bytes: func(it: list<u8>) -> list<u8>
func EchoBytes(ctx workflow.Context, it []byte) ([]byte, error) {
	var result []byte
	err := workflow.ExecuteActivity(ctx, "echo-bytes", it).Get(ctx, &result)
	return result, err
}

// EchoMaybe executes acme:shop/every-type@1.2.0#echo-maybe: func(it: option<option<s64>>) -> option<option<s64>>
func EchoMaybe(ctx workflow.Context, it *struct{
	Some *Int64 `json:"some"`
}) (*struct{
	Some *Int64 `json:"some"`
}, error) {
	var result *struct{
	Some *Int64 `json:"some"`
}
	err := workflow.ExecuteActivity(ctx, "echo-maybe", it).Get(ctx, &result)
	return result, err
}

// Concatenate executes acme:shop/every-type@1.2.0#concatenate: func(first: string, second: string, third: option<string>) -> string
func Concatenate(ctx workflow.Context, first string, second string, third *string) (string, error) {
	var result string
	err := workflow.ExecuteActivity(ctx, "concatenate", first, second, third).Get(ctx, &result)
	return result, err
}

// Nothing executes acme:shop/every-type@1.2.0#nothing: func()
func Nothing(ctx workflow.Context) error {
	return workflow.ExecuteActivity(ctx, "nothing").Get(ctx, nil)
}

// ManyBytes executes acme:shop/hostile@1.2.0#many-bytes: func(count: u32) -> list<u8>
func ManyBytes(ctx workflow.Context, count uint32) ([]byte, error) {
	var result []byte
	err := workflow.ExecuteActivity(ctx, "many-bytes", count).Get(ctx, &result)
	return result, err
}

// ManyNumbers executes acme:shop/hostile@1.2.0#many-numbers: func(count: u32) -> list<u64>
func ManyNumbers(ctx workflow.Context, count uint32) ([]Uint64, error) {
	var result []Uint64
	err := workflow.ExecuteActivity(ctx, "many-numbers", count).Get(ctx, &result)
	return result, err
}

// CountWide executes acme:shop/hostile@1.2.0#count-wide: func(all: list<wide>) -> u64
func CountWide(ctx workflow.Context, all []Wide) (Uint64, error) {
	var result Uint64
	err := workflow.ExecuteActivity(ctx, "count-wide", all).Get(ctx, &result)
	return result, err
}

// CountTexts executes acme:shop/hostile@1.2.0#count-texts: func(all: list<list<string>>) -> u64
func CountTexts(ctx workflow.Context, all [][]string) (Uint64, error) {
	var result Uint64
	err := workflow.ExecuteActivity(ctx, "count-texts", all).Get(ctx, &result)
	return result, err
}

// Spin executes acme:shop/hostile@1.2.0#spin: func()
func Spin(ctx workflow.Context) error {
	return workflow.ExecuteActivity(ctx, "spin").Get(ctx, nil)
}

// Trap executes acme:shop/hostile@1.2.0#trap: func()
func Trap(ctx workflow.Context) error {
	return workflow.ExecuteActivity(ctx, "trap").Get(ctx, nil)
}

// Exhaust executes acme:shop/hostile@1.2.0#exhaust: func()
func Exhaust(ctx workflow.Context) error {
	return workflow.ExecuteActivity(ctx, "exhaust").Get(ctx, nil)
}