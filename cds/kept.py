"""Remembering how texts were read, few long ones: a cache counts entries, not their bytes."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from cds.allowance import check
from cds.limits import LONGEST_KEPT

Text = TypeVar("Text", str, bytes)
Rest = ParamSpec("Rest")
Read_co = TypeVar("Read_co", covariant=True)


_SHORT = 1_000
"""characters up to which as many texts are remembered as their reader says"""
_FEW_LONG, _FEW_LETTERS = 64, 4
"""texts that are longer, and longer than any instruction: enough for one request, whose readers ask
for its own again and again. With thousands of them a worker that was sent odd texts all day grew by
100 MB"""


class Kept(Protocol[Rest, Read_co]):
    """A reader that remembers."""

    def __call__(self, text: Any, /, *rest: Rest.args, **named: Rest.kwargs) -> Read_co: ...

    def cache_clear(self) -> None: ...


def kept(
    maxsize: int,
) -> Callable[[Callable[Concatenate[Text, Rest], Read_co]], Kept[Rest, Read_co]]:
    """`lru_cache` for a reader of a text, its first argument; of long texts it remembers few.

    Where the time at hand is used up nothing more is read: it raises OutOfTime.
    """

    def of(read: Callable[Concatenate[Text, Rest], Read_co]) -> Kept[Rest, Read_co]:
        @wraps(read)
        def in_time(text: Any, /, *rest: Rest.args, **named: Rest.kwargs) -> Read_co:
            check()  # reading texts is most of the work: here it ends where the time does
            return read(text, *rest, **named)

        short, long, letter = (
            lru_cache(min(maxsize, most))(in_time) for most in (maxsize, _FEW_LONG, _FEW_LETTERS)
        )

        @wraps(read)
        def reader(text: Any, /, *rest: Rest.args, **named: Rest.kwargs) -> Read_co:
            size = len(text)
            find = short if size <= _SHORT else long if size <= LONGEST_KEPT else letter
            return find(text, *rest, **named)  # type: ignore[arg-type]  # all of them hashable

        def clear() -> None:
            for remembered in (short, long, letter):
                remembered.cache_clear()

        reader.cache_clear = clear  # type: ignore[attr-defined]
        return reader  # type: ignore[return-value]

    return of
