"""Predictions on a common footing: the two sides, the classes of another model, and what needs no model at all."""

from collections.abc import Sequence

import numpy as np

from lentigo.errors import PredictionsError, name_offenders
from lentigo.numbers.predictions import Predictions
from lentigo.taxonomy import BENIGN, MALIGNANT, Taxonomy
from lentigo.wording import counted

TRIVIAL = ("always-benign", "prevalence")
"""Models without a network: the commonest benign class for certain, and each class as often as it occurs."""


def to_sides(said: Predictions, malignant: Sequence[str]) -> Predictions:
    """Return the predictions as benign against malignant; an unknown target stays unknown.

    Example:
        >>> said = Predictions(np.array(["a"]), np.array([2]), np.array([[0.5, 0.25, 0.25]]), ("NV", "MEL", "BCC"))
        >>> to_sides(said, ["MEL", "BCC"]).probabilities.tolist()
        [[0.5, 0.5]]
    """
    probability = said.malignant(malignant)
    is_malignant = np.array([name in malignant for name in said.classes])
    target = np.where(said.target < 0, -1, is_malignant[said.target])
    return Predictions(said.image, target, np.column_stack([1 - probability, probability]), (BENIGN, MALIGNANT))


def in_order(said: Predictions, classes: Sequence[str]) -> Predictions:
    """Return the predictions with their classes in another order.

    Raises:
        PredictionsError: the classes are not the same.

    Example:
        >>> said = Predictions(np.array(["a"]), np.array([1]), np.array([[0.75, 0.25]]), ("NV", "MEL"))
        >>> in_order(said, ("MEL", "NV")).target.tolist()
        [0]
    """
    if set(classes) != set(said.classes):
        raise PredictionsError(f"The classes {', '.join(said.classes)} are not {', '.join(classes)} in another order.")
    columns = [said.classes.index(name) for name in classes]
    place = np.argsort(columns)
    target = np.where(said.target < 0, -1, place[said.target])
    return Predictions(said.image, target, said.probabilities[:, columns], tuple(classes))


def match_images(first: Predictions, second: Predictions, *, names: tuple[str, str]) -> Predictions:
    """Return the second predictions in the image order of the first, with its targets where they have none.

    Args:
        first: labelled.
        second: of the same classes, in the same order.
        names: what to call them in an error.

    Raises:
        PredictionsError: they are not about the same images, or do not agree on the truth.

    Example:
        >>> first = Predictions(np.array(["a", "b"]), np.array([0, 1]), np.full((2, 2), 0.5), ("NV", "MEL"))
        >>> match_images(first, first.select(np.array([1, 0])), names=("A", "B")).image.tolist()
        ['a', 'b']
    """
    row_of = {image: row for row, image in enumerate(second.image.tolist())}
    ours = first.image.tolist()
    only_first = [image for image in ours if image not in row_of]
    only_second = sorted(row_of.keys() - set(ours))
    if only_first or only_second:
        parts = [
            f"{len(images)} only in {name}: {name_offenders(images)}"
            for images, name in zip((only_first, only_second), names, strict=True)
            if images
        ]
        raise PredictionsError(
            f"{names[0]} and {names[1]} do not have the same images: {'; '.join(parts)}. "
            "Predict the same labelled images with both."
        )
    matched = second.select(np.array([row_of[image] for image in ours]))
    differing = first.image[(matched.target >= 0) & (matched.target != first.target)]
    if differing.size:
        raise PredictionsError(
            f"{names[0]} and {names[1]} do not agree on the truth of {counted(differing.size, 'image')}: "
            f"{name_offenders(differing)}. Correct the column 'target' of one of them."
        )
    return Predictions(first.image, first.target, matched.probabilities, first.classes)


def trivial(kind: str, like: Predictions, malignant: Sequence[str]) -> Predictions:
    """Return what a model without a network says about the same images.

    Args:
        kind: one of `TRIVIAL`. The shares of "prevalence" are those of these images, which flatters it a little.
        like: labelled predictions on the images.
        malignant: the malignant ones of the classes.

    Raises:
        PredictionsError: there is no such kind, or no benign class.

    Example:
        >>> said = Predictions(np.array(["a", "b"]), np.array([0, 1]), np.full((2, 2), 0.5), ("NV", "MEL"))
        >>> trivial("always-benign", said, ["MEL"]).probabilities.tolist()
        [[1.0, 0.0], [1.0, 0.0]]
    """
    if kind not in TRIVIAL:
        raise PredictionsError(f"unknown trivial model '{kind}'. There are: {', '.join(TRIVIAL)}.")
    counts = np.bincount(like.target, minlength=len(like.classes))
    row = counts / counts.sum()
    if kind == "always-benign":
        benign = [k for k, name in enumerate(like.classes) if name not in malignant]
        if not benign:
            raise PredictionsError("No class is benign, so 'always-benign' cannot be compared. Omit it.")
        row = np.eye(len(like.classes))[max(benign, key=lambda k: counts[k])]
    return Predictions(like.image, like.target, np.tile(row, (len(like), 1)), like.classes)


def with_truth(
    said: Predictions, truth: Sequence[str], *, malignant: Sequence[str], taxonomy: Taxonomy
) -> tuple[Predictions, str]:
    """Return predictions with the classes of other data as their truth, and how these were mapped, in words.

    Where every class of the data is one of the model's, it is kept. Otherwise both are reduced to benign and malignant:
    the model by its malignant probability, the data by the side of each class. Images without a side are left out.

    Args:
        said: of N images; targets are ignored.
        truth: (N,) class of each image: codes of diagnoses, or "benign" and "malignant".
        malignant: the malignant ones of the model's classes.
        taxonomy: the side of each code.

    Raises:
        DataError: a class is neither a code nor a side.
        PredictionsError: no image has a side.

    Example:
        >>> said = Predictions(np.array(["a"]), np.array([-1]), np.array([[0.75, 0.25]]), ("NV", "MEL"))
        >>> judged, words = with_truth(said, ["malignant"], malignant=["MEL"], taxonomy=Taxonomy())
        >>> judged.classes, judged.target.tolist()
        (('benign', 'malignant'), [1])
    """
    names = sorted(set(truth))
    if set(names) <= set(said.classes):
        target = np.array([said.classes.index(name) for name in truth], dtype=np.int64)
        return Predictions(said.image, target, said.probabilities, said.classes), "the classes are the model's own"
    side_of = {name: taxonomy.side(name) for name in names}
    sides = np.array([{BENIGN: 0, MALIGNANT: 1}.get(side_of[name] or "", -1) for name in truth], dtype=np.int64)
    if not (sides >= 0).any():
        raise PredictionsError(
            f"None of the classes {', '.join(names)} is benign or malignant, so the model cannot be evaluated on them. "
            "Map them with --set data.aliases.NAME=CODE."
        )
    reduced = to_sides(said, malignant)
    judged = Predictions(said.image, sides, reduced.probabilities, reduced.classes).labelled()
    left_out = len(said) - len(judged)
    known = ", ".join(said.classes)
    words = f"the classes {', '.join(names)} are not the model's ({known}): compared as benign or malignant"
    return judged, words + (
        f"; excluded, neither benign nor malignant: {counted(left_out, 'image')}" if left_out else ""
    )
