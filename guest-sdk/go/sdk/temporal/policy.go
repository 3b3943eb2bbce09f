package temporal

import "go.temporal.io/sdk/internal/host"

type (
	// RetryPolicy says how the server tries again.
	RetryPolicy = host.RetryPolicy
	// Priority orders tasks in their queue. What was not set is zero.
	Priority = host.Priority
)
