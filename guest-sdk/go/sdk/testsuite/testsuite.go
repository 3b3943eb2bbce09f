// Package testsuite runs activities in plain tests, without a component and without a server.
package testsuite

import (
	"errors"
	"fmt"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/internal/attempt"
	"go.temporal.io/sdk/internal/failure"
	"go.temporal.io/sdk/internal/host"
	"go.temporal.io/sdk/internal/registry"
	"go.temporal.io/sdk/log"
)

// WorkflowTestSuite makes environments for tests.
type WorkflowTestSuite struct {
	logger log.Logger
}

// SetLogger sets what takes the log lines of activities. Without it they are dropped.
func (s *WorkflowTestSuite) SetLogger(logger log.Logger) { s.logger = logger }

// NewTestActivityEnvironment makes an environment for activities.
func (s *WorkflowTestSuite) NewTestActivityEnvironment() *TestActivityEnvironment {
	return &TestActivityEnvironment{
		registry:  registry.New(),
		converter: converter.GetDefaultDataConverter(),
		host:      fake{logger: s.logger},
	}
}

// TestActivityEnvironment runs activities.
type TestActivityEnvironment struct {
	registry  *registry.Registry
	converter converter.DataConverter
	host      fake
	header    *commonpb.Header
	details   []*commonpb.Payload
}

// RegisterActivity registers a function, or the methods of a struct.
func (t *TestActivityEnvironment) RegisterActivity(a any) {
	t.registry.Register(a, registry.RegisterOptions{})
}

// RegisterActivityWithOptions does so under another name.
func (t *TestActivityEnvironment) RegisterActivityWithOptions(a any, options activity.RegisterOptions) {
	t.registry.Register(a, options)
}

// SetDataConverter sets what turns values into payloads.
func (t *TestActivityEnvironment) SetDataConverter(dc converter.DataConverter) *TestActivityEnvironment {
	t.converter = dc
	return t
}

// SetHeader sets what interceptors of the caller would have set.
func (t *TestActivityEnvironment) SetHeader(header *commonpb.Header) { t.header = header }

// SetTestTimeout does nothing: an activity is waited for as long as the test runs.
func (t *TestActivityEnvironment) SetTestTimeout(time.Duration) *TestActivityEnvironment { return t }

// SetHeartbeatDetails sets what the attempt before has left.
//
// Panics when it has no encoding.
func (t *TestActivityEnvironment) SetHeartbeatDetails(details any) {
	payloads, err := t.converter.ToPayloads(details)
	if err != nil {
		panic(err)
	}
	t.details = payloads.GetPayloads()
}

// SetWorkerStopChannel sets what is closed when the worker begins to shut down.
func (t *TestActivityEnvironment) SetWorkerStopChannel(stopped chan struct{}) {
	t.host.stopped = stopped
}

// SetOnActivityHeartbeatListener sets what hears of heartbeats.
func (t *TestActivityEnvironment) SetOnActivityHeartbeatListener(
	listener func(activityInfo *activity.Info, details converter.EncodedValues),
) *TestActivityEnvironment {
	t.host.heard = func(details []*commonpb.Payload) {
		info := activity.GetInfo(attempt.New(&t.host, t.info(""), t.converter).Context())
		listener(&info, failure.NewEncoded(details, t.converter))
	}
	return t
}

// ExecuteActivity runs an activity, by name or by its function, and returns its result, or its error as a workflow would
// see it.
func (t *TestActivityEnvironment) ExecuteActivity(activityFn any, args ...any) (converter.EncodedValue, error) {
	name, isName := activityFn.(string)
	if !isName {
		name = registry.FunctionName(activityFn)
	}
	found := t.registry.Find(name)
	if found == nil {
		return nil, fmt.Errorf("activity %q is not registered with the TestActivityEnvironment", name)
	}
	input, err := t.converter.ToPayloads(args...)
	if err != nil {
		return nil, err
	}
	info := t.info(name)
	running := attempt.New(&t.host, info, t.converter)
	switch outcome := running.Run(running.Context(), found, input.GetPayloads()).(type) {
	case attempt.Completed:
		return failure.NewEncodedValue(outcome.Result, t.converter), nil
	case attempt.Failed:
		cause := failure.FromChain(outcome.Chain, t.converter)
		return nil, failure.NewActivityError(name, info.ActivityID, "", cause)
	case attempt.Cancelled:
		details := []any{failure.NewEncoded(outcome.Details, t.converter)}
		return nil, failure.NewCanceledError(failure.CanceledErrorOptions{Details: details})
	case attempt.WillCompleteAsync:
		return nil, activity.ErrResultPending
	}
	return nil, errors.New("the activity has no outcome")
}

func (t *TestActivityEnvironment) info(activityType string) host.ActivityInfo {
	now := time.Now()
	return host.ActivityInfo{
		ActivityID: "0", ActivityType: activityType, Attempt: 1, Namespace: "default", TaskQueue: "default-test-taskqueue",
		TaskToken: []byte("test-task-token"),
		Workflow: &host.WorkflowExecution{
			Namespace: "default", WorkflowID: "default-test-workflow-id", RunID: "default-test-run-id",
			WorkflowType: "workflow-type-not-specified",
		},
		ScheduledTime: now, CurrentAttemptScheduledTime: now, StartedTime: now,
		StartToCloseTimeout: 10 * time.Minute, Deadline: now.Add(10 * time.Minute),
		HeartbeatDetails: t.details, Headers: t.header.GetFields(),
	}
}
