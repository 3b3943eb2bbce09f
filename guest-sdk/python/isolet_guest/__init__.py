"""Runs Temporal activities inside a component of `isolet:activity`.

The `temporalio` package beside this one is the official one. This package stands where its native module and its
worker's connection would be: it tells the official activity worker of the attempt, and carries what it says to the host.
"""
