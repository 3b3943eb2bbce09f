"""In a folder, and of a name, that no `import` can name."""

from clock import HOUR
from temporalio.activity import defn as does


@does
def closes() -> int:
    return HOUR
