"""Lesions beside images, for the report."""

from dataclasses import dataclass, replace

from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation import LESION_FIGURES, Evaluation
from lentigo.study.reporting._words import FormattedEstimate, show_score, show_share
from lentigo.wording import counted


@dataclass(frozen=True, slots=True)
class LesionSection:
    """Figures of images and of lesions, side by side.

    Args:
        lead: what was joined, and how.
        rows: name, figure of images, figure of lesions.
        point: what the first threshold reaches by lesion; empty where none was chosen.

    Example:
        >>> LesionSection("", (), "").rows
        ()
    """

    lead: str
    rows: tuple[tuple[str, FormattedEstimate, FormattedEstimate], ...]
    point: str


def lesions_of(evaluation: Evaluation) -> LesionSection | None:
    """Return what is shown of lesions with several photographs; None where there are none."""
    lesions, whole = evaluation.lesions, evaluation.metrics
    if lesions is None:
        return None
    keys = [key for key in LESION_FIGURES if key in lesions.metrics and key in whole]
    rows = tuple((LESION_FIGURES[key], show_score(whole[key]), _of_lesions(lesions.metrics[key])) for key in keys)
    said = [
        f"At {point.name}, chosen on validation lesions: sensitivity {show_share(point.sensitivity)} of "
        f"{counted(point.tp + point.fn, 'malignant lesion')}, specificity {show_share(point.specificity)} of "
        f"{counted(point.tn + point.fp, 'benign lesion')}."
        for point in lesions.points[:1]
    ]
    return LesionSection(lesions.sentence(), rows, "".join(said))


def _of_lesions(figure: Estimate) -> FormattedEstimate:
    """Return a figure whose cases are lesions: the reason for a missing interval speaks of them."""
    shown = show_score(figure)
    return replace(shown, note=shown.note.replace("images", "lesions").replace("1 image ", "1 lesion "))
