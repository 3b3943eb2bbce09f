"""Activities that use a package written in Rust, which `isolet build` builds for the component."""

from __future__ import annotations

import tallies
from temporalio import activity

# Made when the component is built, and there in every attempt.
SEEN = tallies.Tally()
SEEN.add("build")


@activity.defn
def tally(words: list[str]) -> dict[str, int]:
    for word in words:
        SEEN.add(word)
    return dict(SEEN.counts())


@activity.defn
def refused(word: str) -> int:
    return SEEN.count(word)


@activity.defn
def panicking() -> None:
    tallies.panic("of no use")
