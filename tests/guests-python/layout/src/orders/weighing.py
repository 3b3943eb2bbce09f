"""Activities that use a package written in C, which `isolet build` builds for the component because the project says so."""

from __future__ import annotations

import scales
from temporalio import activity


@activity.defn
def weigh(weights: list[float]) -> list[float]:
    return scales.sorted(weights)


@activity.defn
def upper(number: int) -> int:
    return scales.upper(number)


@activity.defn
def tipping() -> None:
    scales.tip_over()
