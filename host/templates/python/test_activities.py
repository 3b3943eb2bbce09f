"""Runs activities in Python itself, without a server and without a sandbox."""

import asyncio
from dataclasses import replace

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities import Order, Shipment, ship

ORDER = Order("7", ["tea", "cup"])


def test_all_parcels_are_sent_and_each_is_told():
    environment, heartbeats = ActivityEnvironment(), []
    environment.on_heartbeat = heartbeats.append
    assert asyncio.run(environment.run(ship, ORDER)) == Shipment("7", ["tea", "cup"])
    assert heartbeats == [1, 2]


def test_an_attempt_goes_on_from_the_last_heartbeat():
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, attempt=2, heartbeat_details=[2])
    environment.on_heartbeat = lambda *_: pytest.fail("nothing is left to send")
    assert asyncio.run(environment.run(ship, ORDER)) == Shipment("7", ["tea", "cup"])


def test_a_cancellation_ends_it_at_once():
    environment = ActivityEnvironment()
    environment.on_heartbeat = lambda *_: environment.cancel()
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(environment.run(ship, ORDER))


def test_an_order_without_parcels_is_not_tried_again():
    with pytest.raises(ApplicationError) as failed:
        asyncio.run(ActivityEnvironment().run(ship, Order("8", [])))
    assert (failed.value.type, failed.value.non_retryable) == ("EmptyOrder", True)
