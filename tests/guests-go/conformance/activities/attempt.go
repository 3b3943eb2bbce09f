package activities

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Headers keeps the headers in the context.
type Headers struct{}

type headersKey struct{}

func (Headers) Inject(context.Context, workflow.HeaderWriter) error { return nil }

func (Headers) Extract(ctx context.Context, headers workflow.HeaderReader) (context.Context, error) {
	kept := map[string]string{}
	err := headers.ForEachKey(func(name string, value *commonpb.Payload) error {
		kept[name] = string(value.GetData())
		return nil
	})
	return context.WithValue(ctx, headersKey{}, kept), err
}

func (Headers) InjectFromWorkflow(workflow.Context, workflow.HeaderWriter) error { return nil }

func (Headers) ExtractToWorkflow(ctx workflow.Context, _ workflow.HeaderReader) (workflow.Context, error) {
	return ctx, nil
}

// orNull is nil for what was not set.
func orNull[T comparable](value T) any {
	var zero T
	if value == zero {
		return nil
	}
	return value
}

// number is shown with a fraction, as other languages show it.
type number float64

func (n number) MarshalJSON() ([]byte, error) {
	text := strconv.FormatFloat(float64(n), 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return []byte(text), nil
}

func secondsOf(duration time.Duration) any { return orNull(number(duration.Seconds())) }

func sinceEpoch(moment time.Time) any {
	if moment.IsZero() {
		return nil
	}
	return number(float64(moment.UnixNano()) / 1e9)
}

func numbers(bytes []byte) []int {
	numbers := make([]int, len(bytes))
	for i, each := range bytes {
		numbers[i] = int(each)
	}
	return numbers
}

func retryPolicy(policy *temporal.RetryPolicy) any {
	if policy == nil {
		return nil
	}
	return map[string]any{
		"initial_interval":          secondsOf(policy.InitialInterval),
		"backoff_coefficient":       number(policy.BackoffCoefficient),
		"maximum_interval":          secondsOf(policy.MaximumInterval),
		"maximum_attempts":          policy.MaximumAttempts,
		"non_retryable_error_types": append([]string{}, policy.NonRetryableErrorTypes...),
	}
}

func callingWorkflow(info activity.Info) any {
	if !info.IsWorkflowActivity() {
		return nil
	}
	return map[string]string{
		"namespace":     info.WorkflowNamespace,
		"workflow_id":   info.WorkflowExecution.ID,
		"run_id":        info.WorkflowExecution.RunID,
		"workflow_type": info.WorkflowType.Name,
	}
}

func heartbeatDetails(ctx context.Context) []string {
	details := []string{}
	if activity.HasHeartbeatDetails(ctx) {
		var detail converter.RawValue
		if activity.GetHeartbeatDetails(ctx, &detail) == nil {
			details = append(details, string(detail.Payload().GetData()))
		}
	}
	return details
}

func Info(ctx context.Context) (map[string]any, error) {
	info := activity.GetInfo(ctx)
	return map[string]any{
		"activity_id":                    info.ActivityID,
		"activity_run_id":                orNull(info.ActivityRunID),
		"activity_type":                  info.ActivityType.Name,
		"attempt":                        info.Attempt,
		"namespace":                      info.Namespace,
		"task_queue":                     info.TaskQueue,
		"task_token":                     numbers(info.TaskToken),
		"workflow":                       callingWorkflow(info),
		"is_local":                       info.IsLocalActivity,
		"scheduled_time":                 sinceEpoch(info.ScheduledTime),
		"current_attempt_scheduled_time": sinceEpoch(info.CurrentAttemptScheduledTime),
		"started_time":                   sinceEpoch(info.StartedTime),
		"schedule_to_close_timeout":      secondsOf(info.ScheduleToCloseTimeout),
		"start_to_close_timeout":         secondsOf(info.StartToCloseTimeout),
		"heartbeat_timeout":              secondsOf(info.HeartbeatTimeout),
		"deadline":                       sinceEpoch(info.Deadline),
		"heartbeat_details":              heartbeatDetails(ctx),
		"retry_policy":                   retryPolicy(info.RetryPolicy),
		"priority": map[string]any{
			"priority_key":    orNull(info.Priority.PriorityKey),
			"fairness_key":    orNull(info.Priority.FairnessKey),
			"fairness_weight": orNull(info.Priority.FairnessWeight),
		},
		"headers": ctx.Value(headersKey{}),
	}, nil
}

// IdempotencyKey makes the key as docs/http.md says: Temporal's package has no place for it.
func IdempotencyKey(ctx context.Context) ([]any, error) {
	info := activity.GetInfo(ctx)
	parts := []string{"activity", info.Namespace, info.ActivityID, info.ActivityRunID}
	told := []any{nil, info.ActivityRunID}
	if info.IsWorkflowActivity() {
		by := info.WorkflowExecution
		parts = []string{"workflow", info.Namespace, by.ID, by.RunID, info.ActivityID}
		told = []any{by.ID, by.RunID}
	}
	hash := sha256.New()
	for _, part := range append([]string{"isolet activity idempotency key 1"}, parts...) {
		_ = binary.Write(hash, binary.BigEndian, uint64(len(part)))
		hash.Write([]byte(part))
	}
	return append([]any{hex.EncodeToString(hash.Sum(nil))}, told...), nil
}

// levelTrace is below the standard library's levels.
const levelTrace = slog.LevelDebug - 4

func LogLines(ctx context.Context, text string) error {
	logger := activity.GetLogger(ctx)
	fields := []any{"text", text, "number", 42, "activity_id", "forged"}
	slog.Log(ctx, levelTrace, "trace line", fields...)
	logger.Debug("debug line", fields...)
	logger.Info("info line", fields...)
	logger.Warn("warn line", fields...)
	slog.Error("error line", fields...)
	fmt.Println("output line")
	fmt.Fprintln(os.Stderr, "error output line")
	return nil
}

func CompleteAsync(ctx context.Context) error {
	token := numbers(activity.GetInfo(ctx).TaskToken)
	activity.GetLogger(ctx).Info("completing elsewhere", "task_token", token)
	return activity.ErrResultPending
}

func OutsideOfActivities() (seen []string, err error) {
	seen = append(seen, fmt.Sprint("in_activity: ", activity.IsActivity(context.Background())))
	defer func() { seen = append(seen, fmt.Sprint(recover())) }()
	activity.GetInfo(context.Background())
	return seen, nil
}

// Measure measures with each kind of instrument that Temporal's package has.
func Measure(ctx context.Context, prefix string) error {
	handler := activity.GetMetricsHandler(ctx)
	spoofed := handler.WithTags(map[string]string{"namespace": "other", "task-queue": "other", "tenant": "other"})
	spoofed.Counter(prefix + "_counter").Inc(5)
	spoofed.WithTags(map[string]string{"text": `a "b"`}).Counter(prefix + "_counter").Inc(1)
	handler.Counter(prefix + "_counter").Inc(4)
	spoofed.Gauge(prefix + "_gauge").Update(-0.25)
	spoofed.Timer(prefix + "_latency").Record(1500 * time.Millisecond)
	return nil
}
