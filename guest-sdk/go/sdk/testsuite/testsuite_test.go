package testsuite_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
)

func greet(name string) (string, error) { return "Hello, " + name + "!", nil }

type counting struct{ step int }

func (c *counting) Count(ctx context.Context, to *int) (int, error) {
	activity.RecordHeartbeat(ctx, c.step, "a")
	if to == nil {
		return -1, nil
	}
	return *to + c.step, nil
}

func parse(text string) (int, error) {
	number, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("failed to parse: %w", err)
	}
	return number, nil
}

func panics() error { panic("no more tea") }

func refuses(ctx context.Context) error {
	return temporal.NewNonRetryableApplicationError("refused", "Refused", errors.New("because"), "why", 42)
}

func environment() *testsuite.TestActivityEnvironment {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	for _, each := range []any{greet, &counting{step: 2}, parse, panics, refuses} {
		env.RegisterActivity(each)
	}
	return env
}

func TestResult(t *testing.T) {
	value, err := environment().ExecuteActivity(greet, "Ada")
	var greeting string
	if err != nil || value.Get(&greeting) != nil || greeting != "Hello, Ada!" {
		t.Fatal(value, err)
	}
}

func TestMethodAndHeartbeat(t *testing.T) {
	env := environment()
	var heard []string
	env.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) {
		var step int
		var text string
		if err := details.Get(&step, &text); err != nil {
			t.Error(err)
		}
		heard = append(heard, fmt.Sprint(step, text))
	})
	for _, arguments := range [][]any{{40}, {}} {
		value, err := env.ExecuteActivity("Count", arguments...)
		var counted int
		if err != nil || value.Get(&counted) != nil {
			t.Fatal(err)
		}
		if want := map[int]int{1: 42, 0: -1}[len(arguments)]; counted != want {
			t.Errorf("%v counted to %d", arguments, counted)
		}
	}
	if strings.Join(heard, ",") != "2a,2a" {
		t.Error(heard)
	}
}

func TestErrors(t *testing.T) {
	cases := []struct {
		activity  any
		arguments []any
		want      string
	}{
		{parse, []any{"x"}, `wrapError: failed to parse: strconv.Atoi: parsing "x": invalid syntax`},
		{greet, []any{7}, "wrapError: unable to decode the activity function input payload with error: payload item 0: " +
			"unable to decode: json: cannot unmarshal number into Go value of type string for function name: greet"},
		{refuses, nil, "Refused: refused"},
	}
	for _, each := range cases {
		_, err := environment().ExecuteActivity(each.activity, each.arguments...)
		var failed *temporal.ApplicationError
		if !errors.As(err, &failed) {
			t.Errorf("%v is no application error", err)
			continue
		}
		if told := failed.Type() + ": " + failed.Message(); told != each.want {
			t.Errorf("%q instead of %q", told, each.want)
		}
	}
}

func TestPanic(t *testing.T) {
	_, err := environment().ExecuteActivity(panics)
	var panicked *temporal.PanicError
	if !errors.As(err, &panicked) || panicked.Error() != "no more tea" {
		t.Fatal(err)
	}
	if !strings.Contains(panicked.StackTrace(), "testsuite_test.panics") {
		t.Error(panicked.StackTrace())
	}
}

func TestDetails(t *testing.T) {
	_, err := environment().ExecuteActivity(refuses)
	var failed *temporal.ApplicationError
	var why string
	var number int
	if !errors.As(err, &failed) || failed.Details(&why, &number) != nil || why != "why" || number != 42 {
		t.Fatal(err)
	}
	if !failed.NonRetryable() || errors.Unwrap(failed) == nil {
		t.Error(failed)
	}
}

func TestRegistration(t *testing.T) {
	cases := []struct {
		register func(*testsuite.TestActivityEnvironment)
		want     string
	}{
		{func(env *testsuite.TestActivityEnvironment) { env.RegisterActivity(greet) }, `"greet" is already registered, at`},
		{func(env *testsuite.TestActivityEnvironment) { env.RegisterActivity(func() {}) }, "found 0 return values"},
		{func(env *testsuite.TestActivityEnvironment) { env.RegisterActivity(func() int { return 0 }) }, "return error"},
		{func(env *testsuite.TestActivityEnvironment) { env.RegisterActivity(7) }, "expected a func as input but was int"},
		{func(env *testsuite.TestActivityEnvironment) { env.RegisterActivity(nil) }, "was nil"},
		{func(env *testsuite.TestActivityEnvironment) { env.RegisterActivity(&struct{}{}) }, "no activities"},
	}
	for _, each := range cases {
		func() {
			defer func() {
				told := fmt.Sprint(recover())
				if !strings.Contains(told, each.want) || !strings.Contains(told, "testsuite_test.go:") {
					t.Errorf("%q instead of %q", told, each.want)
				}
			}()
			each.register(environment())
		}()
	}
}
