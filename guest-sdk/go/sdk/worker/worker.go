// Package worker is where a program registers its activities. In a component it makes them the component's; the worker
// itself is Isolet.
package worker

import (
	"errors"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/internal/failure"
	"go.temporal.io/sdk/internal/registry"
	"go.temporal.io/sdk/workflow"
)

// ErrWorkerShutdown is the cause of the context of an activity whose worker's grace has passed.
var ErrWorkerShutdown = failure.ErrWorkerShutdown

// Options are what a worker of one's own is told. Isolet has options of its own: what is set here has no effect.
type Options struct {
	MaxConcurrentActivityExecutionSize      int
	WorkerActivitiesPerSecond               float64
	MaxConcurrentLocalActivityExecutionSize int
	WorkerLocalActivitiesPerSecond          float64
	TaskQueueActivitiesPerSecond            float64
	MaxConcurrentActivityTaskPollers        int
	MaxConcurrentWorkflowTaskExecutionSize  int
	MaxConcurrentWorkflowTaskPollers        int
	EnableLoggingInReplay                   bool
	StickyScheduleToStartTimeout            time.Duration
	WorkerStopTimeout                       time.Duration
	EnableSessionWorker                     bool
	LocalActivityWorkerOnly                 bool
	DisableWorkflowWorker                   bool
	DisableEagerActivities                  bool
	DisableRegistrationAliasing             bool
	DefaultHeartbeatThrottleInterval        time.Duration
	MaxHeartbeatThrottleInterval            time.Duration
	DeadlockDetectionTimeout                time.Duration
	BuildID                                 string
	Identity                                string
	OnFatalError                            func(error)
}

// Registry takes activities, and leaves workflows to workers of their own.
type Registry interface {
	ActivityRegistry
	RegisterWorkflow(w any)
	RegisterWorkflowWithOptions(w any, options workflow.RegisterOptions)
}

// ActivityRegistry takes activities.
type ActivityRegistry interface {
	RegisterActivity(a any)
	RegisterActivityWithOptions(a any, options activity.RegisterOptions)
	RegisterDynamicActivity(a any, options activity.DynamicRegisterOptions)
}

// Worker is a registry that can be run.
type Worker interface {
	Registry
	Start() error
	Run(interruptCh <-chan any) error
	Stop()
}

// New makes a worker. The activities of all workers of a program are the component's, whatever their task queues.
func New(c client.Client, _ string, _ Options) Worker {
	options := client.OptionsOf(c)
	registry.Default.Converter = options.DataConverter
	for _, propagator := range options.ContextPropagators {
		registry.Default.Propagators = append(registry.Default.Propagators, propagate(propagator))
	}
	return theWorker{}
}

// InterruptCh returns a channel for Run. Nothing is sent on it.
func InterruptCh() <-chan any {
	return make(chan any)
}

type theWorker struct{}

func (theWorker) RegisterActivity(a any) {
	registry.Default.Register(a, registry.RegisterOptions{})
}

func (theWorker) RegisterActivityWithOptions(a any, options activity.RegisterOptions) {
	registry.Default.Register(a, options)
}

func (theWorker) RegisterDynamicActivity(a any, options activity.DynamicRegisterOptions) {
	registry.Default.RegisterDynamic(a, options)
}

// RegisterWorkflow does nothing: workflows run elsewhere.
func (theWorker) RegisterWorkflow(any) {}

// RegisterWorkflowWithOptions does nothing: workflows run elsewhere.
func (theWorker) RegisterWorkflowWithOptions(any, workflow.RegisterOptions) {}

func (theWorker) Start() error { return start() }

func (theWorker) Run(<-chan any) error { return start() }

func (theWorker) Stop() {}

// start tells who runs the program as it is that it is meant to be a component.
func start() error {
	if isComponent {
		return nil
	}
	return errors.New("this program becomes a component: run it with `isolet dev`, or build it with `isolet build`; " +
		"with Temporal's own go.temporal.io/sdk instead of Isolet's, it is a worker")
}
