"""What several projects share, in a folder of its own."""

from typing import Any, Callable

from temporalio import activity


class Desk:
    """Has an activity for those that are derived from it."""

    place = "nowhere"

    @activity.defn
    def where(self) -> str:
        return self.place


def named(prefix: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        return activity.defn(name=f"{prefix}-{function.__name__}")(function)

    return decorate
