raise RuntimeError("a test is imported")
from temporalio import activity
