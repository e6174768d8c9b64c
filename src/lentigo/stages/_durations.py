"""Spans of time as people write them: "90s", "30m", "1h30m"."""

import re
from typing import Final

from lentigo.errors import ConfigError

_UNITS: Final = {"h": 3600, "m": 60, "s": 1}
_WRITTEN: Final = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?")


def seconds_of(text: str | float) -> float:
    """Return the seconds of a span such as "90s", "30m", "2h" or "1h30m"; a number is seconds.

    Raises:
        ConfigError: it is not written so, or not above zero.

    Example:
        >>> seconds_of("1h30m")
        5400.0
    """
    if isinstance(text, str):
        found = _WRITTEN.fullmatch(text.strip().lower().replace(" ", ""))
        parts = [float(part or 0) for part in found.groups()] if found else []
        seconds = sum(part * unit for part, unit in zip(parts, _UNITS.values(), strict=bool(parts)))
    else:
        seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise ConfigError(f"{text!r} is not a span of time. Write it with its unit: 90s, 30m, 2h or 1h30m.")
    return float(seconds)


def in_words(seconds: float) -> str:
    """Return a span of time in the unit that suits it.

    Example:
        >>> in_words(40), in_words(150), in_words(1830), in_words(9000)
        ('40 s', '2.5 min', '30 min', '2.5 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 600:
        return f"{seconds / 60:.1f} min".replace(".0 min", " min")
    return f"{seconds / 60:.0f} min" if seconds < 2 * 3600 else f"{seconds / 3600:.1f} h"


def at_least(seconds: float) -> str:
    """Return a span that is no shorter, as `seconds_of` reads it.

    Example:
        >>> at_least(61.2), at_least(40.1)
        ('2m', '41s')
    """
    return f"{int(-(-seconds // 1))}s" if seconds < 60 else f"{int(-(-seconds // 60))}m"
