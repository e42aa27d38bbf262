"""Whether an adapter or a wrapper keeps to its port's Protocol, checked at composition."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["deviations"]


def deviations(adapter: object, protocol: type) -> list[str]:
    """Return how an object deviates from a Protocol; empty where it keeps to it.

    Looked at are the names of public methods, their parameters and whether they are
    coroutines. Methods that would only be found through ``__getattr__`` do not count.

    Args:
        adapter: What stands, or would stand, behind the port.
        protocol: The port's Protocol.
    """
    kind = type(adapter)
    return [
        deviation
        for name, wanted in _methods(protocol)
        for deviation in _compared(name, wanted, inspect.getattr_static(kind, name, None))
    ]


def _methods(protocol: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name in sorted(getattr(protocol, "__abstractmethods__", ())):
        yield name, inspect.getattr_static(protocol, name)


def _compared(name: str, wanted: Any, found: Any) -> Iterator[str]:
    if found is None or getattr(found, "__isabstractmethod__", False):
        yield f"{name} is missing"
        return
    if isinstance(wanted, property) or isinstance(found, property):
        if type(wanted) is not type(found):
            yield f"{name} is a property on one side only"
        return
    if not callable(found) and not isinstance(found, classmethod):
        yield f"{name} is no method"
        return
    function = getattr(found, "__func__", found)
    if inspect.iscoroutinefunction(wanted) != inspect.iscoroutinefunction(function):
        yield f"{name} is a coroutine on one side only"
    theirs = _parameters(wanted, bound=1)
    ours = _parameters(function, bound=0 if isinstance(found, staticmethod) else 1)
    if theirs != ours:
        yield f"{name} takes ({', '.join(ours)}), not ({', '.join(theirs)})"


def _parameters(method: Callable[..., Any], *, bound: int) -> list[str]:
    parameters = list(inspect.signature(method).parameters.values())[bound:]
    return [
        f"{parameter.name}{'' if parameter.default is parameter.empty else '=…'}"
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        else f"{parameter.kind.description} {parameter.name}"
        for parameter in parameters
    ]
