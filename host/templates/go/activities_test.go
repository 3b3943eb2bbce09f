// Runs activities natively, without a server and without a sandbox.
package main

import (
	"errors"
	"reflect"
	"testing"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
)

var order = Order{ID: "7", Parcels: []string{"tea", "cup"}}

func environment() *testsuite.TestActivityEnvironment {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(ship)
	return env
}

func TestAllParcelsAreSentAndEachIsTold(t *testing.T) {
	env := environment()
	var heartbeats []int
	env.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) {
		var sent int
		if err := details.Get(&sent); err != nil {
			t.Error(err)
		}
		heartbeats = append(heartbeats, sent)
	})
	value, err := env.ExecuteActivity(ship, order)
	if err != nil {
		t.Fatal(err)
	}
	var shipment Shipment
	if err := value.Get(&shipment); err != nil {
		t.Fatal(err)
	}
	if want := (Shipment{Order: "7", Sent: []string{"tea", "cup"}}); !reflect.DeepEqual(shipment, want) {
		t.Errorf("%v instead of %v", shipment, want)
	}
	if len(heartbeats) == 0 {
		t.Error("no heartbeat")
	}
}

func TestAnAttemptGoesOnFromTheLastHeartbeat(t *testing.T) {
	env := environment()
	env.SetHeartbeatDetails(2)
	env.SetOnActivityHeartbeatListener(func(*activity.Info, converter.EncodedValues) {
		t.Error("nothing is left to send")
	})
	if _, err := env.ExecuteActivity(ship, order); err != nil {
		t.Fatal(err)
	}
}

func TestAnOrderWithoutParcelsIsNotTriedAgain(t *testing.T) {
	_, err := environment().ExecuteActivity(ship, Order{ID: "8"})
	var failed *temporal.ApplicationError
	if !errors.As(err, &failed) || failed.Type() != "EmptyOrder" || !failed.NonRetryable() {
		t.Fatal(err)
	}
}
