"""The activities of imported modules: those that the official worker would be given."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import temporalio.activity

from . import tracebacks

Activity = Callable[..., Any]

_MARK = "__temporal_activity_definition"
_LISTS = ("activities", "ACTIVITIES")
_COLLECTIONS = (list, tuple, set, frozenset)


class BuildError(Exception):
    """What is wrong with the user's project, in words for its author."""


def activities(modules: list[ModuleType]) -> list[Activity]:
    """All activities. What a list named `activities` has comes before what is found beside it."""
    listed, found = _Found(), _Found()
    for module in modules:
        _take_listed(module, listed)
    listed.check()
    for module in modules:
        _take_values(module, found, {_owner(each) for each in listed.all.values()})
    instances = {type(each) for each in found.objects} | {_owner(each) for each in listed.all.values()}
    for module in modules:
        _take_classes(module, found, instances)
    names = {definition(each).name for each in listed.all.values()}
    for identity in [identity for identity, each in found.all.items() if definition(each).name in names]:
        del found.all[identity]
    found.check()
    return [*listed.all.values(), *found.all.values()]


def definition(activity: Activity) -> temporalio.activity._Definition:
    return temporalio.activity._Definition.must_from_callable(activity)


@dataclass
class _Found:
    """Activities, each once, and what the author calls them."""

    all: dict[tuple[int, int], Activity] = field(default_factory=dict)
    called: dict[tuple[int, int], str] = field(default_factory=dict)
    objects: list[Any] = field(default_factory=list)

    def add(self, activity: Activity, called: str) -> None:
        # The same function of the same object is one.
        identity = id(getattr(activity, "__self__", None)), id(getattr(activity, "__func__", activity))
        self.all.setdefault(identity, activity)
        self.called.setdefault(identity, called)

    def check(self) -> None:
        """Complains about two of a name."""
        before: dict[str | None, tuple[Activity, str]] = {}
        for identity, activity in self.all.items():
            name = definition(activity).name
            if name in before:
                raise BuildError(_two(name, before[name], (activity, self.called[identity])))
            before[name] = activity, self.called[identity]


def _take_listed(module: ModuleType, listed: _Found) -> None:
    for name in _LISTS:
        values = vars(module).get(name)
        # A list of this name may be one of something else.
        if not isinstance(values, _COLLECTIONS) or not any(_is_about_activities(each) for each in values):
            continue
        for each in values:
            where = f"{module.__name__}: the list `{name}` has"
            if inspect.isclass(each):
                raise BuildError(f"{where} the class {each.__qualname__}: list methods of an object, or a callable object")
            if not _is_marked(each):
                what = getattr(each, "__qualname__", f"an object of the class {type(each).__qualname__}")
                methods = _methods(type(each))
                cure = f"list its methods, such as `{methods[0]}`" if methods else "mark it with @activity.defn"
                raise BuildError(f"{where} {what}, which is no activity: {cure}")
            listed.add(each, name)


def _take_values(module: ModuleType, found: _Found, listed: set[type]) -> None:
    """Functions, methods and objects that a module has, alone and in lists."""
    for name, value in list(vars(module).items()):
        if inspect.isclass(value) or inspect.ismodule(value):
            continue
        if _is_marked(value):
            found.add(value, name)
            found.objects.append(value)
        elif isinstance(value, (*_COLLECTIONS, dict)):
            values = list(value.values() if isinstance(value, dict) else value)
            if name not in _LISTS and not name.startswith("__") and all(_is_marked(each) for each in values):
                for each in values:
                    found.add(each, name)
                    found.objects.append(getattr(each, "__self__", each))
        elif _is_ours(type(value)) and type(value) not in listed and (methods := _methods(type(value))):
            found.objects.append(value)
            for method in methods:
                found.add(getattr(value, method), f"{name}.{method}")


def _take_classes(module: ModuleType, found: _Found, instances: set[type]) -> None:
    """The activities of classes of which no module has an object: it is made here, if that takes no arguments."""
    for kind in list(vars(module).values()):
        if not inspect.isclass(kind) or kind.__module__ != module.__name__ or kind in instances:
            continue
        methods = _methods(kind)
        # Of one that others are derived from, these have the activities.
        if not methods and not _is_marked_class(kind) or inspect.isabstract(kind) or _has_heirs(kind, instances):
            continue
        if methods and all(_is_static(kind, method) for method in methods):
            instance: Any = kind
        else:
            instance = _made(kind)
        if _is_marked_class(kind):
            found.add(instance, f"{kind.__name__}()")
        for method in methods:
            found.add(getattr(instance, method), f"{kind.__name__}().{method}")


def _has_heirs(kind: type, instances: set[type]) -> bool:
    heirs = [each for each in type.__subclasses__(kind) if _is_ours(each)]
    return any(each in instances or _methods(each) for each in heirs)


def _made(kind: type) -> Any:
    try:
        return kind()
    except Exception as error:
        what = f"{place(kind)}: class {kind.__qualname__} has activities, but no instance: {_words(error)}; make one in the module"
        raise BuildError(f"{what}, such as `{kind.__name__.lower()} = {kind.__name__}(…)`") from error


def _two(name: str | None, one: tuple[Activity, str], other: tuple[Activity, str]) -> str:
    what = "two dynamic activities" if name is None else f"two activities named {name!r}"
    places = [place(one[0]), place(other[0])]
    if places[0] == places[1] and one[1] != other[1]:
        return (
            f"there are {what}: {one[1]} and {other[1]}, both of {places[0]}: say which in a list of the module, "
            f"such as `activities = [{one[1]}]`, or remove one"
        )
    cure = "keep one" if name is None else "rename one, or give it a name of its own with @activity.defn(name=…)"
    return f"there are {what}: {places[0]} and {places[1]}: {cure}"


def _is_about_activities(value: Any) -> bool:
    if inspect.isclass(value):
        return _is_marked_class(value) or (_is_ours(value) and bool(_methods(value)))
    return _is_marked(value) or (_is_ours(type(value)) and bool(_methods(type(value))))


def _is_marked(value: Any) -> bool:
    """Whether it can be registered as it is: a function, a method, or a callable object."""
    if inspect.isclass(value):
        return False
    if inspect.isroutine(value):
        return isinstance(getattr(value, _MARK, None), temporalio.activity._Definition)
    # An object that has whatever it is asked for has no activities.
    if isinstance(inspect.getattr_static(value, _MARK, None), temporalio.activity._Definition):
        return callable(value)
    return False


def _is_marked_class(kind: type) -> bool:
    return isinstance(inspect.getattr_static(kind, _MARK, None), temporalio.activity._Definition)


def _methods(kind: type) -> list[str]:
    """The names of the class's methods that are activities, inherited ones included."""
    names = dict.fromkeys(name for base in kind.__mro__ for name in vars(base))
    return [name for name in names if _is_activity(inspect.getattr_static(kind, name, None))]


def _is_activity(value: Any) -> bool:
    function = value.__func__ if isinstance(value, (staticmethod, classmethod)) else value
    return inspect.isroutine(function) and isinstance(getattr(function, _MARK, None), temporalio.activity._Definition)


def _is_static(kind: type, name: str) -> bool:
    return isinstance(inspect.getattr_static(kind, name), (staticmethod, classmethod))


def _owner(activity: Activity) -> type:
    owner = getattr(activity, "__self__", activity)
    return owner if inspect.isclass(owner) else type(owner)


def _is_ours(kind: type) -> bool:
    """Whether a class is one of the project or of its dependencies."""
    path = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return isinstance(path, str) and path.startswith((tracebacks.PROJECT, tracebacks.PACKAGES))


def _words(error: Exception) -> str:
    """What it says; of a missing key that is the key alone, which says nothing."""
    return f"{type(error).__name__}: {error}" if isinstance(error, KeyError) else str(error) or type(error).__name__


def place(value: Any) -> str:
    """Where something is defined: file and line."""
    try:
        code = inspect.unwrap(getattr(value, "__func__", value))
        code = code if inspect.isclass(code) or inspect.isroutine(code) else type(code)
        lines, start = inspect.getsourcelines(code)
        path = inspect.getsourcefile(code) or "?"
    except (OSError, TypeError):
        return getattr(value, "__module__", "?")
    skip = next((at for at, line in enumerate(lines) if line.lstrip().startswith(("def ", "async def ", "class "))), 0)
    return f"{path.removeprefix(tracebacks.PROJECT)}:{start + skip}"
