"""How one name is spelled in several languages."""

from __future__ import annotations

from cds.characters import unaccented

_ENDINGS = ("ine", "one", "ole", "ide", "ate")


def folded(text: str) -> str:
    """In lower case and without accents.

    >>> folded("Kétamine 50 µg, Folsäure, Weißdorn")
    'ketamine 50 µg, folsaure, weissdorn'
    """
    return unaccented(text.lower().replace("ß", "ss").replace("ø", "o"))


def without_last_e(name: str) -> str | None:
    """The name of an international substance in German, Dutch and the Nordic languages.

    >>> without_last_e("morphine"), without_last_e("diazepam"), without_last_e("zinc oxide")
    ('morphin', None, None)
    """
    return name[:-1] if name.endswith(_ENDINGS) and name.isalpha() else None
