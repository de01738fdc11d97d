"""What is wrong with a file that is no YAML, on which line, and what to do: YAML says neither."""

from __future__ import annotations

import re

import yaml

_KEY = re.compile(r"(?P<indent> *)(?:- )*(?P<key>[\w.-]+):(?: |$)")
_NO_COLON = re.compile(r" *(?:- )?(?P<key>[a-z_0-9]+)(?: +|:)(?P<value>\S.*)$")
_TEXT_WITH_COLON = re.compile(r"[^'\"\[{>|].*: ")
_SIGNS = "%@`"
"""with which no text may begin"""


def told(error: yaml.YAMLError, text: str) -> tuple[int, str]:
    """The line, from 1, and what to do there."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or " ".join(str(error).split())
    if mark is None:
        return 0, f"is no YAML: {problem}"
    opened = getattr(error, "context_mark", None)
    context = getattr(error, "context", None) or ""
    lines = text.split("\n")
    line, said = _told(problem, context, mark.line, opened.line if opened else mark.line, lines)
    return line + 1, f"is no YAML: {said or problem}"


def _told(
    problem: str, context: str, at: int, opened: int, lines: list[str]
) -> tuple[int, str | None]:
    """The line, from 0, and what is said of it; None: what YAML says."""
    line = lines[at] if at < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())] or line.lstrip(" -").startswith("\t"):
        return at, "a tab stands here: write spaces"
    if "quoted scalar" in context:
        return opened, "a quote is opened here and not closed: close it, or leave it out"
    if "flow sequence" in context or "flow mapping" in context:
        ends = "`[` … `]`" if "sequence" in context else "`{` … `}`"
        return opened, f"a bracket is opened here and not closed, or a comma is missing: {ends}"
    if line.lstrip(" -").partition(": ")[2][:1] in [*_SIGNS] and "cannot start" in problem:
        sign = line.lstrip(" -").partition(": ")[2][0]
        return at, f"no text begins with `{sign}`: put the text in quotes"
    if "could not find expected ':'" in problem:
        return opened, _without_colon(lines[opened])
    if "mapping values are not allowed" in problem:
        return at, _nested(line, at, lines)
    if "expected key" in problem or "block end" in problem:
        return at, _indented(line, at, lines)
    return at, None


def _without_colon(line: str) -> str:
    found = _NO_COLON.match(line)
    hint = f": write `{found['key']}: {found['value']}`" if found else ""
    return f"a colon and a space are missing{hint}"


def _nested(line: str, at: int, lines: list[str]) -> str | None:
    """A second colon in a line, or a field that stands below a text."""
    found = _KEY.match(line)
    value = line[found.end() :] if found else line
    if found and _TEXT_WITH_COLON.match(f"{value} "):
        return f"a text with a colon needs quotes: `{found['key']}: '{value.strip()}'`"
    return _indented(line, at, lines)


def _indented(line: str, at: int, lines: list[str]) -> str | None:
    """What the fields beside it have."""
    own = len(line) - len(line.lstrip())
    for above in reversed(lines[:at]):
        if found := _KEY.match(above):
            wanted = len(above) - len(above[len(found["indent"]) :].lstrip("- "))
            if wanted != own:
                spaces = "1 space stands" if own == 1 else f"{own} spaces stand"
                return f"{spaces} before it: write {wanted}, as before the field above"
            return None
    return None
