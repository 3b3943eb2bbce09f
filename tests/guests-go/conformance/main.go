// The activities of the conformance suite as functions: see tests/it/conformance/README.md.
package main

import (
	"conformance/activities"
	"log"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

func main() {
	c, err := client.Dial(client.Options{
		ContextPropagators: []workflow.ContextPropagator{activities.Headers{}},
	})
	if err != nil {
		log.Fatalln(err)
	}
	w := worker.New(c, "conformance", worker.Options{})
	for name, function := range activities.All {
		w.RegisterActivityWithOptions(function, activity.RegisterOptions{Name: name})
	}
	if err := w.Run(worker.InterruptCh()); err != nil {
		log.Fatalln(err)
	}
}
