"""A dictionary that can be read, compared, copied and pickled, and not changed."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class ReadOnly(dict[Key, Value]):
    """What a frozen entry maps: another thread, or another day, reads the same.

    >>> ReadOnly({"a": 1})["a"]
    1
    >>> ReadOnly({"a": 1}).clear()
    Traceback (most recent call last):
    TypeError: it is read-only: make a dict of it to change it
    """

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("it is read-only: make a dict of it to change it")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return ReadOnly, (dict(self),)
