"""A resource with one of its values changed."""

from __future__ import annotations

import copy
from typing import Any


def changed(resource: dict[str, Any], path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    copied = copy.deepcopy(resource)
    node: Any = copied
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return copied
