// Package registry keeps the activities of a component: what is registered, under which names.
package registry

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
)

// RegisterOptions say how activities are registered.
type RegisterOptions struct {
	// Name is the activity's type; of a struct, what the names of its methods begin with.
	Name string
	// DisableAlreadyRegisteredCheck lets a later registration replace an earlier one.
	DisableAlreadyRegisteredCheck bool
	// SkipInvalidStructFunctions leaves out methods that are no activities.
	SkipInvalidStructFunctions bool
}

// DynamicRegisterOptions say how a dynamic activity is registered.
type DynamicRegisterOptions struct{}

// Activity is one activity.
type Activity struct {
	Name      string
	Function  any
	IsDynamic bool
	// place is where it was registered.
	place string
}

// Registry has the activities that were registered, and what is for all of them.
type Registry struct {
	// Converter turns their values into payloads, the default one if it is nil.
	Converter converter.DataConverter
	// Propagators make something of the headers of the caller.
	Propagators []Propagator

	named   map[string]*Activity
	order   []string
	dynamic *Activity
}

// Propagator makes something of the headers of the caller.
type Propagator func(context.Context, map[string]*commonpb.Payload) (context.Context, error)

// Default is the registry of the program.
var Default = New()

// New makes an empty one.
func New() *Registry {
	return &Registry{named: make(map[string]*Activity)}
}

// All returns them in the order of their registration.
func (r *Registry) All() []*Activity {
	all := make([]*Activity, 0, len(r.order)+1)
	for _, name := range r.order {
		all = append(all, r.named[name])
	}
	if r.dynamic != nil {
		all = append(all, r.dynamic)
	}
	return all
}

// Find returns the activity that takes the tasks of a type, or nil.
func (r *Registry) Find(activityType string) *Activity {
	if activity, ok := r.named[activityType]; ok {
		return activity
	}
	return r.dynamic
}

// Register registers a function, or the methods of a struct.
//
// Panics, as Temporal's worker does, for what is no activity and for a name that is taken.
func (r *Registry) Register(activity any, options RegisterOptions) {
	place := callerOutside()
	kind := reflect.TypeOf(activity)
	if kind == nil {
		panic(fmt.Sprintf("%sexpected a func as input but was nil", place))
	}
	if kind.Kind() == reflect.Pointer && kind.Elem().Kind() == reflect.Struct {
		r.registerMethods(activity, options, place)
		return
	}
	name := options.Name
	if name == "" && kind.Kind() == reflect.Func {
		name = FunctionName(activity)
	}
	if err := validate(kind, false); err != nil {
		panic(fmt.Sprintf("%sactivity %s: %v; activities return a result and an error, or an error", place, name, err))
	}
	r.add(&Activity{Name: name, Function: activity, place: place}, options)
}

func (r *Registry) registerMethods(activities any, options RegisterOptions, place string) {
	value := reflect.ValueOf(activities)
	found := 0
	for i := range value.NumMethod() {
		method := value.Type().Method(i)
		if err := validate(value.Method(i).Type(), false); err != nil {
			if options.SkipInvalidStructFunctions {
				continue
			}
			panic(fmt.Sprintf("%smethod %s of %s: %v; RegisterOptions.SkipInvalidStructFunctions leaves it out",
				place, method.Name, value.Type(), err))
		}
		function := value.Method(i).Interface()
		r.add(&Activity{Name: options.Name + method.Name, Function: function, place: place}, options)
		found++
	}
	if found == 0 {
		panic(fmt.Sprintf("%sno activities (public methods) found at %v structure", place, value.Type()))
	}
}

func (r *Registry) add(activity *Activity, options RegisterOptions) {
	before, isTaken := r.named[activity.Name]
	if isTaken && !options.DisableAlreadyRegisteredCheck {
		panic(fmt.Sprintf("%sactivity type %q is already registered, at %s"+
			"give one of them another name with RegisterOptions.Name", activity.place, activity.Name, before.place))
	}
	if !isTaken {
		r.order = append(r.order, activity.Name)
	}
	r.named[activity.Name] = activity
}

// RegisterDynamic registers the activity that takes the tasks of every type that no other takes.
//
// Panics for what is no such activity, and for a second one.
func (r *Registry) RegisterDynamic(activity any, _ DynamicRegisterOptions) {
	place := callerOutside()
	kind := reflect.TypeOf(activity)
	if kind == nil {
		panic(fmt.Sprintf("%sexpected a func as input but was nil", place))
	}
	if err := validate(kind, true); err != nil {
		panic(fmt.Sprintf("%sdynamic activity: %v", place, err))
	}
	if r.dynamic != nil {
		panic(fmt.Sprintf("%sa dynamic activity is already registered, at %sa component has one at most",
			place, r.dynamic.place))
	}
	r.dynamic = &Activity{Function: activity, IsDynamic: true, place: place}
}

// TakesContext tells whether a function's first argument is a context.
func TakesContext(function reflect.Type) bool {
	return 0 < function.NumIn() && function.In(0).Implements(reflect.TypeFor[context.Context]())
}

// FunctionName is what the activity of a function is called: its own name, without its package and receiver.
func FunctionName(function any) string {
	full := runtime.FuncForPC(reflect.ValueOf(function).Pointer()).Name()
	// "…/package.Function[...]" for a generic one, "…/package.(*Type).Method-fm" for a method that is bound to its
	// receiver.
	full, _, _ = strings.Cut(full, "[")
	return strings.TrimSuffix(full[strings.LastIndexByte(full, '.')+1:], "-fm")
}

// validate tells why a function is no activity.
func validate(function reflect.Type, isDynamic bool) error {
	if function.Kind() != reflect.Func {
		return fmt.Errorf("expected a func as input but was %s", function.Kind())
	}
	if isDynamic {
		given := function.NumIn()
		if given != 2 || !TakesContext(function) || function.In(1) != reflect.TypeFor[converter.EncodedValues]() {
			return fmt.Errorf("expected the arguments (context.Context, converter.EncodedValues), found %s", function)
		}
	}
	if function.NumOut() < 1 || 2 < function.NumOut() {
		return fmt.Errorf("expected function to return result, error or just error, but found %d return values",
			function.NumOut())
	}
	if last := function.Out(function.NumOut() - 1); !last.Implements(reflect.TypeFor[error]()) {
		return fmt.Errorf("expected function second return value to return error but found %v", last.Kind())
	}
	if function.NumOut() == 2 {
		switch result := function.Out(0).Kind(); result {
		case reflect.Func, reflect.Chan, reflect.UnsafePointer:
			return fmt.Errorf("expected function first return value to return valid type but found: %v", result)
		}
	}
	return nil
}

// callerOutside is the place in the program that called this package, as text before a message.
func callerOutside() string {
	var callers [16]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers[:])])
	for {
		frame, more := frames.Next()
		if !isOurs(frame.Function) {
			return fmt.Sprintf("%s:%d: ", frame.File, frame.Line)
		}
		if !more {
			return ""
		}
	}
}

// isOurs tells whether a function is one that registers on behalf of the program.
func isOurs(function string) bool {
	for _, own := range []string{"internal/registry.", "worker.", "testsuite."} {
		if strings.HasPrefix(function, "go.temporal.io/sdk/"+own) {
			return true
		}
	}
	return false
}
