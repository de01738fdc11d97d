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


_LONG, _FEW = 1_000, 64
"""characters beyond which so many are remembered: enough for one request, which reads its own again
and again. With thousands of them a worker that was sent odd texts all day grew by 100 MB"""


class Kept(Protocol[Rest, Read_co]):
    """A reader that remembers."""

    def __call__(self, text: Any, /, *rest: Rest.args, **named: Rest.kwargs) -> Read_co: ...

    def cache_clear(self) -> None: ...


def kept(
    maxsize: int,
) -> Callable[[Callable[Concatenate[Text, Rest], Read_co]], Kept[Rest, Read_co]]:
    """`lru_cache` for a reader of a text, its first argument: a very long one is read each time.

    Where the time at hand is used up nothing more is read: it raises OutOfTime.
    """

    def of(read: Callable[Concatenate[Text, Rest], Read_co]) -> Kept[Rest, Read_co]:
        @wraps(read)
        def in_time(text: Any, /, *rest: Rest.args, **named: Rest.kwargs) -> Read_co:
            check()  # reading texts is most of the work: here it ends where the time does
            return read(text, *rest, **named)

        remembered, of_long = lru_cache(maxsize)(in_time), lru_cache(min(maxsize, _FEW))(in_time)

        @wraps(read)
        def reader(text: Any, /, *rest: Rest.args, **named: Rest.kwargs) -> Read_co:
            if len(text) > LONGEST_KEPT:
                return in_time(text, *rest, **named)
            find = of_long if len(text) > _LONG else remembered
            return find(text, *rest, **named)  # type: ignore[arg-type]  # all of them hashable

        def clear() -> None:
            remembered.cache_clear()
            of_long.cache_clear()

        reader.cache_clear = clear  # type: ignore[attr-defined]
        return reader  # type: ignore[return-value]

    return of
