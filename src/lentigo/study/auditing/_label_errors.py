"""Labels that the rest of the data contradicts: confident learning (Northcutt et al., 2021) on out-of-fold answers.

Without anybody's predictions a quick model answers for each image from the others. It sees the colours of the picture
from the middle to the rim, which stay when the picture is turned, and neither the file nor rulers and ink: they are no
reason to doubt a diagnosis. Such a model is weak and too sure of itself, and confident learning names more the weaker
the model is. So probabilities are first softened by the temperature that fits the labels best, and an image is named
only when another class then has 0.9 or more, and fifty at most: that leaves none to four of 400 in three phantoms
without an error, where there were about sixty before. With 3 % of the labels of the original set exchanged by chance,
66 % of the first fifty were exchanged ones, and 98 % in HAM10000; logistic regression on small pictures, colours and
file reached 44 % and 72 %.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lentigo.data.manifest import Manifest
from lentigo.data.splits import k_folds
from lentigo.errors import DataError, PredictionsError
from lentigo.numbers.calibration import apply_temperature, fit_temperature
from lentigo.numbers.predictions import Predictions
from lentigo.progress import Track, silent
from lentigo.study.auditing._findings import LabelError
from lentigo.study.auditing._survey import Survey

FOLDS: Final = 5
MOST_DOUBTS: Final = 50
LEAST_RIVAL: Final = 0.9  # probability of the class that is suggested instead
N_RINGS: Final = 8
BLOCK: Final = 512  # images whose pixels become numbers at a time: of 10,000 at once they take 380 MB
N_TREES: Final = 300  # shared by the classes, so that many take no longer than two
MOST_IMAGES: Final = 20_000

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


def find_doubts(
    survey: Survey,
    manifest: Manifest,
    *,
    groups: npt.NDArray[np.str_],
    seed: int = 0,
    predictions: Predictions | None = None,
    track: Track = silent,
) -> tuple[LabelError, ...]:
    """Return suspected label errors, at most fifty, the least believable first.

    The probability of the own label is the one after softening.
    None where there are fewer than two classes with five groups each, for then no cross-validation is possible.

    Args:
        survey: what was measured on the images.
        manifest: the images and their labels.
        groups: what stays together in folds, shape (N,).
        seed: of the folds, and of the choice among more than 20,000 images.
        predictions: of any of the images, by a model that has not learned from them; the audit's own when None.
        track: draws progress.

    Raises:
        PredictionsError: the predictions have other classes, or none of the images.

    Example:
        >>> from lentigo.study.auditing._survey import survey
        >>> from lentigo.data.sources import read_data
        >>> manifest = read_data(phantom)
        >>> doubts = find_doubts(survey(manifest.paths), manifest, groups=manifest.groups()[0])
        >>> len(doubts) < 10
        True
    """
    if predictions is not None:
        rows, probabilities = _given(predictions, manifest)
        return _find_label_errors(manifest, rows, probabilities)
    rows = _choose(np.flatnonzero(survey.is_readable), manifest, groups, seed)
    if len(np.unique(manifest.targets[rows])) < 2:
        return ()
    try:
        fold = k_folds(manifest.select(rows), FOLDS, seed, groups=groups[rows])
    except DataError:
        return ()
    answers = _out_of_fold(_profiles(survey.thumbs, rows), manifest.targets[rows], fold, len(manifest.classes), track)
    return _find_label_errors(manifest, rows, answers)


def _choose(rows: Rows, manifest: Manifest, groups: npt.NDArray[np.str_], seed: int) -> Rows:
    """Return the rows of classes with enough groups to be in every fold, and by chance no more than can be fitted."""
    n_groups = pd.Series(groups[rows]).groupby(manifest.targets[rows]).nunique()
    rows = rows[np.isin(manifest.targets[rows], n_groups.index[n_groups >= FOLDS])]
    if len(rows) <= MOST_IMAGES:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, MOST_IMAGES, replace=False))


def _find_label_errors(manifest: Manifest, rows: Rows, probabilities: Floats) -> tuple[LabelError, ...]:
    """Return the images that confident learning names and that another class claims with high probability."""
    present, labels = np.unique(manifest.targets[rows], return_inverse=True)
    if len(present) < 2:
        return ()
    of_present = probabilities[:, present] + 1e-12  # a class without an example cannot be confused with
    of_present /= of_present.sum(axis=1, keepdims=True)
    # softened, never sharpened: a model may be too sure, but nobody is accused by one that was not
    of_present = apply_temperature(of_present, max(1.0, fit_temperature(of_present, labels)))
    own = of_present[np.arange(len(rows)), labels]
    rival = np.where(np.arange(len(present)) == labels[:, None], -1.0, of_present)
    suggested = present[rival.argmax(axis=1)]
    ids = manifest.table["image_id"].tolist()
    named = [i for i in _label_issues(labels, of_present) if rival[i].max() >= LEAST_RIVAL]
    return tuple(
        LabelError(ids[rows[i]], manifest.classes[present[labels[i]]], manifest.classes[suggested[i]], float(own[i]))
        for i in named[:MOST_DOUBTS]
    )


def _label_issues(labels: Rows, probabilities: Floats) -> list[int]:
    """Return what confident learning names, the lowest probability of the own label first."""
    from cleanlab.filter import find_label_issues  # seconds to import

    issues = find_label_issues(
        labels, probabilities, return_indices_ranked_by="self_confidence", filter_by="confident_learning", n_jobs=1
    )
    return [int(i) for i in issues]


def _given(predictions: Predictions, manifest: Manifest) -> tuple[Rows, Floats]:
    """Return the rows that are predicted, and their probabilities in the manifest's order of classes.

    Raises:
        PredictionsError: the predictions have other classes, or none of the images.
    """
    if set(predictions.classes) != set(manifest.classes):
        raise PredictionsError(
            f"the predictions are of {', '.join(predictions.classes)}, the data of {', '.join(manifest.classes)}. "
            "Give predictions of the same classes, or set data.task."
        )
    place = pd.Index(predictions.image).get_indexer(pd.Index(manifest.table["image_id"].astype(str)))
    rows = np.flatnonzero(place >= 0)
    if not len(rows):
        raise PredictionsError(f"none of the predicted images is in {manifest.origin}. Their ids have to agree.")
    order = [predictions.classes.index(name) for name in manifest.classes]
    return rows, predictions.probabilities[place[rows]][:, order]


def _profiles(thumbs: npt.NDArray[np.uint8], rows: Rows) -> npt.NDArray[np.float32]:
    """Return mean and spread of each channel in rings around the middle, the last one the corners, (N, D)."""
    blocks = np.split(rows, np.arange(BLOCK, len(rows), BLOCK))
    return np.concatenate([_profiles_of(thumbs[block]) for block in blocks])


def _profiles_of(thumbs: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    side = thumbs.shape[1]
    axis = (np.arange(side) + 0.5) / side - 0.5
    ring = np.minimum(np.hypot(axis[:, None], axis) * 2 * N_RINGS, N_RINGS).astype(np.int64)
    columns = []
    for k in range(N_RINGS + 1):
        pixels = thumbs[:, ring == k].astype(np.float32)
        columns += [pixels.mean(axis=1), pixels.std(axis=1)]
    return np.concatenate(columns, axis=1)


def _out_of_fold(
    features: npt.NDArray[np.float32], labels: Rows, fold: npt.NDArray[np.int64], n_classes: int, track: Track
) -> Floats:
    """Return class probabilities (N, K) of each image from a model that saw none of its fold."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    probabilities = np.zeros((len(labels), n_classes))
    n_rounds = max(20, N_TREES // len(np.unique(labels)))
    for k in track(range(FOLDS), "Doubting labels", len(labels), unit=len(labels) // FOLDS):
        is_test = fold == k
        model = HistGradientBoostingClassifier(
            max_iter=n_rounds, max_leaf_nodes=16, max_bins=63, l2_regularization=1.0, early_stopping=False,
            random_state=0,
        )  # fmt: skip
        with threadpool_limits(1):  # threads that wait for each other cost more than they bring at this size
            model.fit(features[~is_test], labels[~is_test])
            probabilities[np.ix_(is_test, model.classes_)] = model.predict_proba(features[is_test])
    return probabilities
