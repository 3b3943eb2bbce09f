// Package enums has what of Temporal's enumerations activities meet, with the numbers that the server knows.
package enums

// name is what a number is called, or what stands for one that is not known.
func name(names []string, number int32) string {
	if 0 <= number && int(number) < len(names) {
		return names[number]
	}
	return "Unspecified"
}

// TimeoutType says which timeout ended something.
type TimeoutType int32

const (
	TIMEOUT_TYPE_UNSPECIFIED TimeoutType = iota
	TIMEOUT_TYPE_START_TO_CLOSE
	TIMEOUT_TYPE_SCHEDULE_TO_START
	TIMEOUT_TYPE_SCHEDULE_TO_CLOSE
	TIMEOUT_TYPE_HEARTBEAT
)

// String returns the timeout's name.
func (t TimeoutType) String() string {
	return name([]string{"Unspecified", "StartToClose", "ScheduleToStart", "ScheduleToClose", "Heartbeat"}, int32(t))
}

// RetryState says why something was not tried again.
type RetryState int32

const (
	RETRY_STATE_UNSPECIFIED RetryState = iota
	RETRY_STATE_IN_PROGRESS
	RETRY_STATE_NON_RETRYABLE_FAILURE
	RETRY_STATE_TIMEOUT
	RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED
	RETRY_STATE_RETRY_POLICY_NOT_SET
	RETRY_STATE_INTERNAL_SERVER_ERROR
	RETRY_STATE_CANCEL_REQUESTED
)

// String returns the state's name.
func (s RetryState) String() string {
	return name([]string{
		"Unspecified", "InProgress", "NonRetryableFailure", "Timeout", "MaximumAttemptsReached", "RetryPolicyNotSet",
		"InternalServerError", "CancelRequested",
	}, int32(s))
}

// ActivityIdReusePolicy says whether an id may be used again once the activity that had it has ended.
type ActivityIdReusePolicy int32

const (
	ACTIVITY_ID_REUSE_POLICY_UNSPECIFIED ActivityIdReusePolicy = iota
	ACTIVITY_ID_REUSE_POLICY_ALLOW_DUPLICATE
	ACTIVITY_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY
	ACTIVITY_ID_REUSE_POLICY_REJECT_DUPLICATE
)

// ActivityIdConflictPolicy says what happens when the activity that has an id still runs.
type ActivityIdConflictPolicy int32

const (
	ACTIVITY_ID_CONFLICT_POLICY_UNSPECIFIED ActivityIdConflictPolicy = iota
	ACTIVITY_ID_CONFLICT_POLICY_FAIL
	ACTIVITY_ID_CONFLICT_POLICY_USE_EXISTING
)

// ActivityExecutionStatus says how a standalone activity stands.
type ActivityExecutionStatus int32

const (
	ACTIVITY_EXECUTION_STATUS_UNSPECIFIED ActivityExecutionStatus = iota
	ACTIVITY_EXECUTION_STATUS_RUNNING
	ACTIVITY_EXECUTION_STATUS_COMPLETED
	ACTIVITY_EXECUTION_STATUS_FAILED
	ACTIVITY_EXECUTION_STATUS_CANCELED
	ACTIVITY_EXECUTION_STATUS_TERMINATED
	ACTIVITY_EXECUTION_STATUS_TIMED_OUT
)

// String returns the status's name.
func (s ActivityExecutionStatus) String() string {
	return name([]string{
		"Unspecified", "Running", "Completed", "Failed", "Canceled", "Terminated", "TimedOut",
	}, int32(s))
}

// WorkflowIdReusePolicy says whether an id may be used again once the workflow that had it has ended.
type WorkflowIdReusePolicy int32

const (
	WORKFLOW_ID_REUSE_POLICY_UNSPECIFIED WorkflowIdReusePolicy = iota
	WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE
	WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY
	WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE
)

// WorkflowIdConflictPolicy says what happens when the workflow that has an id still runs.
type WorkflowIdConflictPolicy int32

const (
	WORKFLOW_ID_CONFLICT_POLICY_UNSPECIFIED WorkflowIdConflictPolicy = iota
	WORKFLOW_ID_CONFLICT_POLICY_FAIL
	WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
	WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING
)

// WorkflowExecutionStatus says how a workflow stands.
type WorkflowExecutionStatus int32

const (
	WORKFLOW_EXECUTION_STATUS_UNSPECIFIED WorkflowExecutionStatus = iota
	WORKFLOW_EXECUTION_STATUS_RUNNING
	WORKFLOW_EXECUTION_STATUS_COMPLETED
	WORKFLOW_EXECUTION_STATUS_FAILED
	WORKFLOW_EXECUTION_STATUS_CANCELED
	WORKFLOW_EXECUTION_STATUS_TERMINATED
	WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW
	WORKFLOW_EXECUTION_STATUS_TIMED_OUT
	WORKFLOW_EXECUTION_STATUS_PAUSED
)

// String returns the status's name.
func (s WorkflowExecutionStatus) String() string {
	return name([]string{
		"Unspecified", "Running", "Completed", "Failed", "Canceled", "Terminated", "ContinuedAsNew", "TimedOut",
		"Paused",
	}, int32(s))
}
