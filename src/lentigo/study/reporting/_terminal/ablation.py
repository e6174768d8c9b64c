"""What columns add to a model, for a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from lentigo.study.reporting._terminal.layout import format_rows, show
from lentigo.wording import counted, units_drawn

if TYPE_CHECKING:
    from lentigo.numbers.evaluation import Ablation


def ablation_table(found: Ablation) -> str:
    """Return the ablation as text, without a newline at the end."""
    how = found.resampling
    rows = [("AUROC, out of fold", ""), *((name, show(figure)) for name, figure in found.auroc.items())]
    rows += [("both - image alone", show(found.gain, signed=True))]
    rows += [("Brier score, improved by", show(found.gain_brier, signed=True))]
    missing = ", ".join(f"{name} {n:,}" for name, n in found.n_missing.items())
    without = f"; without a value: {missing}" if missing else ""
    blocks = [
        [f"{counted(found.n_images, 'image')}, {found.n_malignant:,} of them malignant{without}"],
        format_rows(rows, indent=""),
        textwrap.wrap(found.sentence, 100),
        textwrap.wrap(
            f"In brackets: {how.confidence * 100:g} % intervals, paired bootstrap, {how.n_resamples:,} resamples of "
            f"{units_drawn(how.n_units, how.unit)}.",
            100,
        ),
    ]
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks)
