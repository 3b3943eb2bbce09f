package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
)

// Resumed is what a later attempt was given.
type Resumed struct {
	Attempt int32 `json:"attempt"`
	Details *int  `json:"details"`
}

func resumed(ctx context.Context) (*Resumed, error) {
	resumed := Resumed{Attempt: activity.GetInfo(ctx).Attempt}
	if activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &resumed.Details); err != nil {
			return nil, err
		}
	}
	return &resumed, nil
}

func HeartbeatThenFail(ctx context.Context, count int, pauseMs *int64) (*Resumed, error) {
	if 1 < activity.GetInfo(ctx).Attempt {
		return resumed(ctx)
	}
	for beat := range count {
		activity.RecordHeartbeat(ctx, beat+1)
		if pauseMs != nil {
			time.Sleep(delay(pauseMs))
		}
	}
	return nil, errors.New("first attempt")
}

func HeartbeatThenHang(ctx context.Context, count int) (*Resumed, error) {
	if 1 < activity.GetInfo(ctx).Attempt {
		return resumed(ctx)
	}
	for beat := range count {
		activity.RecordHeartbeat(ctx, beat+1)
	}
	for {
	}
}

func HeartbeatDetails(ctx context.Context, kind string) ([]any, error) {
	if activity.GetInfo(ctx).Attempt == 1 {
		switch kind {
		case "several":
			activity.RecordHeartbeat(ctx, nil, 1, "a")
		case "unreadable":
			encoding := map[string][]byte{converter.MetadataEncoding: []byte("nobody/knows")}
			payload := &commonpb.Payload{Metadata: encoding, Data: []byte("?")}
			activity.RecordHeartbeat(ctx, converter.NewRawValue(payload))
		default:
			activity.RecordHeartbeat(ctx)
		}
		return nil, errors.New("first attempt")
	}
	if !activity.HasHeartbeatDetails(ctx) {
		return []any{}, nil
	}
	details := make([]any, 3)
	err := activity.GetHeartbeatDetails(ctx, &details[0], &details[1], &details[2])
	return details, err
}

func HeartbeatUnencodable(ctx context.Context) error {
	activity.RecordHeartbeat(ctx, func() {})
	return sleep(ctx, time.Minute)
}

func HeartbeatUnencodableReturned(ctx context.Context) (string, error) {
	activity.RecordHeartbeat(ctx, func() {})
	return "returned", nil
}

func HeartbeatUnencodableCaught(ctx context.Context) (told string, err error) {
	defer func() { told = fmt.Sprint("panicked: ", recover()) }()
	activity.RecordHeartbeat(ctx, func() {})
	return "", nil
}

func SleepWithHeartbeats(ctx context.Context, totalMs, everyMs int64) (int64, error) {
	steps := totalMs / everyMs
	for step := range steps {
		if err := sleep(ctx, time.Duration(everyMs)*time.Millisecond); err != nil {
			return 0, err
		}
		activity.RecordHeartbeat(ctx, step+1)
	}
	return steps, nil
}

// sleep sleeps until the time has passed or the context has ended.
func sleep(ctx context.Context, duration time.Duration) error {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
