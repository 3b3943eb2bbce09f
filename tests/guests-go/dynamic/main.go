// The dynamic component of the conformance suite: see tests/it/conformance/README.md.
package main

import (
	"context"
	"fmt"
	"log"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/worker"
)

func anything(ctx context.Context, arguments converter.EncodedValues) (string, error) {
	name := activity.GetInfo(ctx).ActivityType.Name
	if name == "sum" {
		var a, b int64
		if err := arguments.Get(&a, &b); err != nil {
			return "", err
		}
		return fmt.Sprintf("sum is %d", a+b), nil
	}
	return fmt.Sprintf("%s with %d arguments", name, len(converter.GetPayloads(arguments).GetPayloads())), nil
}

func main() {
	c, err := client.Dial(client.Options{})
	if err != nil {
		log.Fatalln(err)
	}
	w := worker.New(c, "dynamic", worker.Options{})
	w.RegisterDynamicActivity(anything, activity.DynamicRegisterOptions{})
	if err := w.Run(worker.InterruptCh()); err != nil {
		log.Fatalln(err)
	}
}
