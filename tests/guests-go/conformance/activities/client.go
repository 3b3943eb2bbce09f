package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

// explained tells an error as the suite wants it told.
func explained(err error) string {
	var denied *serviceerror.PermissionDenied
	var missing *serviceerror.NotFound
	var failed *temporal.ApplicationError
	switch {
	case errors.As(err, &denied):
		return denied.Message
	case errors.As(err, &missing):
		return "not found"
	case temporal.IsCanceledError(err):
		return "Cancelled: " + err.Error()
	case temporal.IsTerminatedError(err):
		return "Terminated: " + err.Error()
	case errors.As(err, &failed):
		return failed.Type() + ": " + failed.Message()
	}
	return fmt.Sprintf("status: %v", err)
}

func ClientExecuteActivity(ctx context.Context, activityType, activityID string, arguments []any) (map[string]any, error) {
	handle, err := activity.GetClient(ctx).ExecuteActivity(ctx, client.StartActivityOptions{
		ID: activityID, TaskQueue: activity.GetInfo(ctx).TaskQueue, StartToCloseTimeout: 20 * time.Second,
		RetryPolicy: &temporal.RetryPolicy{BackoffCoefficient: 1, MaximumAttempts: 1},
	}, activityType, arguments...)
	if err != nil {
		return nil, err
	}
	described, err := handle.Describe(ctx, client.DescribeActivityOptions{})
	if err != nil {
		return nil, err
	}
	var result any
	if err := handle.Get(ctx, &result); err != nil {
		result = explained(err)
	}
	return map[string]any{"type": described.ActivityType, "result": result}, nil
}

func ClientStopActivity(ctx context.Context, how, activityID string) (string, error) {
	handle, err := activity.GetClient(ctx).ExecuteActivity(ctx, client.StartActivityOptions{
		// Nobody serves the queue, so it does not begin.
		ID: activityID, TaskQueue: "nobody's", ScheduleToCloseTimeout: 20 * time.Second,
	}, "any")
	if err != nil {
		return "", err
	}
	if how == "cancel" {
		err = handle.Cancel(ctx, client.CancelActivityOptions{Reason: "enough"})
	} else {
		err = handle.Terminate(ctx, client.TerminateActivityOptions{Reason: "enough"})
	}
	if err != nil {
		return "", err
	}
	return explained(handle.Get(ctx, nil)), nil
}

func ClientCompleteByID(ctx context.Context, how, workflowID, activityID string) error {
	asker := activity.GetClient(ctx)
	complete := func(result any, failed error) error {
		if workflowID == "" {
			return asker.CompleteActivityByActivityID(ctx, "", activityID, "", result, failed)
		}
		return asker.CompleteActivityByID(ctx, "", workflowID, "", activityID, result, failed)
	}
	switch how {
	case "fail":
		return complete(nil, temporal.NewApplicationError("not today", "Refused"))
	case "heartbeat":
		err := asker.RecordActivityHeartbeatByID(ctx, "", workflowID, "", activityID, 1)
		return complete(fmt.Sprint("heartbeat: ", err), nil)
	}
	return complete("by id", nil)
}

func ClientCompleteByToken(ctx context.Context, token []int) error {
	bytes := make([]byte, len(token))
	for i, each := range token {
		bytes[i] = byte(each)
	}
	return activity.GetClient(ctx).CompleteActivity(ctx, bytes, "by token", nil)
}

func ClientTellToken(ctx context.Context) error {
	activity.GetLogger(ctx).Info("token", "token", numbers(activity.GetInfo(ctx).TaskToken))
	return activity.ErrResultPending
}

func ClientDescribe(ctx context.Context, workflowID string, _ *string) (string, error) {
	described, err := activity.GetClient(ctx).DescribeWorkflow(ctx, workflowID, "")
	if err != nil {
		return explained(err), nil
	}
	return described.Status.String(), nil
}
