"""The answers that change from one model to another, for a terminal; plain ASCII."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lentigo.study.reporting._terminal.layout import format_rows
from lentigo.wording import counted, figure_text

if TYPE_CHECKING:
    from lentigo.numbers.evaluation import AnswerChanges

MOST_SHOWN: Final = 30


def _probability(value: float) -> str:
    """Return a probability no finer than a sample tells."""
    return "<0.01" if value < 0.01 else ">0.99" if value > 0.99 else figure_text(value)


def _none_lost(n_referred: int) -> str:
    if n_referred == 0:
        return "A refers no malignant image"
    if n_referred == 1:
        return "the malignant image that A refers is not benign-looking for B"
    return f"none of the {counted(n_referred, 'malignant image')} that A refers is benign-looking for B"


def changes_table(changes: AnswerChanges) -> str:
    """Return the answers that change as text, without a newline at the end; the dangerous ones first."""
    lost = changes.lost
    n_melanomas = sum(change.truth == "MEL" for change in lost)
    start = f"answers that change from A to B: {len(changes.listed):,} of {counted(changes.n_images, 'image')}"
    if lost:
        of_these = f", {n_melanomas:,} of them melanomas" if n_melanomas else ""
        start += f"\nMALIGNANT, referred by A and benign-looking for B: {len(lost):,}{of_these}"
    else:
        n_referred = sum(n for (side, old, _), n in changes.counts.items() if (side, old) == ("malignant", "refer"))
        start += f"\n{_none_lost(n_referred)}"
    blocks = [start]
    rows = [(side, old, new, f"{n:,}") for (side, old, new), n in sorted(changes.counts.items()) if old != new]
    if rows:
        blocks.append("\n".join(format_rows([("truth", "A", "B", "images"), *rows])))
    if changes.listed:
        shown = [
            (
                one.image,
                one.truth,
                one.old,
                one.new,
                _probability(one.old_probability),
                _probability(one.new_probability),
            )
            for one in changes.listed[:MOST_SHOWN]
        ]
        head = ("image", "truth", "A", "B", "malignant, A", "malignant, B")
        blocks.append("\n".join(format_rows([head, *shown])))
    if len(changes.listed) > MOST_SHOWN:
        blocks.append(f"  ... and {len(changes.listed) - MOST_SHOWN:,} more; --changes FILE writes all of them")
    return "\n\n".join(blocks)
