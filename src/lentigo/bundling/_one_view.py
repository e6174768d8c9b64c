"""Whether one view of an image is as good as eight: measured on validation before a bundle asks one alone."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lentigo.bundling._inputs import Cases
from lentigo.bundling._proof import loss_of, mean_logits
from lentigo.model.decision import DecisionRule
from lentigo.training import Classifier
from lentigo.wording import counted

# Eight views cost 8 times one. These are what a reader of the card may take for nothing: a tenth of the half-width of
# the interval of an AUROC on 1,000 images, and one decision in a hundred.
MOST_AUROC_LOST: Final = 0.002
MOST_CHANGED: Final = 0.01


@dataclass(frozen=True, slots=True)
class OneView:
    """What one view instead of eight loses on validation.

    Args:
        n_images: how many were asked both ways.
        auroc_lost: AUROC of eight views less that of one, malignant against benign; None where undefined.
        changed: share of images on the other side of the threshold.
    """

    n_images: int
    auroc_lost: float | None
    changed: float

    @property
    def is_as_good(self) -> bool:
        """Whether one view is as good as eight within the limits."""
        return self.auroc_lost is not None and self.auroc_lost <= MOST_AUROC_LOST and self.changed <= MOST_CHANGED

    @property
    def sentence(self) -> str:
        """What the card says.

        Example:
            >>> OneView(1000, -0.0004, 0.003).sentence
            'on 1,000 validation images AUROC +0.0004, 3 decisions changed'
        """
        auroc = "AUROC undefined" if self.auroc_lost is None else f"AUROC {-self.auroc_lost:+.4f}"
        changed = round(self.changed * self.n_images)
        return f"on {counted(self.n_images, 'validation image')} {auroc}, {changed} decisions changed"


def measure_one_view(
    classifiers: Sequence[Classifier], cases: Cases, decision: DecisionRule, *, batch_size: int = 64
) -> OneView:
    """Return what one view instead of eight loses.

    Args:
        classifiers: the members of the ensemble.
        cases: validation images.
        decision: by the calibration of the run.
        batch_size: images at once.
    """
    one, eight = (
        mean_logits(
            [dataclasses.replace(member, views=n) for member in classifiers], cases.pixels, batch_size=batch_size
        )
        for n in (1, 8)
    )
    truth = decision.is_malignant[cases.target]
    (auroc_lost, _, changed), _ = loss_of(one, eight, decision, truth, cases.columns)
    return OneView(len(cases.seen), auroc_lost, changed)
