"""Texts as YAML: plain where that reads the same, else in quotes, long ones folded.

Every scalar of the knowledge is read as text, so that a number needs no quotes.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from textwrap import wrap

import yaml

WIDTH = 110
_SPACE = re.compile(r"(?<=\S) (?=\S)")
"""where a folded text may be broken: elsewhere the space would be lost, or kept twice"""


@lru_cache(maxsize=65536)
def written(text: str, *, flow: bool) -> str:
    """In one line. `flow`: between brackets or braces."""
    if _is_plain(text, flow=flow):
        return text
    if not text.isprintable() or ("'" in text and '"' not in text and "\\" not in text):
        return json.dumps(text, ensure_ascii=False)
    return "'" + text.replace("'", "''") + "'"


def _is_plain(text: str, *, flow: bool) -> bool:
    """Whether it is read as itself where it stands, which is asked of YAML."""
    around = ("[{}]", "{{k: {}}}") if flow else ("- {}", "k: {}")
    return bool(text) and all(_scalar_in(place.format(text)) == text for place in around)


def _scalar_in(written_out: str) -> str | None:
    try:
        root = yaml.compose(written_out, Loader=yaml.CBaseLoader)
    except yaml.YAMLError:
        return None
    if not isinstance(root, yaml.CollectionNode) or len(root.value) != 1:
        return None
    (node,) = root.value
    if isinstance(node, tuple):
        key, node = node
        if key.value != "k":
            return None
    return node.value if isinstance(node, yaml.ScalarNode) and not node.style else None


def folded(text: str, indent: int) -> list[str] | None:
    """Over several lines, the first behind its key; None: it can't be, without becoming another."""
    if text != text.strip() or not text.isprintable():
        return None
    unbroken = _SPACE.sub("\0", text).replace(" ", "\1").replace("\0", " ")
    lines = wrap(unbroken, WIDTH - indent, break_long_words=False, break_on_hyphens=False)
    return [">-", *(" " * indent + line.replace("\1", " ") for line in lines)]
