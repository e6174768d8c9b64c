"""What each column of somebody's predictions file is taken for, and the sentence that says so where it was a guess."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from lentigo.errors import PredictionsError, name_offenders
from lentigo.model import ADDED, ANSWER_COLUMNS, CALLED
from lentigo.numbers.predictions._checks import ROW_SUM_TOLERANCE
from lentigo.taxonomy import BENIGN, MALIGNANT, Taxonomy

IMAGES: Final = ("image", "image_id", "image_name", "isic_id")
OTHER_IMAGES: Final = (
    "filename",
    "file_name",
    "file",
    "path",
    "image_path",
    "img_id",
    "img",
    "id",
    "lesion_id",
    "fname",
    "filepath",
    "file_path",
    "filenames",
    "img_name",
    "img_path",
    "image_file",
    "image_filename",
)
TARGETS: Final = (
    "target",
    "y_true",
    "true",
    "truth",
    "label",
    "true_label",
    "ground_truth",
    "gt",
    "y",
    "actual",
    "diagnosis",
    "dx",
    "labels",
    "targets",
    "gt_label",
    "label_idx",
    "target_idx",
    "true_class",
    "groundtruth",
    "y_test",
)
MALIGNANT_SCORES: Final = (
    "malignant",
    "p_malignant",
    "prob_malignant",
    "malignant_prob",
    "malignancy",
    "y_score",
    "y_prob",
    "y_pred_proba",
    "pred_proba",
    "prob",
    "proba",
    "probability",
    "score",
    "prediction",
    "pred",
    "y_pred",
    "p",
    "probs",
    "scores",
    "output",
    "outputs",
)
BENIGN_SCORES: Final = ("benign", "p_benign", "prob_benign", "benign_prob")


@dataclass(frozen=True, slots=True)
class Roles:
    """The columns of a predictions file.

    Args:
        image: the column of ids, "" where there is none and rows are counted.
        target: the column of true classes, "" where there is none.
        score: the only probability column, "" where there is one per class.
        is_benign: whether that probability is of benign.
        classes: the columns of classes.
        said: a sentence for each guess.
    """

    image: str
    target: str
    score: str
    is_benign: bool
    classes: tuple[str, ...]
    said: tuple[str, ...]


def roles_of(path: Path, columns: Mapping[str, Sequence[str]]) -> Roles:
    """Return what the columns of a file are, by their names, and where these do not decide, by their values.

    Args:
        path: the file, for messages.
        columns: the values of each column, as text.

    Raises:
        PredictionsError: no image or no probabilities can be made out.
    """
    said: list[str] = []
    image = _image(path, columns, said)
    rest = [name for name in columns if name not in (image, *ANSWER_COLUMNS, CALLED, ADDED)]
    own = [name for name in rest if name != "target"]
    if image in IMAGES and "target" in rest and len(own) > 1 and _sum_to_one([columns[name] for name in own]):
        return Roles(image, "target", "", is_benign=False, classes=tuple(own), said=())  # as it should be
    target = next((name for wanted in TARGETS for name in rest if name.casefold() == wanted), "")
    if target and len(rest) == 1 and _are_probabilities(columns[target]):
        said.append(f"column '{target}' holds numbers between 0 and 1: it is taken as the probability of malignant")
        return Roles(image, "", target, is_benign=False, classes=(BENIGN, MALIGNANT), said=tuple(said))
    rest = [name for name in rest if name != target]
    if target and target != "target":
        said.append(f"column '{target}' is taken as the true class")
    known = [name for name in rest if Taxonomy().has_target(name)]
    scores = [name for name in rest if name.casefold() in (*MALIGNANT_SCORES, *BENIGN_SCORES)]
    graded = [name for name in scores if _are_probabilities(columns[name])]
    scores = graded if len(graded) == 1 else scores  # beside a probability, a column of 0 and 1 is what was predicted
    if len(known) > 1 or not (scores or len(rest) == 1):
        return Roles(image, target, "", is_benign=False, classes=_classes(rest, known, columns, said), said=tuple(said))
    score = scores[0] if scores else rest[0]
    if len(scores) > 1 or (not scores and known):  # one diagnosis out of several says nothing about the others
        return Roles(image, target, "", is_benign=False, classes=tuple(rest), said=tuple(said))
    is_benign = score.casefold() in BENIGN_SCORES
    said.append(f"column '{score}' is taken as the probability of {BENIGN if is_benign else MALIGNANT}")
    unused = [name for name in rest if name != score]
    if unused:
        said.append(f"not used: {name_offenders(unused)}")
    return Roles(image, target, score, is_benign=is_benign, classes=(BENIGN, MALIGNANT), said=tuple(said))


def _image(path: Path, columns: Mapping[str, Sequence[str]], said: list[str]) -> str:
    """Return the column that names the images, "" where a file of truth and score has none.

    Raises:
        PredictionsError: none does, or two do.
    """
    named = [name for name in IMAGES if name in columns]
    if len(named) > 1:
        raise PredictionsError(
            f"{path}: columns {' and '.join(named)} both name the image. Its columns are: {name_offenders(columns)}. "
            "Keep one, called 'image'."
        )
    if named:
        return named[0]
    other = next((name for wanted in OTHER_IMAGES for name in columns if name.casefold() == wanted), None)
    if other is not None:
        said.append(f"column '{other}' is taken as the name of the image")
        return other
    names = {name.casefold() for name in columns}
    if names & {*TARGETS} and names & {*MALIGNANT_SCORES, *BENIGN_SCORES}:
        said.append("no column names the images: they are called row 1, row 2, ...")
        return ""
    raise PredictionsError(
        f"{path}: no column 'image'. Its columns are: {name_offenders(columns)}. Call the one with the ids 'image'."
    )


def _classes(
    rest: Sequence[str], known: Sequence[str], columns: Mapping[str, Sequence[str]], said: list[str]
) -> tuple[str, ...]:
    """Return the class columns: all but those that are neither a known class nor numbers."""
    if len(known) < 2:
        return tuple(rest)
    others = [name for name in rest if name not in known and not _are_numbers(columns[name])]
    if others:
        said.append(f"not used, because they are neither a known class nor numbers: {name_offenders(others)}")
    beside = [name for name in rest if name not in known and name not in others]
    if beside and _sum_to_one([columns[name] for name in known]):
        said.append(f"not used, because the probabilities of the known classes sum to one: {name_offenders(beside)}")
        others += beside
    return tuple(name for name in rest if name not in others)


def _are_numbers(texts: Sequence[str]) -> bool:
    try:
        for text in texts:
            float(text)
    except ValueError:
        return False
    return True


def _sum_to_one(texts: Sequence[Sequence[str]]) -> bool:
    try:
        values = np.array([[float(text) for text in column] for column in texts])
    except ValueError:
        return False
    return bool((np.abs(values.sum(axis=0) - 1) <= ROW_SUM_TOLERANCE).all() and (values >= 0).all())


def _are_probabilities(texts: Sequence[str]) -> bool:
    return _are_numbers(texts) and any(float(text) not in {0.0, 1.0} for text in texts)
