"""Remembering how texts were read, but no long ones: a cache counts entries, not their bytes."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from cds.allowance import check
from cds.limits import LONGEST_KEPT

Text = TypeVar("Text", str, bytes)
Rest = ParamSpec("Rest")
Read_co = TypeVar("Read_co", covariant=True)


class Kept(Protocol[Rest, Read_co]):
    """A reader that remembers."""

    def __call__(self, text: Any, /, *rest: Rest.args, **named: Rest.kwargs) -> Read_co: ...

    def cache_clear(self) -> None: ...


def kept(
    maxsize: int,
) -> Callable[[Callable[Concatenate[Text, Rest], Read_co]], Kept[Rest, Read_co]]:
    """`lru_cache` for a reader of a text, its first argument: a long one is read each time.

    Where the time at hand is used up nothing more is read: it raises OutOfTime.
    """

    def of(read: Callable[Concatenate[Text, Rest], Read_co]) -> Kept[Rest, Read_co]:
        @wraps(read)
        def in_time(text: Any, /, *rest: Rest.args, **named: Rest.kwargs) -> Read_co:
            check()  # reading texts is most of the work: here it ends where the time does
            return read(text, *rest, **named)

        remembered = lru_cache(maxsize)(in_time)

        @wraps(read)
        def reader(text: Any, /, *rest: Rest.args, **named: Rest.kwargs) -> Read_co:
            if len(text) > LONGEST_KEPT:
                return in_time(text, *rest, **named)
            return remembered(text, *rest, **named)  # type: ignore[arg-type]  # all of them hashable

        reader.cache_clear = remembered.cache_clear  # type: ignore[attr-defined]
        return reader  # type: ignore[return-value]

    return of
