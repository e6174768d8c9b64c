"""A list of predictions as a page: one row per image, with its photograph, to be sorted by any column."""

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from markupsafe import Markup

from lentigo.config import ImageConfig
from lentigo.errors import ConfigError, ImageError
from lentigo.model import BENIGN_LOOKING, REFER, Answer
from lentigo.study.reporting._pictures import thumbnail
from lentigo.study.reporting._rendering import render, source_of
from lentigo.study.reporting._words import threshold_text
from lentigo.wording import counted

MOST: Final = 3000
"""Rows of one page. A thumbnail is 3 to 8 kB as text, and browsers are slow to lay out much longer tables."""

_SIDE: Final = 120
_ADDED: Final = (
    "Numbers in log-odds show what each column added to the prediction of the image alone: above 0 speaks for "
    "malignant, below 0 for benign."
)
_ORDER: Final = (REFER, BENIGN_LOOKING)


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One image of the list.

    Args:
        image: its name.
        picture: a data URI; empty for none.
        decision: in words.
        kind: of the decision, as a class of the style sheet.
        order: place of the decision, for sorting.
        malignant: the probability as text; empty where the photograph is at fault.
        malignant_value: the same to sort by.
        classes: the most probable ones.
        why: reasons not to believe it, or the error.
        added: what each column (age, sex, ...) added to the malignant log-odds; empty for the image alone.

    Example:
        >>> AnswerRow("a.jpg", "", "refer", "refer", 0, "12%", "0.12", "MEL 12%", "").picture
        ''
    """

    image: str
    picture: str
    decision: str
    kind: str
    order: int
    malignant: str
    malignant_value: str
    classes: str
    why: str
    added: Mapping[str, float] = field(default_factory=dict)


def row_of_answer(answer: Answer, source: Path | bytes | None, *, limits: ImageConfig | None = None) -> AnswerRow:
    """Return the row of an answer; without a source it has no picture.

    Example:
        >>> row_of_answer(Answer("a.jpg", {"NV": 0.9, "MEL": 0.1}, 0.1, "refer", threshold=0.05), None).malignant
        '10.0%'
    """
    is_shown = answer.is_assessable
    chances = [f"{name} {chance}" for name, chance in answer.class_texts[:3]]
    decision = answer.decision
    return AnswerRow(
        image=answer.image,
        picture="" if source is None else _picture(source, limits),
        decision=decision,
        kind=decision.replace(" ", "-"),
        order=_ORDER.index(decision) if decision in _ORDER else len(_ORDER),
        malignant=answer.malignant_text if is_shown else "",
        malignant_value=f"{answer.malignant:.6f}" if is_shown and not math.isnan(answer.malignant) else "",
        classes=", ".join(chances) if is_shown else "",
        why=answer.error or "; ".join(answer.reasons),
        added=dict(answer.contributions) if is_shown else {},
    )


def render_answers(rows: Iterable[AnswerRow], *, model: str, threshold: float, with_pictures: bool) -> str:
    """Return a list of predictions as one HTML file that needs nothing else.

    Args:
        rows: one per image.
        model: its name.
        threshold: from which on a lesion is referred.
        with_pictures: whether the rows hold photographs; the page then says so.

    Example:
        >>> page = render_answers([], model="lentigo", threshold=0.1, with_pictures=False)
        >>> page.splitlines()[0]
        '<!doctype html>'
    """
    found = _without_folders(list(rows))
    terms = list(dict.fromkeys(name for row in found for name in row.added))
    return render(
        "answers.html.j2",
        {
            "title": model,
            "rows": found,
            "headline": _headline(found),
            "how": f"A lesion is referred from a malignant probability of {threshold_text(threshold)}. Where the "
            "photograph itself cannot be assessed, no probability is given.",
            "terms": terms,
            "added": _ADDED if terms else "",
            "script": Markup(source_of("answers.js")),  # noqa: S704 - our own file
            "with_pictures": with_pictures,
        },
    )


def refuse_many(n_images: int) -> None:
    """Refuse more rows than a browser shows.

    Raises:
        ConfigError: there are more.
    """
    if n_images > MOST:
        raise ConfigError(
            f"{counted(n_images, 'image is', 'images are')} too many for one page; it holds {MOST:,}. Write a CSV with "
            "--out, or make a page of fewer images."
        )


def _without_folders(rows: list[AnswerRow]) -> list[AnswerRow]:
    """Return the rows without the folder that all names begin with: it is of this machine, and may name a patient."""
    names = [row.image for row in rows]
    try:
        shared = os.path.commonpath([os.path.dirname(name) for name in names])  # noqa: PTH120 - names, not files
    except ValueError:  # none, or absolute and relative ones
        return rows
    if not shared.strip(os.sep):
        return rows
    start = shared + os.sep  # an error's text begins with the whole name
    return [replace(row, image=row.image.removeprefix(start), why=row.why.replace(start, "")) for row in rows]


def _headline(rows: Sequence[AnswerRow]) -> str:
    counts = [sum(row.kind == kind for row in rows) for kind in ("refer", "benign-looking")]
    rest = len(rows) - sum(counts)
    return (
        f"{counted(len(rows), 'image')}: {counts[0]:,} to refer, {counts[1]:,} benign-looking, {rest:,} that cannot be "
        "assessed."
    )


def _picture(source: Path | bytes, limits: ImageConfig | None) -> str:
    try:
        return thumbnail(source, side=_SIDE, limits=limits)
    except ImageError:
        return ""
