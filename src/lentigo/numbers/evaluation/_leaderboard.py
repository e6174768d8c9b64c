"""Any number of models on the same images, the best first: how far each is behind it, and whether that is chance.

All models are judged on the same resamples. Each is compared with the best by the difference of AUROCs: a paired
interval, and DeLong's p-value for clustered images, corrected for the number of comparisons (Holm 1979).
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from lentigo.errors import MetricError, PredictionsError
from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation._compare import PAIRED_INTERVALS
from lentigo.numbers.evaluation._comparison import ComparedModel
from lentigo.numbers.evaluation._disparity import holm
from lentigo.numbers.evaluation._evaluation import Resampling
from lentigo.numbers.evaluation._headline import HEADLINE, measure_headline, paired_difference
from lentigo.numbers.evaluation._malignancy import in_order, match_images, to_sides
from lentigo.numbers.metrics import DeLong, delong_aurocs
from lentigo.wording import counted

SCHEMA_VERSION: Final = 1
RANKED_BY: Final = "auroc"

Standing = Literal["best", "worse", "not shown to be worse"]


@dataclass(frozen=True, slots=True)
class LeaderboardEntry:
    """One model of a leaderboard.

    Args:
        name: of the model.
        threshold: on its malignant probability; None where it has none.
        figures: the compared figures, see `HEADLINE`.
        behind: AUROC of the best less its own, from paired resamples; None for the best.
        p_value: two-sided, of DeLong's test against the best; NaN for the best and where undefined.
        p_corrected: the same, corrected for the number of models (Holm).
        standing: "worse" where the corrected p-value is below one less the confidence.

    Example:
        >>> LeaderboardEntry("A", None, {}, None, float("nan"), float("nan"), "best").standing
        'best'
    """

    name: str
    threshold: float | None
    figures: Mapping[str, Estimate]
    behind: Estimate | None
    p_value: float
    p_corrected: float
    standing: Standing

    def json(self) -> dict[str, Any]:
        """Return the entry as JSON types."""
        return {
            "name": self.name,
            "threshold": self.threshold,
            "figures": {name: figure.json() for name, figure in self.figures.items()},
            "behind": self.behind and self.behind.json(),
            "p_value": None if np.isnan(self.p_value) else self.p_value,
            "p_corrected": None if np.isnan(self.p_corrected) else self.p_corrected,
            "standing": self.standing,
        }


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """Models on the same images, by AUROC of malignant against benign.

    Args:
        entries: the best first.
        classes: those that all were evaluated on; benign and malignant where their own differ.
        n_images: images, each counted once.
        n_malignant: those that are malignant.
        resampling: how the intervals were made.
        beside: AUROCs of what does not see the lesion.
        schema_version: of the JSON.

    Example:
        >>> from lentigo import leaderboard
        >>> [entry.standing for entry in leaderboard([predictions_csv, predictions_csv]).entries]
        ['best', 'not shown to be worse']
    """

    entries: tuple[LeaderboardEntry, ...]
    classes: tuple[str, ...]
    n_images: int
    n_malignant: int
    resampling: Resampling
    beside: Mapping[str, Estimate] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION

    def json(self) -> dict[str, Any]:
        """Return the leaderboard as JSON types, its schema version first; what is undefined is null."""
        return {
            "schema_version": self.schema_version,
            "ranked_by": RANKED_BY,
            "classes": list(self.classes),
            "n_images": self.n_images,
            "n_malignant": self.n_malignant,
            "resampling": dataclasses.asdict(self.resampling),
            "entries": [entry.json() for entry in self.entries],
            "beside": {name: figure.json() for name, figure in self.beside.items()},
        }


def rank_models(
    models: Sequence[ComparedModel],
    *,
    groups: npt.NDArray[np.generic] | None = None,
    unit: str = "image",
    beside: Mapping[str, Estimate] | None = None,
    n_resamples: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Leaderboard:
    """Return models on the same images, the best by AUROC first.

    Args:
        models: two or more; images are matched by id. Where classes differ, all are judged as benign against malignant.
        groups: (N,) lesion or patient of each image of the first; every image for itself when None.
        unit: what a group is.
        beside: AUROCs to stand beside, by name.
        n_resamples: number of resamples.
        confidence: coverage of the intervals, and one less the level of the corrected tests.
        seed: of the resamples.

    Raises:
        MetricError: there are fewer than two models, no images, or images of one side only.
        PredictionsError: the images or their truth are not the same.

    Example:
        >>> from lentigo.numbers.predictions import Predictions
        >>> rows = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]])
        >>> said = Predictions(np.array(["a", "b", "c"]), np.array([0, 0, 1]), rows, ("NV", "MEL"))
        >>> judged = [ComparedModel(name, said, ("MEL",), threshold=0.5) for name in "ABC"]
        >>> [entry.name for entry in rank_models(judged, n_resamples=20).entries]
        ['A', 'B', 'C']
    """
    if len(models) < 2:
        raise MetricError(f"{counted(len(models), 'model')} cannot be compared. Name two or more.")
    models = on_common_ground(models)
    first = models[0]
    truth = first.said.is_malignant(first.malignant)
    if truth.all() or not truth.any():
        raise MetricError(
            "the models cannot be ranked: the images are all malignant or all benign. Compare on images of both kinds."
        )
    measure = partial(
        measure_headline, groups=groups, unit=unit, n_resamples=n_resamples, confidence=confidence, seed=seed
    )
    measured = [measure(model.said, model.malignant, threshold=model.threshold) for model in models]
    scores = [model.said.malignant(model.malignant) for model in models]
    areas = delong_aurocs(truth, scores, groups=measured[0].resampler.cluster)
    order = np.argsort(-areas.auroc, kind="stable").tolist()
    best = order[0]
    p_values = [_p_value(areas, best, row) for row in order[1:]]
    corrected = holm(p_values)
    entries = [_entry(models[best], measured[best], None, np.nan, np.nan, "best")]
    for row, p_value, p_corrected in zip(order[1:], p_values, corrected, strict=True):
        standing: Standing = "worse" if p_corrected < 1 - confidence else "not shown to be worse"
        behind = paired_difference(measured[best], measured[row], RANKED_BY)
        entries.append(_entry(models[row], measured[row], behind, p_value, p_corrected, standing))
    return Leaderboard(
        entries=tuple(entries),
        classes=first.said.classes,
        n_images=len(first.said),
        n_malignant=int(truth.sum()),
        resampling=Resampling(
            unit, measured[0].resampler.n_clusters, n_resamples, confidence, seed, interval=PAIRED_INTERVALS
        ),
        beside=dict(beside or {}),
    )


def on_common_ground(models: Sequence[ComparedModel]) -> list[ComparedModel]:
    """Return the models with the same images, truth and classes, in the order of the first.

    Raises:
        MetricError: the first has no labelled images.
        PredictionsError: the images, the truth or the malignant classes are not the same.
    """
    first = models[0]
    base = first.said.labelled()
    if len(base) == 0:
        raise MetricError(f"{first.name} has no labelled images to compare on. Fill in the column 'target'.")
    is_alike = all(set(model.said.classes) == set(base.classes) for model in models)
    torn = next((one for one in models if is_alike and set(one.malignant) != set(first.malignant)), None)
    if torn is not None:
        raise PredictionsError(
            f"{first.name} and {torn.name} do not call the same classes malignant: {', '.join(first.malignant)}; "
            f"{', '.join(torn.malignant)}. Set data.ak and data.akiec alike."
        )
    malignant = tuple(first.malignant) if is_alike else ("malignant",)
    base = base if is_alike else to_sides(base, first.malignant)
    found = [dataclasses.replace(first, said=base, malignant=malignant)]
    for model in models[1:]:
        said = model.said.labelled() if (model.said.target >= 0).any() else model.said
        said = in_order(said, base.classes) if is_alike else to_sides(said, model.malignant)
        said = match_images(base, said, names=(first.name, model.name))
        found.append(dataclasses.replace(model, said=said, malignant=malignant))
    return found


def _entry(
    model: ComparedModel,
    measured: Any,
    behind: Estimate | None,
    p_value: float,
    p_corrected: float,
    standing: Standing,
) -> LeaderboardEntry:
    figures = {name: measured.estimate(name) for name in HEADLINE if name in measured.values}
    return LeaderboardEntry(model.name, model.threshold, figures, behind, p_value, p_corrected, standing)


def _p_value(areas: DeLong, best: int, other: int) -> float:
    pair = [best, other]
    return DeLong(areas.auroc[pair], areas.covariance[np.ix_(pair, pair)], areas.effective).difference()[3]
