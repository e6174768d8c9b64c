"""Several photographs of one lesion as one answer.

Kinds of photograph (clinical, dermoscopic) count alike: repeats of one kind are joined first, then the kinds. So five
dermoscopic repeats do not outvote one clinical photograph.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from lentigo.errors import PredictionsError, name_offenders
from lentigo.model.decision import LESION_RULES, join_photographs
from lentigo.numbers.predictions._predictions import Predictions
from lentigo.wording import counted

RULES: Final = LESION_RULES
FLOOR: Final = 1e-7  # of the probability of the true class in a loss


def fuse_lesions(
    said: Predictions,
    lesion: Sequence[str],
    rule: str,
    *,
    malignant: Sequence[str],
    kind: Sequence[str] | None = None,
) -> Predictions:
    """Return one row per lesion, under the id of its first image.

    Args:
        said: of each image.
        lesion: of each image, (N,).
        rule: mean_logit: the mean of log probabilities, normalised; mean_probability: their mean; max_malignant: the
            answer about the photograph with the highest malignant probability.
        malignant: the malignant classes.
        kind: of each photograph, such as dermoscopic; all of one kind when left out.

    Raises:
        PredictionsError: the rule is unknown, or two images of a lesion have different targets.

    Example:
        >>> rows = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]])
        >>> images = Predictions(np.array(["a", "b", "c"]), np.array([0, 0, 1]), rows, ("NV", "MEL"))
        >>> fuse_lesions(images, ["x", "x", "y"], "mean_logit", malignant=["MEL"]).probabilities.round(2).tolist()
        [[0.75, 0.25], [0.2, 0.8]]
    """
    if rule not in RULES:
        raise PredictionsError(f"unknown rule '{rule}' for several images of a lesion. Known: {', '.join(RULES)}.")
    names, first, place = np.unique(np.asarray(lesion, dtype=np.str_), return_index=True, return_inverse=True)
    differ = sorted({str(names[k]) for k in place[said.target != said.target[first][place]]})
    if differ:
        raise PredictionsError(
            f"{counted(len(differ), 'lesion has', 'lesions have')} images of "
            f"different classes: {name_offenders(differ)}. Correct their targets."
        )
    kinds = np.unique(np.asarray(kind if kind is not None else [""] * len(said), dtype=np.str_), return_inverse=True)[1]
    side = np.isin(said.classes, list(malignant))
    fused = join_photographs(said.probabilities, place, kinds, rule, side)
    kept = np.argsort(first, kind="stable")  # lesions in the order in which they are first seen
    return Predictions(said.image[first][kept], said.target[first][kept], fused[kept], said.classes)


def choose_rule(
    said: Predictions, lesion: Sequence[str], *, malignant: Sequence[str], kind: Sequence[str] | None = None
) -> tuple[str, dict[str, float]]:
    """Return the rule with the least mean negative log likelihood on validation lesions, and that of each rule.

    Args:
        said: of labelled validation images; what is chosen on them is to be measured on others.
        lesion: of each image.
        malignant: the malignant classes.
        kind: of each photograph.

    Example:
        >>> rows = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]])
        >>> images = Predictions(np.array(["a", "b", "c"]), np.array([0, 0, 1]), rows, ("NV", "MEL"))
        >>> choose_rule(images, ["x", "x", "y"], malignant=["MEL"])[0]
        'mean_logit'
    """
    losses = {}
    for rule in RULES:
        fused = fuse_lesions(said, lesion, rule, malignant=malignant, kind=kind)
        true = fused.probabilities[np.arange(len(fused)), fused.target]
        losses[rule] = float(-np.log(np.maximum(true, FLOOR)).mean())
    return min(losses, key=losses.__getitem__), losses
