"""Text that has to fit: lines of a name, broken where the room for it ends."""

from typing import Final

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from lentigo.study.reporting._drawing import STYLE

_MOST_LINES: Final = 6  # of the longest names of institutes; what is longer still ends in an ellipsis


def width_of(text: str, size: float, *, weight: str = "normal") -> float:
    """Return how wide a line of text is, in the unit of its size.

    Example:
        >>> width_of("site", 10) < width_of("site", 10, weight="bold") < 30
        True
    """
    if not text.strip():
        return 0.0
    letters = FontProperties(family=STYLE["font.family"], weight=weight)
    return float(TextPath((0, 0), text, size=size, prop=letters, usetex=False).get_extents().width)


def wrapped(text: str, width: float, size: float, *, weight: str = "normal") -> list[str]:
    """Return a text in lines that are no wider than the room for them.

    Args:
        text: words; one that is too wide alone is broken within.
        width: of the room, in the unit of the size.
        size: of the letters.
        weight: of the letters.

    Example:
        >>> wrapped("Hospital Clinic de Barcelona", 110, 10)
        ['Hospital Clinic de', 'Barcelona']
    """
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if width_of(longer, size, weight=weight) <= width:
            lines[-1] = longer
            continue
        lines += [""] if lines[-1] else []
        if width_of(word, size, weight=weight) <= width:
            lines[-1] = word
            continue
        for letter in word:
            if lines[-1] and width_of(lines[-1] + letter, size, weight=weight) > width:
                lines.append("")
            lines[-1] += letter
    if len(lines) <= _MOST_LINES:
        return lines
    return [*lines[: _MOST_LINES - 1], f"{lines[_MOST_LINES - 1][:-1]}…"]
