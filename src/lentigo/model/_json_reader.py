"""JSON from strangers: parsed within limits, every field asked for by type and range, nothing unknown let through.

A bundle may come from anywhere, and a field that is silently ignored or a number that overflows is an answer that is
silently wrong. So a repeated key, NaN, a number of 400 digits, ten thousand brackets or a field this version does not
know are all refused, each in one sentence.
"""

import json
import math
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from lentigo.errors import BundleError, name_offenders

T = TypeVar("T")

DEEPEST: Final = 12  # the record of the shipped model is 6 deep; a parser must not be led into its recursion limit
LONGEST_INTEGER: Final = 18  # digits: fits into 64 bits
LONGEST_TEXT: Final = 4000  # the longest text of the shipped model has 161 characters, a licence some hundreds
MOST_ITEMS: Final = 100_000  # an isotonic curve has at most a bend per validation image


def parse_strict(content: bytes, name: str) -> dict[str, Any]:
    """Return the JSON object in `content`.

    Args:
        content: UTF-8.
        name: of the file, for messages.

    Raises:
        BundleError: it is not JSON, or is outside the limits of this module.

    Example:
        >>> parse_strict(b'{"a": 1.5}', "a.json")
        {'a': 1.5}
    """

    def refuse_constant(text: str) -> float:
        raise ValueError(f"{text} is not a number")

    try:
        payload = json.loads(
            content.decode("utf-8"),
            parse_constant=refuse_constant,
            parse_float=_finite,
            parse_int=_bounded,
            object_pairs_hook=_without_repeats,
        )
    except RecursionError:
        raise BundleError(f"{name} is nested deeper than {DEEPEST} levels. {_REMEDY}") from None
    except ValueError as error:
        raise BundleError(f"{name} is not JSON that lentigo writes: {_short(error)}. {_REMEDY}") from error
    if not isinstance(payload, dict):
        raise BundleError(f"{name} does not contain a JSON object. {_REMEDY}")
    _check_depth(payload, name)
    return payload


_REMEDY: Final = "Restore the bundle, or export it again."


class Fields:
    """One JSON object whose fields are taken out one by one; `done` refuses what is left.

    Args:
        payload: the object.
        where: its name, for messages.

    Example:
        >>> fields = Fields({"size": 224}, "bundle.json: preprocess")
        >>> fields.integer("size", low=1, high=4096)
        224
        >>> fields.done()
    """

    def __init__(self, payload: object, where: str) -> None:
        self.where = where
        self._left = dict(payload) if isinstance(payload, dict) else self.refuse("is not a JSON object")

    def refuse(self, problem: str) -> Any:
        """Raise the error that `problem` describes.

        Raises:
            BundleError: always.
        """
        raise BundleError(f"{self.where} {problem}. {_REMEDY}")

    def done(self) -> None:
        """Refuse the object if a field was not asked for."""
        if self._left:
            self.refuse(f"has unknown fields: {_short(name_offenders(self._left))}")

    def has(self, key: str) -> bool:
        """Return whether a field that may be missing is there."""
        return key in self._left

    def take(self, key: str) -> Any:
        """Return a field as it stands."""
        if key not in self._left:
            self.refuse(f"lacks '{key}'")
        return self._left.pop(key)

    def number(self, key: str, *, low: float, high: float) -> float:
        """Return a number within a range, ends included."""
        value = self.take(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self.refuse(f"has {key} = {_short(value)}; it must be a number from {low:g} to {high:g}")
        return float(value)

    def number_or_nan(self, key: str, *, low: float, high: float) -> float:
        """Return a number within a range, ends included; NaN, the very object `math.nan`, where the field is null."""
        if self._left.get(key, 0) is None:
            del self._left[key]
            return math.nan
        return self.number(key, low=low, high=high)

    def integer(self, key: str, *, low: int, high: int) -> int:
        """Return a whole number within a range, ends included."""
        value = self.take(key)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.refuse(f"has {key} = {_short(value)}; it must be a whole number from {low} to {high}")
        return int(value)

    def text(self, key: str, *, longest: int = LONGEST_TEXT) -> str:
        """Return a text that is not too long and, lines aside, printable."""
        return self._checked_text(key, self.take(key), longest)

    def choice(self, key: str, known: Iterable[str]) -> str:
        """Return a text that is one of some."""
        value, names = self.take(key), tuple(known)
        if value not in names:
            self.refuse(f"has {key} = {_short(value)}; known are {', '.join(names)}")
        return str(value)

    def flag(self, key: str) -> bool:
        """Return a truth value."""
        value = self.take(key)
        return (
            value if isinstance(value, bool) else bool(self.refuse(f"has {key} = {_short(value)}, not true or false"))
        )

    def texts(self, key: str, *, most: int = MOST_ITEMS, longest: int = 200) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(self._checked_text(key, item, longest) for item in self._list(key, most))

    def numbers(self, key: str, *, most: int, low: float, high: float) -> tuple[float, ...]:
        """Return a list of numbers within a range."""
        items = self._list(key, most)
        return tuple(Fields({key: item}, self.where).number(key, low=low, high=high) for item in items)

    def records(self, key: str, make: "Callable[[Fields], T]", *, most: int = 100) -> tuple[T, ...]:
        """Return a list of objects, each made by `make`."""
        return tuple(
            _made(Fields(item, f"{self.where}.{key}[{i}]"), make) for i, item in enumerate(self._list(key, most))
        )

    def record(self, key: str, make: "Callable[[Fields], T]") -> T:
        """Return an object made by `make`."""
        return _made(Fields(self.take(key), f"{self.where}.{key}"), make)

    def table(self, key: str, make: "Callable[[Fields], T]", *, most: int = 1000) -> dict[str, T]:
        """Return an object of objects, each made by `make`."""
        payload = self.take(key)
        if not isinstance(payload, dict) or len(payload) > most:
            self.refuse(f"must have an object of at most {most} entries as {key}")
        return {
            self._checked_text(key, name, 200): _made(Fields(item, f"{self.where}.{key}.{_short(name)}"), make)
            for name, item in payload.items()
        }

    def optional(self, key: str, make: "Callable[[Fields], T]") -> T | None:
        """Return an object made by `make`, or None where the field is null."""
        if self._left.get(key, 0) is None:
            del self._left[key]
            return None
        return self.record(key, make)

    def _list(self, key: str, most: int) -> list[Any]:
        value = self.take(key)
        if not isinstance(value, list) or len(value) > most:
            self.refuse(f"must have a list of at most {most} entries as {key}")
        return list(value)

    def _checked_text(self, key: str, value: object, longest: int) -> str:
        if not isinstance(value, str) or len(value) > longest:
            self.refuse(f"has {key} = {_short(value)}; it must be a text of at most {longest} characters")
        if not all(letter.isprintable() or letter == "\n" for letter in str(value)):
            self.refuse(f"has unprintable characters in {key}")
        return str(value)


def _made(fields: Fields, make: "Callable[[Fields], T]") -> T:
    made = make(fields)
    fields.done()
    return made


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is too large a number")
    return value


def _bounded(text: str) -> int:
    if len(text) > LONGEST_INTEGER:
        raise ValueError(f"{text[:20]}... is too large a number")
    return int(text)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        raise ValueError("a field occurs twice")
    return table


def _check_depth(payload: object, name: str) -> None:
    level: list[object] = [payload]
    for _ in range(DEEPEST):
        level = [
            item
            for container in level
            for item in (
                container.values() if isinstance(container, dict) else container if isinstance(container, list) else ()
            )
        ]
        if not level:
            return
    raise BundleError(f"{name} is nested deeper than {DEEPEST} levels. {_REMEDY}")


def _short(value: object) -> str:
    text = repr(value) if not isinstance(value, Exception) else str(value)
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return text if len(text) <= 80 else f"{text[:77]}..."
