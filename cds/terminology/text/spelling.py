"""How one name is spelled in several languages."""

from __future__ import annotations

import re

from cds.characters import unaccented

_NUMBER_SIGN = re.compile(
    r"\bno(?:s?\.\s?(?=\d)|\s(?=\d+\s*(?:$|[,;()]|(?:tab|tablet|cap|capsule)s?\b)))", re.I
)
_ENDINGS = ("ine", "one", "ole", "ide", "ate")


def folded(text: str) -> str:
    """In lower case and without accents.

    >>> folded("Kétamine 50 µg, Folsäure, Weißdorn")
    'ketamine 50 µg, folsaure, weissdorn'
    """
    return unaccented(text.lower().replace("ß", "ss").replace("ø", "o"))


def with_number_sign(text: str) -> str:
    """ "No." before a number is a number sign, and no denial; the text stays as long as it was.

    >>> with_number_sign("Tylenol No. 3"), with_number_sign("no 5 mg tablets")
    ('Tylenol    #3', 'no 5 mg tablets')
    """
    return _NUMBER_SIGN.sub(lambda sign: f"{'#':>{len(sign[0])}}", text)


def without_last_e(name: str) -> str | None:
    """The name of an international substance in German, Dutch and the Nordic languages.

    >>> without_last_e("morphine"), without_last_e("diazepam"), without_last_e("zinc oxide")
    ('morphin', None, None)
    """
    return name[:-1] if name.endswith(_ENDINGS) and name.isalpha() else None
