"""A report of a CSV table of weather: per place, the days of each kind of weather and the warmest one.

It works in chunks of rows. After each chunk a heartbeat carries what it has so far, so that an attempt that follows a
killed one goes on from there.
"""

import asyncio
import csv
import io
from dataclasses import asdict, dataclass, field

from temporalio import activity


@dataclass
class Options:
    """How to report."""

    chunk_rows: int = 250
    """How many rows are read between two heartbeats."""
    pause_per_chunk: float = 0.0
    """How long to pause after each chunk, in seconds: makes a short table take long."""


@dataclass
class Place:
    """What the rows of one place come to."""

    days: dict[str, int] = field(default_factory=dict)
    warmest: float = float("-inf")
    warmest_on: str = ""

    def add(self, row: dict) -> None:
        self.days[row["weather"]] = self.days.get(row["weather"], 0) + 1
        if self.warmest < float(row["temp_max"]):
            self.warmest, self.warmest_on = float(row["temp_max"]), row["date"]


@activity.defn
async def weather_report(table: bytes, options: Options = Options()) -> dict:
    rows, places = progress()
    begun = rows
    for number, row in enumerate(csv.DictReader(io.StringIO(table.decode())), start=1):
        if number <= begun:
            continue
        places.setdefault(row["location"], Place()).add(row)
        rows = number
        if rows % options.chunk_rows == 0:
            activity.heartbeat({"rows": rows, "places": {name: asdict(place) for name, place in places.items()}})
            activity.logger.info("%s rows", rows)
            await asyncio.sleep(options.pause_per_chunk)
    return {
        "rows": rows,
        "attempt": activity.info().attempt,
        "resumed_after_row": begun,
        "places": {name: asdict(place) for name, place in places.items()},
    }


def progress() -> tuple[int, dict[str, Place]]:
    """How far the attempt before came."""
    if not activity.info().heartbeat_details:
        return 0, {}
    details = activity.info().heartbeat_details[0]
    return details["rows"], {name: Place(**place) for name, place in details["places"].items()}
