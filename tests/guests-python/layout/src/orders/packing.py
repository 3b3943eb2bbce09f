"""Mentions Temporal nowhere."""

import docopt
import toolz

from orders.marks import task


@task
def pack(articles: list) -> list:
    return [docopt.__version__, toolz.frequencies(articles)]
