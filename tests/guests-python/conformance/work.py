"""Using time, memory and WASI."""

import os
import random as numbers
import time

from temporalio import activity


@activity.defn
def sleep_ms(ms: int) -> int:
    time.sleep(ms / 1000)
    return ms


@activity.defn
def cpu_ms(ms: int) -> int:
    end = time.monotonic() + ms / 1000
    while time.monotonic() < end:
        sum(range(1000))
    return ms


@activity.defn
def spin() -> None:
    while True:
        pass


@activity.defn
def allocate(mib: int) -> int:
    return len(b"1" * (mib << 20))


@activity.defn
def clock() -> int:
    return int(time.time() * 1000)


@activity.defn
def random() -> str:
    return f"{numbers.getrandbits(64):016x}"


@activity.defn
def read_file(path: str) -> str:
    with open(path) as file:
        return file.read()


@activity.defn
def environment() -> list[str]:
    return list(os.environ)
