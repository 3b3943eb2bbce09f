"""Activities that functions make."""

from typing import Any

from temporalio import activity
from temporalio.contrib import opentelemetry


def adder(number: int) -> Any:
    async def add(to: int) -> int:
        return number + to

    return activity.defn(name=f"adds-{number}")(add)


adders = [adder(1), adder(2)]


def interceptor() -> str:
    return opentelemetry.TracingInterceptor.__name__


activity.defn(interceptor)
