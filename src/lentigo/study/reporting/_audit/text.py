"""The audit for a terminal: findings worst first, then shortcuts, quality and flow in columns; plain text.

No line is wider than 100 columns, and control characters in ids and class names (which could rewrite a terminal) are
left out.
"""

import math
import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from lentigo.data.manifest import SPLITS
from lentigo.errors import name_offenders
from lentigo.model.decision import Estimate
from lentigo.study.auditing import Audit, Finding, QualityFlag
from lentigo.study.reporting._audit.quality import p_text, share_text
from lentigo.study.reporting._audit.words import state, verdict

WIDTH: Final = 100
LEVEL: Final = 9
NAME: Final = 29
FIGURE: Final = 22  # "0.910 [0.899, 0.920]"
RAIL: Final = 21  # one sign is 0.025
FLAW: Final = 24
LISTED: Final = re.compile(r"The \d+ that show it most clearly are listed\.")
LEAST_CELL, MOST_CELL = 8, 14
ASCII: Final = str.maketrans({"±": "+/-", "°": " degrees", "“": "'", "”": "'"})


def audit_summary(audit: Audit) -> str:
    """Return the audit as text for a terminal, without a newline at the end.

    Example:
        >>> audit_summary(Audit.read(run / "audit.json")).startswith("Data audit of phantom")
        True
    """
    blocks = [
        [_clip(f"Data audit of {audit.data}", WIDTH), *_wrap(verdict(audit)), *_wrap(state(audit))],
        *(_finding(finding) for finding in audit.findings),
        list(_shortcuts(audit)),
        list(_flags(audit)),
        _tone(audit),
        list(_flow(audit)),
    ]
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks if block)


def _finding(finding: Finding) -> list[str]:
    level = finding.level.upper() if finding.level == "error" else finding.level
    lines = _wrap(finding.title, first=level.ljust(LEVEL))
    if finding.images:
        lines += _wrap(name_offenders(finding.images), first=" " * LEVEL)
        lines += [" " * LEVEL + words for words in re.findall(LISTED, finding.detail)]
    if finding.remedy:
        lines += _wrap(finding.remedy, first=" " * LEVEL + "To do: ")
    return lines


def _shortcuts(audit: Audit) -> Iterator[str]:
    if not audit.shortcuts:
        return
    singles = [score for score in audit.shortcuts if score.key != "all"]
    singles.sort(key=lambda score: -score.auroc.value if score.auroc.is_defined else 1.0)
    yield "Shortcuts  AUROC of malignant against benign from features that no diagnosis should rest on"
    yield f"  {'':{NAME + FIGURE}}{'0.5':<{RAIL - 3}}1.0"
    for score in [*singles, *(score for score in audit.shortcuts if score.key == "all")]:
        auroc = score.auroc
        figure = str(auroc) if auroc.is_defined else "n/a"
        strongest = _clip(score.strongest if auroc.is_defined else "", WIDTH - NAME - FIGURE - RAIL - 4)
        yield f"  {_clip(score.name, NAME - 2):{NAME}}{figure:{FIGURE}}{_rail(auroc)}  {strongest}"


def _rail(auroc: Estimate) -> str:
    """Return the AUROC as a bar from 0.5 to 1 with its interval: "=====-o-...."."""
    if not auroc.is_defined:
        return "." * RAIL

    def place(value: float) -> int:
        return round((min(max(value, 0.5), 1.0) - 0.5) * 2 * (RAIL - 1))

    cells = ["=" if i < place(auroc.value) else "." for i in range(RAIL)]
    if auroc.has_interval:
        for i in range(place(auroc.low), place(auroc.high) + 1):
            cells[i] = "-"
    cells[place(auroc.value)] = "o"
    return "".join(cells)


def _flags(audit: Audit) -> Iterator[str]:
    flags = sorted((flag for flag in audit.flags if flag.n_images), key=lambda flag: -flag.share)
    if not flags:
        return
    names, splits = _columns(audit, flags)
    yield f"Quality  share of {audit.n_readable:,} readable images; p: that all classes have it equally often"
    titles = ["all", *names, *splits, "p"]
    widths = _widths(titles)
    yield _row("", titles, widths)
    for flag in flags:
        by_split = [flag.by_split.get(name, (0, 0)) for name in splits]
        counts = [(flag.n_images, audit.n_readable), *(_sum(flag, classes) for classes in names.values()), *by_split]
        yield _row(flag.name, [*(share_text(n, of) for n, of in counts), p_text(flag.p_value)], widths)


def _columns(audit: Audit, flags: Sequence[QualityFlag]) -> tuple[dict[str, list[str]], list[str]]:
    """Return the classes that each column adds up, by its title, and the splits; two sides where classes are many."""
    splits = [name for name in SPLITS if any(name in flag.by_split for flag in flags)]
    titles = ["all", *audit.classes, *splits, "p"]
    if 2 + FLAW + sum(_widths(titles)) <= WIDTH:
        return {name: [name] for name in audit.classes}, splits
    benign = [name for name in audit.classes if name not in audit.malignant]
    return {"benign": benign, "malignant": list(audit.malignant)}, splits


def _sum(flag: QualityFlag, classes: Sequence[str]) -> tuple[int, int]:
    counts = [flag.by_class.get(name, (0, 0)) for name in classes]
    return sum(n for n, _ in counts), sum(of for _, of in counts)


def _widths(titles: Sequence[str]) -> list[int]:
    return [min(max(LEAST_CELL, len(title) + 2), MOST_CELL) for title in titles]


def _row(name: str, cells: Sequence[str], widths: Sequence[int]) -> str:
    texts = (f"{_clip(cell, width - 1):>{width}}" for cell, width in zip(cells, widths, strict=True))
    return f"  {_clip(name, FLAW - 2):{FLAW}}{''.join(texts)}"


def _tone(audit: Audit) -> list[str]:
    tone, total = audit.skin_tone, sum(audit.skin_tone.counts.values())
    if not total or math.isnan(tone.median):
        return []
    shares = ", ".join(f"{name} {share_text(n, total)}" for name, n in tone.counts.items() if n)
    error = "" if math.isnan(tone.uncertainty) else f", each image +/- {tone.uncertainty:.0f}"
    return _wrap(
        f"estimated from the colour around the lesion: {shares}. Median ITA {tone.median:.0f} degrees{error}.",
        first="Skin tone  ",
    )


def _flow(audit: Audit) -> Iterator[str]:
    if not audit.flow:
        return
    yield "Flow  images"
    for step in audit.flow:
        yield f"  {_clip(step.step, NAME - 2):{NAME}}{step.n_images:>{LEAST_CELL},}"


def _wrap(text: str, *, first: str = "") -> list[str]:
    indent = " " * (len(first) if len(first) > LEVEL else LEVEL if first else 0)
    return textwrap.wrap(_plain(text), WIDTH, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False)


def _clip(text: str, width: int) -> str:
    plain = _plain(text)
    return plain if len(plain) <= width else f"{plain[: max(width - 2, 0)]}.."


def _plain(text: str) -> str:
    """Return text on one line, with nothing that a terminal would act on."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text.translate(ASCII)).split())
