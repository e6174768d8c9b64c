"""Which of the ISIC archive's eight body sites a few words mean: only where every one of the words is known.

"Upper back (left)" is the posterior torso; of "back, near the neck" one word is not known, and "back and neck" are two
sites: both stay as they are.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from lentigo._body_site_words import (
    ANTERIOR,
    AROUND,
    BACK_OF,
    DIGITS,
    ENDS,
    LATERAL,
    PALMS,
    PARTS,
    POSITIONS,
    POSTERIOR,
    TERMS,
    TRUNK,
    WALLS,
)
from lentigo._diagnosis_modifiers import ENDINGS

LONGEST: Final = 100  # letters; a remark is not a site
_TOKEN: Final = re.compile(r"\d+(?:st|nd|rd|th)\b|[^\W\d_]+|[^\s]")
_SEPARATORS: Final = frozenset(",;:()[]/-–.'’\"_")
_ORDINAL: Final = re.compile(r"\d+(?:st|nd|rd|th)")
_BACK_OF: Final = re.compile(BACK_OF)
_FRONT_OF: Final = re.compile(r"\bfront of\b")
_WALL, _TRUNK, _DIGIT, _AROUND = "wall", "trunk", "digit", "around"
_OPPOSITE: Final = {ANTERIOR: POSTERIOR, POSTERIOR: ANTERIOR}
_TORSO: Final = frozenset((ANTERIOR, POSTERIOR, LATERAL))


def body_site(text: str) -> str | None:
    """Return the ISIC archive's term for a place on the body in words; None where a word is unknown or it is not one.

    Args:
        text: in English, German, French, Spanish, Portuguese or Italian.

    Example:
        >>> body_site("Upper back (left)"), body_site("r calf"), body_site("dorso de la mano"), body_site("Fußsohle")
        ('posterior torso', 'lower extremity', 'upper extremity', 'palms/soles')
        >>> body_site("back or neck"), body_site("trunk"), body_site("left")
        (None, None, None)
    """
    term = text.strip().casefold()
    if term in TERMS:
        return term
    found = _kinds(text) if len(text) <= LONGEST else None
    return None if found is None else _term(*found)


def _kinds(text: str) -> tuple[set[str], set[str], set[str]] | None:
    """Return terms and kinds of the parts, positions on the trunk, and terms of hands and feet; None: unknown word."""
    words = _words(text)
    parts, positions, ends = set[str](), set[str](), set[str]()
    place = 0
    while place < len(words):
        length = next((n for n in range(_longest(), 0, -1) if " ".join(words[place : place + n]) in _table()), 0)
        if not length:
            if not _ORDINAL.fullmatch(words[place]):
                return None
            place += 1
            continue
        kind, meaning = _table()[" ".join(words[place : place + length])]
        {"part": parts, "position": positions, "end": ends}.get(kind, set()).add(meaning)
        place += length
    return parts, positions, ends


def _term(parts: set[str], positions: set[str], ends: set[str]) -> str | None:
    """Return the one term that parts and positions agree on."""
    if _DIGIT in parts and not ends:
        return None
    if parts - {_DIGIT} == {PALMS} and len(ends) <= 1:
        return PALMS
    found = (parts - {_WALL, _TRUNK, _DIGIT}) | ends
    if _WALL in parts:
        found |= {LATERAL} if LATERAL in positions else {ANTERIOR}
    if _TRUNK in parts and not found & _TORSO:
        found |= (positions & _TORSO) or {_TRUNK}
    if len(found) != 1:
        return None
    (term,) = found
    is_torn = not {_WALL, _TRUNK}.isdisjoint(parts) and ("" in positions or len(positions) > 1)
    return None if term == _TRUNK or is_torn or _OPPOSITE.get(term) in positions else term


def _words(text: str) -> list[str]:
    """Return the words of a text in lower case without accents, "back of" as one word for the rear of a part."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    joined = " ".join(token for token in _TOKEN.findall(plain) if token not in _SEPARATORS)
    return _FRONT_OF.sub("anterior", _BACK_OF.sub("dorsal ", joined)).split()


def _expanded(phrases: str) -> Iterator[str]:
    for phrase in phrases.split(";"):
        words = " ".join(phrase.split())
        if words[-1:] in ENDINGS:
            yield from (words[:-1] + ending for ending in ENDINGS[words[-1]])
        else:
            yield words


@functools.cache
def _table() -> Mapping[str, tuple[str, str]]:
    """Return kind and meaning of every phrase; a name of a part comes before a word around it."""
    groups = [
        ("around", {_AROUND: AROUND}),
        ("position", POSITIONS),
        ("part", {_TRUNK: TRUNK, _WALL: WALLS, _DIGIT: DIGITS}),
        ("end", ENDS),
        ("part", PARTS),
    ]
    return {
        phrase: (kind, meaning)
        for kind, lists in groups
        for meaning, phrases in lists.items()
        for phrase in _expanded(phrases)
    }


@functools.cache
def _longest() -> int:
    return max(len(phrase.split()) for phrase in _table())
