"""The import block."""

# The example, as it is written.
from temporalio import activity
from temporalio.activity import Info, LoggerAdapter, ActivityCancellationDetails
