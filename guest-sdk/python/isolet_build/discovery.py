"""Which modules of a project have activities, as far as their text tells: these are imported to look.

An activity is what `activity.defn` marks, as a decorator or called, by the module itself or by a function of another one
that it calls: a decorator of the project's own, or a factory.
"""

from __future__ import annotations

from collections.abc import Iterator

from .source import Source, is_defn


def modules(sources: dict[str, Source], others: dict[str, Source]) -> list[str]:
    """Those of the modules that mark functions while they are imported. They may do so by means of others."""
    makers = _makers({**others, **sources})
    marking = {
        module
        for module, source in sources.items()
        if source.may_have_activities or any(_marks(name, makers) for name in _full(source, source.used))
    }
    # A list may name what other modules have: it says which of them are meant.
    listing = {
        module
        for module, source in sources.items()
        if any(name.rpartition(".")[0] in marking for name in _full(source, source.listed))
    }
    return [module for module in sources if module in marking | listing]


def uncalled(sources: dict[str, Source]) -> list[tuple[str, str]]:
    """Functions that make activities and that nobody calls while modules are imported: modules and names."""
    called = {name for source in sources.values() for name in _full(source, source.used)}
    return sorted(
        (module, name)
        for module, source in sources.items()
        for name in source.functions
        if any(is_defn(each) for each in _full(source, source.within[name]))
        and not any(_is_same(f"{module}.{name}", each, sources) for each in called)
    )


def _is_same(function: str, name: str, sources: dict[str, Source]) -> bool:
    """Whether a name leads to the function, through modules that import it."""
    for _ in range(len(sources)):
        if name == function:
            return True
        module, _, last = name.rpartition(".")
        following = sources[module].names.get(last, "") if module in sources else ""
        if following in ("", name):
            return False
        name = following
    return False


def _makers(sources: dict[str, Source]) -> set[str]:
    """The full names of functions, classes and variables that mark functions when they are called or used."""
    makers: set[str] = set()
    while True:
        before = len(makers)
        for module, source in sources.items():
            for name, asked in source.within.items():
                if any(_marks(each, makers) for each in _full(source, asked)):
                    makers.add(f"{module}.{name}")
            # What a module imports, others may import from it.
            makers.update(f"{module}.{name}" for name, full in source.names.items() if full in makers)
            for star in source.stars:
                found = [each for each in makers if each.rpartition(".")[0] == star]
                makers.update(f"{module}.{each.rpartition('.')[2]}" for each in found)
        if len(makers) == before:
            return makers


def _full(source: Source, names: set[str]) -> Iterator[str]:
    for name in names:
        first, dot, rest = name.partition(".")
        yield f"{source.names.get(first, first)}{dot}{rest}"
        for star in source.stars:
            yield f"{star}.{name}"


def _marks(name: str, makers: set[str]) -> bool:
    # Of an object or a class its methods may be named.
    return is_defn(name) or name in makers or name.rpartition(".")[0] in makers
