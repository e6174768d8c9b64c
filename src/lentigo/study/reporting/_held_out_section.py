"""Collections that were left out of training: the figures of each, and what to expect in another one."""

from dataclasses import dataclass

from lentigo.model import is_shipped
from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation import Evaluation, over_sources
from lentigo.study.reporting._words import FormattedEstimate, show_score, show_share
from lentigo.wording import counted

FIGURES = {"sensitivity": show_share, "specificity": show_share, "auroc": show_score, "cannot_assess": show_share}
_WORDS = {"auroc": "AUROC", "sensitivity": "sensitivity", "specificity": "specificity"}
_BY = {
    "probe": "a logistic head on frozen features of the weights that training started from",
    "finetune": "a network trained again for a few epochs",
}


@dataclass(frozen=True, slots=True)
class HeldOutSection:
    """Figures in collections that a network has not learned from.

    Args:
        lead: by which network they were measured, in a sentence or two.
        rows: name, images and malignant ones, and sensitivity, specificity, AUROC and "cannot assess" of each.
        over: what to expect in another collection, a figure and its words.

    Example:
        >>> HeldOutSection("", (), ()).rows
        ()
    """

    lead: str
    rows: tuple[tuple[str, int, int, tuple[FormattedEstimate, ...]], ...]
    over: tuple[tuple[str, str], ...]


def held_out_section(evaluation: Evaluation) -> HeldOutSection | None:
    """Return what is shown of left-out collections; None where none was left out."""
    entries = evaluation.held_out_sources
    if not entries:
        return None
    rows = tuple(
        (
            str(entry["source"]),
            int(entry["n"]),
            int(entry.get("n_malignant", 0)),
            tuple(
                show(Estimate.from_json(entry[name]) if entry.get(name) else Estimate.undefined("not measured"))
                for name, show in FIGURES.items()
            ),
        )
        for entry in entries
    )
    over = over_sources(entries, confidence=evaluation.resampling.confidence)
    return HeldOutSection(
        _lead(evaluation), rows, tuple((_WORDS[name], found.describe()) for name, found in over.items())
    )


def _lead(evaluation: Evaluation) -> str:
    entries = evaluation.held_out_sources
    by = _BY.get(str(entries[0].get("by")), "a network")
    n_shared = sum(int(entry.get("n_shared", 0)) for entry in entries)
    said = (
        f"Each collection was predicted by {by}, trained on the others alone; its threshold was chosen on their "
        "validation images. The finished network was trained on all of them, so these figures are an estimate for it."
    )
    if any(entry.get("cannot_assess_by") for entry in entries):
        said += " Cannot assess: the low-confidence band alone, as a network in training has no input gate."
    if n_shared:
        said += f" Excluded, as another collection also shows the lesion: {counted(n_shared, 'image')}."
    if any(is_shipped(str(entry.get("start"))) for entry in entries):
        said += " The initial weights may have been trained on these collections; the figures are then too optimistic."
    return said
