"""A decorator of the project's own."""

from common import named

task = named("orders")
