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


_TIERS = ((1_000, 64), (LONGEST_KEPT, 4))
"""(characters, texts): of those that are longer so many are remembered at most. Enough for one
request, whose readers ask for its own again and again; with thousands of them a worker that was
sent odd texts all day grew by 100 MB"""


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

        tiers = [(-1, lru_cache(maxsize)(in_time))]
        tiers += [(beyond, lru_cache(min(maxsize, most))(in_time)) for beyond, most in _TIERS]
        (_, short), *long = tiers

        @wraps(read)
        def reader(text: Any, /, *rest: Rest.args, **named: Rest.kwargs) -> Read_co:
            find = short
            for beyond, of_long in long if len(text) > _TIERS[0][0] else ():
                find = of_long if len(text) > beyond else find
            return find(text, *rest, **named)  # type: ignore[arg-type]  # all of them hashable

        def clear() -> None:
            for _, remembered in tiers:
                remembered.cache_clear()

        reader.cache_clear = clear  # type: ignore[attr-defined]
        return reader  # type: ignore[return-value]

    return of
