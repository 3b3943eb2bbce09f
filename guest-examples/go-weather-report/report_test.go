package main

import (
	"errors"
	"os"
	"testing"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
)

func environment() *testsuite.TestActivityEnvironment {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(WeatherReport)
	return env
}

func report(t *testing.T, env *testsuite.TestActivityEnvironment, table []byte) Report {
	t.Helper()
	value, err := env.ExecuteActivity(WeatherReport, table)
	if err != nil {
		t.Fatal(err)
	}
	var report Report
	if err := value.Get(&report); err != nil {
		t.Fatal(err)
	}
	return report
}

func weather(t *testing.T) []byte {
	t.Helper()
	table, err := os.ReadFile("../rust-csv-report/data/weather.csv")
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestEveryRowCounts(t *testing.T) {
	env := environment()
	heartbeats := 0
	env.SetOnActivityHeartbeatListener(func(*activity.Info, converter.EncodedValues) { heartbeats++ })
	whole := report(t, env, weather(t))
	days := 0
	for _, place := range whole.Places {
		for _, each := range place.Days {
			days += each
		}
	}
	if whole.Rows != 2922 || days != whole.Rows || len(whole.Places) != 2 || heartbeats != 11 {
		t.Errorf("%d rows, %d days, %d places, %d heartbeats", whole.Rows, days, len(whole.Places), heartbeats)
	}
}

func TestAnAttemptGoesOnFromTheLastHeartbeat(t *testing.T) {
	env := environment()
	env.SetHeartbeatDetails(Progress{Rows: 2921, Places: map[string]*Place{}})
	rest := report(t, env, weather(t))
	if rest.Rows != 2922 || rest.ResumedAfterRow != 2921 || len(rest.Places) != 1 {
		t.Errorf("%+v", rest)
	}
}

func TestATableWithoutTheColumnsIsNotTriedAgain(t *testing.T) {
	for _, table := range []string{"", "a,b\n1,2\n", "location,date,weather,temp_max\nhere,today,sun,warm\n"} {
		_, err := environment().ExecuteActivity(WeatherReport, []byte(table))
		var failed *temporal.ApplicationError
		if !errors.As(err, &failed) || failed.Type() != "InvalidTable" || !failed.NonRetryable() {
			t.Errorf("%q: %v", table, err)
		}
	}
}
