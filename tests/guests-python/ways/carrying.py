"""Texts that UTF-8 can't carry: half of a pair of surrogates, as `json.loads` makes one of bad JSON."""

import json
import logging
from typing import Any

import temporalio.exceptions
from temporalio import activity

HALF = json.loads('"half \\ud83d of ü"')


@activity.defn
def says_halves() -> None:
    logger = logging.getLogger(f"{__name__}.{HALF}")
    logger.info(HALF)
    logger.info("as %s and %r", HALF, HALF)
    logger.info("extras", extra={HALF: 1, "text": HALF, "nested": {HALF: [HALF, "\U0001f600"]}, "whole": "\U0001f600 \\ud83d"})
    activity.logger.warning(HALF)
    try:
        raise ValueError(HALF)
    except ValueError:
        logger.exception("an exception")


@activity.defn
async def fails_with_a_half(kind: str) -> Any:
    if kind == "message":
        raise ValueError(HALF)
    if kind == "application":
        raise temporalio.exceptions.ApplicationError(HALF, "detail")
    if kind == "type":
        raise temporalio.exceptions.ApplicationError("message", type=HALF, non_retryable=True)
    if kind == "details":
        raise temporalio.exceptions.ApplicationError("message", HALF, {"key": HALF})
    if kind == "cause":
        raise ValueError("outer") from KeyError(HALF)
    if kind == "plain cause":
        raise ValueError("outer") from ValueError(HALF)
    if kind == "group":
        raise ExceptionGroup(HALF, [ValueError(HALF)])
    return {HALF: [HALF]}


@activity.defn
def fails_with_a_half_synchronously() -> None:
    raise RuntimeError(HALF)


@activity.defn
def beats_halves() -> None:
    activity.heartbeat(HALF, {HALF: HALF})
    raise RuntimeError("next")


@activity.defn
def refuses_halves() -> list:
    from temporalio.api.common.v1 import Payload, WorkflowExecution

    told: list = []
    for what in (lambda: WorkflowExecution(workflow_id=HALF), lambda: Payload(metadata={HALF: b""}), lambda: HALF.encode()):
        try:
            what()
            told.append("no error")
        except ValueError as error:
            told.append(f"{type(error).__name__}: {error}")
    return told


@activity.defn
def measures_halves() -> list:
    meter = activity.metric_meter()
    told: list = []
    counter = meter.create_counter("ways_halves")
    for what in (
        lambda: meter.create_counter(HALF),
        lambda: meter.create_histogram("ways_half_described", HALF),
        lambda: meter.create_gauge_float("ways_half_unit", "described", HALF),
        lambda: meter.create_counter(5),  # type: ignore[arg-type]
        lambda: counter.add(1, {HALF: "value"}),
        lambda: counter.add(1, {"key": HALF}),
        lambda: meter.with_additional_attributes({"key": HALF}),
    ):
        try:
            what()
            told.append("no error")
        except (TypeError, ValueError) as error:
            told.append(f"{type(error).__name__}: {error}")
    return told
