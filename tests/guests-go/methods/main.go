// The activities of the conformance suite as methods: see tests/it/conformance/README.md.
package main

import (
	"conformance/activities"
	"log"
	"reflect"
	"runtime"
	"strings"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// named is what a function is called in its package.
func named(function any) string {
	full := runtime.FuncForPC(reflect.ValueOf(function).Pointer()).Name()
	return full[strings.LastIndexByte(full, '.')+1:]
}

func main() {
	c, err := client.Dial(client.Options{
		ContextPropagators: []workflow.ContextPropagator{activities.Headers{}},
	})
	if err != nil {
		log.Fatalln(err)
	}
	w := worker.New(c, "conformance", worker.Options{})
	for name, function := range activities.All {
		method := reflect.ValueOf(&Suite{}).MethodByName(named(function))
		w.RegisterActivityWithOptions(method.Interface(), activity.RegisterOptions{Name: name})
	}
	if err := w.Run(worker.InterruptCh()); err != nil {
		log.Fatalln(err)
	}
}
