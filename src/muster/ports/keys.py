"""Tokens that name a port, so that providers and wrappers can say which one they mean."""

from __future__ import annotations

from typing import Generic, TypeVar

__all__ = ["PortKey"]

P = TypeVar("P")


class PortKey(Generic[P]):
    """The name of a port and the Protocol that it speaks.

    Attributes:
        name: As settings name the port, in snake case.
        protocol: What a provider must offer and a wrapper must keep.
        wrappable: Whether plugins may wrap it. Never true for what stands inside a
            transaction or decides security.
    """

    __slots__ = ("name", "protocol", "wrappable")

    def __init__(self, name: str, protocol: type[P], *, wrappable: bool = False) -> None:
        """Name a port."""
        self.name = name
        self.protocol = protocol
        self.wrappable = wrappable

    def __repr__(self) -> str:
        """Return the port's name, as messages show it."""
        return f"PortKey({self.name})"
