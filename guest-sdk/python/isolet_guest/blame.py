"""What to say of packages that can't be imported without their native code: when a component is built, and when one checks."""

from __future__ import annotations

from typing import Any

# Versions of what many ask for that are written in Python alone.
_CURES = {
    "pydantic": "ask for pydantic<2",
    "jsonschema": "ask for jsonschema<4.18",
    "orjson": "use json",
    "ujson": "use json",
}


def native(place: str, package: dict[str, Any]) -> tuple[str, str, str]:
    """The message, the last lines of what failed to build it, and the cure."""
    name, listed = package["package"], package["listed"]
    what = f"{listed} needs {name}, which" if listed != name else f"the package {name}"
    verb = "needs its native code" if listed == name else "needs native code"
    why = package.get("why", "and there is none for WebAssembly")
    message = f"{place}{what} {verb} (such as {package['files'][0]}), {why}"
    ours = f"put a wheel of {name} for WebAssembly, tagged cp314-cp314-wasi_0_0_0_wasm32, into the folder wheels of the project"
    cures = [package.get("cure") or ours, *([_CURES[listed]] if listed in _CURES else [])]
    return message, package.get("lines", ""), f"{', or '.join(cures)}, or replace {listed} by a package that is written in Python alone"
