"""An activity that uses a package whose modules are imported when they are first used."""

import sys

from common import store
from temporalio import activity


@activity.defn
def stored() -> list:
    before = [name for name in sorted(sys.modules) if name.startswith("common.store.")]
    return [before, store.Shelves().count()]
