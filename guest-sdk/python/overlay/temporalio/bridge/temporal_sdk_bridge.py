"""Takes the place of the native module of Temporal's package, which can't run in WebAssembly."""

import sys

from isolet_guest import bridge

sys.modules[__name__] = bridge
