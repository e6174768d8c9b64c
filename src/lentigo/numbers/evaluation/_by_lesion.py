"""The figures of lesions beside those of images, where lesions have several photographs that are one answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation._point_scores import OperatingPointScores
from lentigo.wording import counted

# What stands beside each other; what it is called. `macro_f1_at_half` is MILK10k's score, `partial_auroc` ISIC 2024's.
LESION_FIGURES: Final = {
    "auroc": "AUROC",
    "partial_auroc": "partial AUROC above 80 % sensitivity (at most 0.2)",
    "average_precision": "average precision",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_auroc": "macro AUROC",
    "macro_f1_at_half": "macro F1, each class at 0.5",
    "brier": "Brier score",
}
RULE_WORDS: Final = {
    "mean_logit": "the mean of log probabilities",
    "mean_probability": "the mean of probabilities",
    "max_malignant": "the photograph with the highest malignant probability",
}


@dataclass(frozen=True, slots=True, eq=False)
class LesionFigures:
    """What test lesions reach whose photographs are one answer.

    Args:
        rule: by which photographs of a lesion are joined: the one with the least loss on validation.
        losses: mean negative log likelihood of each rule on validation lesions, before calibration.
        n_lesions: of test.
        n_several: of these, lesions with several photographs.
        n_images: test images that they have.
        metrics: of lesions, calibrated on validation lesions.
        points: what thresholds chosen on validation lesions reach; the first one decides.

    Example:
        >>> LesionFigures("mean_logit", {"mean_logit": 0.5}, 10, 8, 18, {}).words
        'the mean of log probabilities'
    """

    rule: str
    losses: Mapping[str, float]
    n_lesions: int
    n_several: int
    n_images: int
    metrics: Mapping[str, Estimate]
    points: tuple[OperatingPointScores, ...] = field(default=())

    @property
    def words(self) -> str:
        """The rule, for a person."""
        return RULE_WORDS.get(self.rule, self.rule)

    def sentence(self) -> str:
        """Return what was joined, and how.

        Example:
            >>> LesionFigures("mean_logit", {}, 10, 8, 18, {}).sentence()[:46]
            '10 test lesions have 18 photographs; 8 have se'
        """
        return (
            f"{counted(self.n_lesions, 'test lesion has', 'test lesions have')} "
            f"{counted(self.n_images, 'photograph')}; {counted(self.n_several, 'has several', 'have several')}. "
            f"A lesion has one answer, from {self.words}: the rule with the least loss on validation lesions. "
            "Calibration and thresholds are chosen on validation lesions."
        )

    def json(self) -> dict[str, Any]:
        """Return the record as JSON types."""
        counts = {name: getattr(self, name) for name in ("n_lesions", "n_several", "n_images")}
        return {
            "rule": self.rule,
            "losses": dict(self.losses),
            **counts,
            "metrics": {name: figure.json() for name, figure in self.metrics.items()},
            "points": [point.json() for point in self.points],
        }

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """Return the record that `json` returned."""
        metrics = {name: Estimate.from_json(value) for name, value in payload["metrics"].items()}
        points = tuple(map(OperatingPointScores.from_json, payload["points"]))
        return cls(**{**payload, "metrics": metrics, "points": points})
