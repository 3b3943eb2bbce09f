package main

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
)

type Order struct {
	ID      string   `json:"id"`
	Parcels []string `json:"parcels"`
}

type Shipment struct {
	Order string   `json:"order"`
	Sent  []string `json:"sent"`
}

// ship sends the parcels of an order, one after the other.
func ship(ctx context.Context, order Order) (*Shipment, error) {
	if len(order.Parcels) == 0 {
		message := fmt.Sprintf("order %s has no parcels", order.ID)
		return nil, temporal.NewNonRetryableApplicationError(message, "EmptyOrder", nil, order.ID)
	}
	// What the last heartbeat of the attempt before said: an attempt goes on from there.
	sent := 0
	if activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &sent); err != nil {
			return nil, err
		}
	}
	for sent < len(order.Parcels) {
		if err := send(ctx, order.Parcels[sent]); err != nil {
			// What is to be cleaned up at a cancellation is cleaned up here.
			activity.GetLogger(ctx).Warn("not sent", "order", order.ID, "sent", sent, "error", err)
			return nil, err
		}
		sent++
		activity.RecordHeartbeat(ctx, sent)
	}
	return &Shipment{Order: order.ID, Sent: order.Parcels}, nil
}

// send stands for a request to a carrier. A cancellation ends it.
func send(ctx context.Context, parcel string) error {
	select {
	case <-time.After(500 * time.Millisecond):
		activity.GetLogger(ctx).Info("sent", "parcel", parcel)
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
