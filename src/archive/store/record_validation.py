"""Checks that a value has the type that a record's annotations give it, down to its parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import is_dataclass
from functools import cache
from math import isfinite
from reprlib import repr as shortened
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

LARGEST_NUMBER = 10**10
"""More than anything that is counted, numbered or dated here."""


def misfit(value: Any, hint: Any, name: str = "it") -> str | None:
    """The first part of a value that isn't of its type, as in `it.level is 'deep'`; None if none.

    A whole number must also lie within `LARGEST_NUMBER` of zero, a number be finite, and a text
    have a UTF-8 form.
    """
    return next(_misfits(value, hint, name), None)


def _misfits(value: Any, hint: Any, name: str) -> Iterator[str]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        if all(misfit(value, each, name) for each in arguments):
            yield f"{name} is {shortened(value)}"
    elif origin in (tuple, list) and isinstance(value, origin):
        if origin is list or arguments[-1] is Ellipsis:
            arguments = (arguments[0],) * len(value)
        if len(arguments) != len(value):
            yield f"{name} is {shortened(value)}"
        for at, (each, inner) in enumerate(zip(value, arguments, strict=False)):
            yield from _misfits(each, inner, f"{name}[{at}]")
    elif origin is dict and isinstance(value, dict):
        for key, each in value.items():
            yield from _misfits(key, arguments[0], f"a key of {name}")
            yield from _misfits(each, arguments[1], f"{name}[{shortened(key)}]")
    elif isinstance(hint, type) and is_dataclass(hint) and isinstance(value, hint):
        for field, inner in _hints(hint).items():
            yield from _misfits(getattr(value, field), inner, f"{name}.{field}")
    elif not _is(value, hint):
        yield f"{name} is {shortened(value)}"


def _is(value: Any, hint: Any) -> bool:
    """Whether a value is of a type without parts."""
    if get_origin(hint) is Literal:
        return type(value) is str and value in get_args(hint)
    if hint is int:
        return type(value) is int and abs(value) <= LARGEST_NUMBER
    if hint is float:
        return type(value) in (int, float) and isfinite(value)
    if hint is str:
        return type(value) is str and _is_writable(value)
    return hint is Any or (isinstance(hint, type) and isinstance(value, hint))


def _is_writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@cache
def _hints(record: Any) -> dict[str, Any]:
    return get_type_hints(record)
