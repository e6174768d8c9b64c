"""Two models on the same images: which is better, by how much, and how sure that is.

The images of a lesion or patient are drawn together, and both models are judged on the same resamples, so that what is
hard for both cancels. Every difference is the first model's figure less the second's.
"""

import dataclasses
from collections.abc import Mapping
from functools import partial

import numpy as np
import numpy.typing as npt

from lentigo.errors import MetricError, PredictionsError
from lentigo.model.decision import Estimate, is_referred
from lentigo.numbers.evaluation._comparison import ComparedModel, Comparison, Difference
from lentigo.numbers.evaluation._evaluation import Resampling
from lentigo.numbers.evaluation._headline import HEADLINE, ComparedFigures, measure_headline, paired_difference
from lentigo.numbers.evaluation._malignancy import TRIVIAL, in_order, match_images, to_sides, trivial
from lentigo.numbers.metrics import CLAIMS, McNemar, delong_aurocs, mcnemar, roc_curve, scarcest

MARGIN_FIGURES = ("auroc", "average_precision", "accuracy", "balanced_accuracy", "sensitivity", "specificity")
"""Shares and areas from 0 to 1: one margin means the same loss for all of them."""

PAIRED_INTERVALS = "BCa; Wilson by effective size for proportions; percentiles for a difference of ECEs"


def compare(
    first: ComparedModel,
    second: ComparedModel,
    *,
    groups: npt.NDArray[np.generic] | None = None,
    unit: str = "image",
    margin: float | None = None,
    beside: Mapping[str, Estimate] | None = None,
    n_resamples: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Comparison:
    """Return how two models differ on the same images.

    Args:
        first: a model.
        second: another; its images are matched by id. Where its classes are others, both are judged as benign against
            malignant.
        groups: (N,) lesion or patient of each image of the first; every image for itself when None.
        unit: what a group is.
        margin: how much worse, on a figure from 0 to 1, the first may be and still be called not inferior.
        beside: AUROCs to stand beside, by name.
        n_resamples: number of resamples.
        confidence: coverage of the intervals; non-inferiority is judged one-sided at half of the rest.
        seed: of the resamples.

    Raises:
        MetricError: there are no images, or the margin is not positive.
        PredictionsError: the images or their truth are not the same.

    Example:
        >>> from lentigo.numbers.predictions import Predictions
        >>> rows = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]])
        >>> said = Predictions(np.array(["a", "b", "c"]), np.array([0, 0, 1]), rows, ("NV", "MEL"))
        >>> judged = ComparedModel("A", said, ("MEL",), threshold=0.5)
        >>> compare(judged, judged, n_resamples=20).figures["auroc"].difference.value
        0.0
    """
    if margin is not None and not margin > 0:
        raise MetricError(f"A margin is a positive difference; got {margin:g}. Try 0.02.")
    first, second = _on_common_ground(first, second)
    if len(first.said) == 0:
        raise MetricError(f"{first.name} has no labelled images to compare on. Fill in the column 'target'.")
    measure = partial(
        measure_headline, groups=groups, unit=unit, n_resamples=n_resamples, confidence=confidence, seed=seed
    )
    measured = [measure(model.said, model.malignant, threshold=model.threshold) for model in (first, second)]
    truth = first.said.is_malignant(first.malignant)
    areas = delong_aurocs(
        truth,
        [model.said.malignant(model.malignant) for model in (first, second)],
        groups=measured[0].resampler.cluster,
    )
    gap, low, high, p_value = areas.difference(confidence=confidence)
    reason = "the two rankings have no variance between them" if np.isnan(low) else None
    if areas.is_few:
        reason = scarcest(measured[0].supports("auroc")).why(unit)
    return Comparison(
        names=(first.name, second.name),
        classes=first.said.classes,
        n_images=len(first.said),
        n_malignant=int(truth.sum()),
        thresholds=(first.threshold, second.threshold),
        resampling=Resampling(
            unit, measured[0].resampler.n_clusters, n_resamples, confidence, seed, interval=PAIRED_INTERVALS
        ),
        figures=_differences(measured[0], measured[1], margin),
        delong=Estimate(gap, low, high, len(first.said), reason),
        delong_p=p_value,
        mcnemar=_mcnemar(first, second),
        margin=margin,
        beside={**_trivial_figures(first), **(beside or {})},
        rocs=tuple(_roc(truth, model) for model in (first, second)) if 0 < truth.sum() < len(truth) else (),
    )


def trivial_model(kind: str, like: ComparedModel) -> ComparedModel:
    """Return a model without a network on the images of another; see `TRIVIAL`.

    Its malignant probability is the same everywhere, so it calls every image benign.
    """
    return ComparedModel(kind, trivial(kind, like.said, like.malignant), like.malignant, threshold=1.0)


def _on_common_ground(first: ComparedModel, second: ComparedModel) -> tuple[ComparedModel, ComparedModel]:
    said, other = first.said.labelled(), second.said
    if (other.target >= 0).any():
        other = other.labelled()
    if set(said.classes) == set(other.classes):
        other, malignant = in_order(other, said.classes), tuple(first.malignant)
        if set(first.malignant) != set(second.malignant):
            raise PredictionsError(
                f"{first.name} and {second.name} do not call the same classes malignant: "
                f"{', '.join(first.malignant)}; {', '.join(second.malignant)}. Set data.ak and data.akiec alike."
            )
    else:
        said, other = to_sides(said, first.malignant), to_sides(other, second.malignant)
        malignant = ("malignant",)
    matched = match_images(said, other, names=(first.name, second.name))
    return (
        dataclasses.replace(first, said=said, malignant=malignant),
        dataclasses.replace(second, said=matched, malignant=malignant),
    )


def _is_noninferior(gap: Estimate, margin: float) -> bool:
    return CLAIMS["not inferior"].judge(gap, -margin) == "holds"


def _differences(first: ComparedFigures, second: ComparedFigures, margin: float | None) -> dict[str, Difference]:
    found = {}
    for name in HEADLINE.keys() & first.values.keys() & second.values.keys():
        gap = paired_difference(first, second, name)
        is_judged = margin is not None and name in MARGIN_FIGURES and gap.has_interval
        found[name] = Difference(
            first=first.estimate(name),
            second=second.estimate(name),
            difference=gap,
            is_better_high=HEADLINE[name].is_better_high,
            is_noninferior=None if margin is None or not is_judged else _is_noninferior(gap, margin),
        )
    return {name: found[name] for name in HEADLINE if name in found}


def _mcnemar(first: ComparedModel, second: ComparedModel) -> dict[str, McNemar]:
    truth = first.said.is_malignant(first.malignant)
    tests = {}
    called = [_called(model) for model in (first, second)]
    if called[0] is not None and called[1] is not None:
        right = [called[0] == truth, called[1] == truth]
        for name, rows in (("all", np.ones_like(truth)), ("malignant", truth), ("benign", ~truth)):
            tests[name] = mcnemar(right[0][rows], right[1][rows])
    top = [model.said.probabilities.argmax(axis=1) == model.said.target for model in (first, second)]
    return tests | {"classes": mcnemar(top[0], top[1])}


def _roc(truth: npt.NDArray[np.bool_], model: ComparedModel) -> npt.NDArray[np.float64]:
    curve = roc_curve(truth, model.said.malignant(model.malignant))
    return np.column_stack([curve.false_positive_rate, curve.sensitivity])


def _called(model: ComparedModel) -> npt.NDArray[np.bool_] | None:
    if model.threshold is None:
        return None
    return is_referred(model.said.malignant(model.malignant), model.threshold)


def _trivial_figures(model: ComparedModel) -> dict[str, Estimate]:
    """Return what always calling benign, and always saying the prevalence, reaches on the same images."""
    found = {}
    for kind, names in zip(TRIVIAL, (("accuracy",), ("brier", "nll")), strict=True):
        if kind == "always-benign" and len(model.malignant) == len(model.said.classes):
            continue
        judged = measure_headline(
            trivial(kind, model.said, model.malignant), model.malignant, threshold=None, n_resamples=1
        )
        for name in names:
            reason = "no interval: it does not depend on the images but through their classes"
            figure = Estimate(judged.values[name], np.nan, np.nan, len(model.said), reason)
            found[f"{kind}: {HEADLINE[name].label}"] = figure
    return found
