"""A model on images from elsewhere: what it reaches there, the drop from its own test, and what recalibration mends.

Only predictions are needed, so a run, a bundle and anyone's file are judged alike. The two sets are resampled
independently. The recalibrated figures are kept apart: they need labelled images from there, which a new user lacks.
"""

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lentigo.config import EvaluateConfig
from lentigo.data.manifest import Manifest
from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation._cohort_count import CohortCount
from lentigo.numbers.evaluation._detail import DecisionBasis
from lentigo.numbers.evaluation._evaluate import evaluate_whole
from lentigo.numbers.evaluation._evaluation import Evaluation
from lentigo.numbers.evaluation._headline import HEADLINE, ComparedFigures, difference_between_sets, measure_headline
from lentigo.numbers.evaluation._malignancy import to_sides
from lentigo.numbers.metrics import Recalibration, apply_recalibration, fit_recalibration
from lentigo.numbers.predictions import Predictions
from lentigo.storage import write_json
from lentigo.taxonomy import BENIGN, MALIGNANT

SCHEMA_VERSION = 1
N_FOLDS = 5
RECALIBRATED = ("sensitivity", "specificity", "accuracy", "brier", "nll", "malignant_ece")
"""What recalibration can change; it keeps the ranking, so no area is among them."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelledPredictions:
    """Labelled, calibrated predictions on one set of images.

    Args:
        said: the predictions.
        malignant: the malignant ones of the classes.
        groups: (N,) lesion or patient of each image; every image for itself when None.
        unit: what a group is.

    Example:
        >>> said = Predictions(np.array(["a"]), np.array([0]), np.array([[0.9, 0.1]]), ("NV", "MEL"))
        >>> LabelledPredictions(said, ("MEL",)).unit
        'image'
    """

    said: Predictions
    malignant: Sequence[str]
    groups: npt.NDArray[np.generic] | None = None
    unit: str = "image"


@dataclass(frozen=True, slots=True)
class FigureDrop:
    """One figure there and on the model's own test, and there less here.

    Args:
        there: on the other images.
        here: on the model's own test images.
        difference: there less here, the two sets resampled independently.
    """

    there: Estimate
    here: Estimate
    difference: Estimate


@dataclass(frozen=True, slots=True)
class RecalibratedFigures:
    """The figures after temperature and intercept were fitted to the other images, never to the ones judged.

    Args:
        temperature: fitted on all of them, for information; divides the logit of the malignant probability.
        intercept: the same, added to it afterwards.
        n_folds: folds of patients, lesions or images; each is judged by the fit on the others.
        before: benign against malignant, as the model says it.
        after: the same figures recalibrated.
    """

    temperature: float
    intercept: float
    n_folds: int
    before: Mapping[str, Estimate]
    after: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class ExternalTest:
    """A model evaluated on images of another source.

    Args:
        evaluation: every figure there, at the stored operating points, with its detail as of a run's own test.
        mapping: how the classes of the data and of the model were brought together.
        threshold: of the first operating point, which the drops use.
        drops: by figure, see `HEADLINE`; empty for a bundle, which does not keep its own test.
        n_here: images of the model's own test; 0 without one.
        recalibrated: None where no finite fit exists.
        answers: by class of the data, how many images got which answer; see `count_answers`.
        provenance: where the images come from, and how many could not be read.
        cohort: who the images show, counted; no image is named.
        schema_version: of the file.

    Example:
        >>> from lentigo import evaluate_external
        >>> evaluate_external(run, phantom, leaks="allow").evaluation.n_images
        120
    """

    evaluation: Evaluation
    mapping: str
    threshold: float | None
    drops: Mapping[str, FigureDrop]
    n_here: int
    recalibrated: RecalibratedFigures | None
    answers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    cohort: tuple[CohortCount, ...] = ()
    schema_version: int = SCHEMA_VERSION

    def json(self) -> dict[str, Any]:
        """Return the test as JSON types, its schema version first."""
        mended = self.recalibrated
        return {
            "schema_version": self.schema_version,
            "mapping": self.mapping,
            "threshold": self.threshold,
            "n_here": self.n_here,
            "drops": {
                name: {part: getattr(drop, part).json() for part in ("there", "here", "difference")}
                for name, drop in self.drops.items()
            },
            "recalibrated": None
            if mended is None
            else dataclasses.asdict(mended)
            | {part: {k: e.json() for k, e in getattr(mended, part).items()} for part in ("before", "after")},
            "answers": {name: dict(row) for name, row in self.answers.items()},
            "provenance": dict(self.provenance),
            "cohort": [dataclasses.asdict(row) for row in self.cohort],
            "evaluation": self.evaluation.json(),
        }

    def write(self, path: str | Path) -> None:
        """Write external.json, all of it or nothing; what is undefined is null."""
        write_json(Path(path), self.json())


def external_test(
    there: LabelledPredictions,
    here: LabelledPredictions | None,
    *,
    mapping: str,
    answers: Mapping[str, Mapping[str, int]] | None = None,
    answer_of: Mapping[str, str] | None = None,
    basis: DecisionBasis | None = None,
    manifest: Manifest | None = None,
    settings: EvaluateConfig | None = None,
    seed: int = 0,
    provenance: Mapping[str, Any] | None = None,
) -> ExternalTest:
    """Return what a model reaches on images from elsewhere, beside its own test.

    Args:
        there: on the other images.
        here: on the model's own test images; reduced to sides where `there` is. None without such.
        mapping: how the classes were brought together, see `with_truth`.
        answers: kept as they are, see `count_answers`.
        answer_of: by image, the answer that it got; what follows from threshold and band when left out.
        basis: thresholds, band and prevalence of the model's validation images.
        manifest: of the other images, with a row for every one, for subgroups.
        settings: resamples of each set, confidence, prevalence, least size of a subgroup.
        seed: of the resamples.
        provenance: kept as it is.

    Example:
        >>> rows = np.array([[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.2, 0.8]])
        >>> said = Predictions(np.array(["a", "b", "c", "d"]), np.array([0, 0, 1, 1]), rows, ("NV", "MEL"))
        >>> labelled = LabelledPredictions(said, ("MEL",))
        >>> found = external_test(labelled, labelled, mapping="same", settings=EvaluateConfig(n_resamples=100))
        >>> found.drops["auroc"].difference.value
        0.0
    """
    kept = dict(provenance or {})
    if here is not None and there.said.classes != here.said.classes:
        kept["own_test_by_side"] = True
        here = dataclasses.replace(here, said=to_sides(here.said, here.malignant), malignant=(MALIGNANT,))
    basis, settings = basis or DecisionBasis(), settings or EvaluateConfig()
    how = (settings.n_resamples, settings.confidence, seed)
    threshold = basis.threshold if basis.operating_points else None
    evaluation = evaluate_whole(
        there.said,
        malignant=there.malignant,
        groups=there.groups,
        unit=there.unit,
        basis=basis,
        manifest=manifest,
        settings=settings,
        seed=seed,
        answers=answer_of,
    )
    drops = {}
    if here is not None:
        far, near = (_measure(images, threshold, *how) for images in (there, here))
        drops = {
            name: FigureDrop(far.estimate(name), near.estimate(name), difference_between_sets(far, near, name))
            for name in HEADLINE
            if name in far.values
        }
    return ExternalTest(
        evaluation=evaluation,
        mapping=mapping,
        threshold=threshold,
        drops=drops,
        n_here=0 if here is None else len(here.said),
        recalibrated=_recalibrated(there, threshold, *how),
        answers=answers or {},
        provenance=kept,
    )


def count_answers(
    truth: Sequence[str], answers: Sequence[str], *, malignant: Callable[[str], bool | None]
) -> dict[str, dict[str, int]]:
    """Return how many images of each class got which answer, the malignant classes first, sums by side before all.

    Args:
        truth: (N,) class of each image.
        answers: (N,) in words.
        malignant: whether a class is; None for a class that is on neither side.

    Example:
        >>> count_answers(["MEL", "NV", "NV"], ["refer", "refer", "benign-looking"], malignant="MEL".__eq__)
        {'malignant': {'refer': 1}, 'benign': {'refer': 1, 'benign-looking': 1}, 'MEL': {'refer': 1}, ...}
    """
    sides = {True: MALIGNANT, False: BENIGN}
    names = sorted(set(truth), key=lambda name: ([True, False, None].index(malignant(name)), name))
    rows = {name: Counter(said for one, said in zip(truth, answers, strict=True) if one == name) for name in names}
    by_side: dict[str, Counter[str]] = {}
    for name in names:
        if (side := sides.get(malignant(name))) is not None:  # type: ignore[arg-type]
            by_side[side] = by_side.get(side, Counter()) + rows[name]
    return {name: dict(row) for name, row in {**by_side, **rows}.items()}


def _measure(
    images: LabelledPredictions, threshold: float | None, n_resamples: int, confidence: float, seed: int
) -> ComparedFigures:
    return measure_headline(
        images.said,
        images.malignant,
        threshold=threshold,
        groups=images.groups,
        unit=images.unit,
        n_resamples=n_resamples,
        confidence=confidence,
        seed=seed,
    )


def _recalibrated(
    images: LabelledPredictions, threshold: float | None, n_resamples: int, confidence: float, seed: int
) -> RecalibratedFigures | None:
    sides = to_sides(images.said, images.malignant)
    truth, said = sides.target == 1, sides.probabilities[:, 1]
    names = sides.image if images.groups is None else images.groups
    cluster = np.unique(names, return_inverse=True)[1]
    order = np.random.default_rng(seed).permutation(int(cluster.max()) + 1)
    fold = order[cluster] % N_FOLDS
    fits = [fit_recalibration(truth[fold != k], said[fold != k]) for k in range(N_FOLDS)]
    whole = fit_recalibration(truth, said)
    if not all(_is_usable(fit) for fit in (*fits, whole)):
        return None
    mended = np.empty_like(said)
    for k, fit in enumerate(fits):
        mended[fold == k] = apply_recalibration(said[fold == k], fit)
    after = Predictions(sides.image, sides.target, np.column_stack([1 - mended, mended]), sides.classes)
    figures = []
    for judged in (sides, after):
        on_sides = dataclasses.replace(images, said=judged, malignant=(MALIGNANT,))
        measured = _measure(on_sides, threshold, n_resamples, confidence, seed)
        figures.append({name: measured.estimate(name) for name in RECALIBRATED if name in measured.values})
    return RecalibratedFigures(whole.temperature, whole.intercept, N_FOLDS, figures[0], figures[1])


def _is_usable(fit: Recalibration) -> bool:
    # a slope of 0 or less would turn the ranking round: no temperature does that
    return bool(np.isfinite(fit.slope) and fit.slope > 0)
