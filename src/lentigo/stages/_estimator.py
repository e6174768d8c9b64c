"""A classifier with the manners of scikit-learn: paths and labels in, probabilities out.

Its X is a list of paths, so scikit-learn's checks that build arrays of numbers do not apply to it; docs/python.md says
which do.
"""

import csv
import shutil
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from lentigo.config import load_config
from lentigo.errors import DataError, name_offenders
from lentigo.model import Answer, open_model
from lentigo.stages._run_folder import taxonomy_of
from lentigo.stages._train_any import train
from lentigo.taxonomy import BENIGN, MALIGNANT, Taxonomy
from lentigo.wording import counted

SIDES: Final = (BENIGN, MALIGNANT)  # what 0 and 1 mean


class LesionClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A classifier of photographs for scikit-learn's tools, such as `cross_val_predict` with `GroupKFold`.

    `fit` does what `lentigo.train` does. It keeps a part of the images for calibration and a part as the run's own
    test, in the shares of `data.val_fraction` and `data.test_fraction`; photographs of a group stay together.
    `predict` returns the most probable class, as scikit-learn expects. The decision at the threshold that was chosen
    for a sensitivity is `answers(paths)`.

    Args:
        recipe: as `lentigo train --recipe`.
        settings: changes of it, such as `{"train.epochs": 3, "image.size": 96}`.
        folder: the run folder to make, which must not exist; a temporary one, deleted with the estimator, when None.

    Attributes:
        classes_: the labels, sorted; the columns of `predict_proba`.
        run_: the finished run, with its report.

    Example:
        >>> estimator = LesionClassifier(recipe="probe", settings={"image.size": 96})
        >>> estimator.get_params()["recipe"]
        'probe'
    """

    def __init__(
        self,
        recipe: str = "finetune",
        settings: Mapping[str, Any] | None = None,
        folder: str | Path | None = None,
    ) -> None:
        self.recipe = recipe
        self.settings = settings
        self.folder = folder

    def fit(self, paths: Sequence[str | Path], y: Sequence[Any], groups: Sequence[Any] | None = None) -> Self:
        """Return the estimator, trained.

        Args:
            paths: of N image files.
            y: (N,) labels: diagnoses as `lentigo train` reads them, "benign" and "malignant", or 0 (benign) and 1.
            groups: (N,) patient or lesion of each image; photographs of one group stay in one split.

        Raises:
            DataError: the lengths differ, there are fewer than two labels, or two labels are the same diagnosis.
            LentigoError: as for `lentigo.train`.
        """
        files, labels = _files(paths), np.asarray(y)
        if labels.shape != (len(files),) or (groups is not None and len(groups) != len(files)):
            raise DataError(f"{len(files)} paths need as many labels, and groups where they are given, in one column.")
        classes = np.unique(labels)
        if len(classes) < 2:
            raise DataError(f"the labels are all {', '.join(map(str, classes))}. Give photographs of two classes.")
        config = load_config(self.recipe).changed(self.settings or {})
        names = _names(classes, taxonomy_of(config))
        config = config.changed({"data.task": "binary" if set(names) <= set(SIDES) else "diagnosis"})
        scratch = Path(tempfile.mkdtemp(prefix="lentigo-"))
        weakref.finalize(self, shutil.rmtree, scratch, ignore_errors=True)  # it lives as long as the estimator
        table = scratch / "images.csv"
        _write_table(table, files, [names[k] for k in np.searchsorted(classes, labels)], groups)
        place = scratch / "run" if self.folder is None else Path(self.folder)
        self.run_ = train(table, place, config=config, show_progress=False)
        self.classes_ = classes
        self._names = names
        self._model = open_model(self.run_.folder)
        return self

    def predict_proba(self, paths: Sequence[str | Path]) -> npt.NDArray[np.float64]:
        """Return calibrated probabilities, shape (N, K), columns as `classes_`, rows that sum to one.

        Raises:
            DataError: a file cannot be read as a photograph.
            NotFittedError: of scikit-learn, before `fit`.
        """
        answers = self.answers(paths)
        unread = [answer for answer in answers if answer.error]
        if unread:
            names = name_offenders(Path(answer.image).name for answer in unread)
            raise DataError(f"{counted(len(unread), 'file')} cannot be read: {names}. The first: {unread[0].error}")
        rows = [[answer.probabilities[name] for name in self._names] for answer in answers]
        found: npt.NDArray[np.float64] = np.array(rows, dtype=np.float64).reshape(-1, len(self._names))
        return found

    def predict(self, paths: Sequence[str | Path]) -> npt.NDArray[Any]:
        """Return the most probable class of each image, shape (N,).

        Raises:
            DataError: as for `predict_proba`.
        """
        probabilities = self.predict_proba(paths)
        labels: npt.NDArray[Any] = self.classes_[probabilities.argmax(axis=1)]
        return labels

    def answers(self, paths: Sequence[str | Path]) -> list[Answer]:
        """Return the answers of `lentigo.predict`, with the decision at the threshold; one per image, in order."""
        check_is_fitted(self, "run_")
        files = _files(paths)
        return list(self._model.answers([Path(file) for file in files], names=files)) if files else []

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.one_d_array, tags.input_tags.string = False, True, True
        tags.no_validation = True  # paths are checked by reading them
        tags.non_deterministic = True  # sums of several threads, to the last digits
        return tags


def _files(paths: Sequence[str | Path]) -> list[str]:
    if isinstance(paths, str | Path):
        raise DataError("one path was given. Give a list of paths.")
    files = list(paths)
    wrong = [repr(file) for file in files if not isinstance(file, str | Path)]
    if wrong:
        raise DataError(f"{len(wrong)} of {len(files)} are not paths: {name_offenders(wrong)}. Give paths of images.")
    return [str(Path(file).absolute()) for file in files]


def _names(classes: npt.NDArray[Any], taxonomy: Taxonomy) -> list[str]:
    """Return the model's class for each label, in the order of the labels; 0 and 1 are benign and malignant.

    Raises:
        DataError: a label is not known, or two are the same diagnosis.
    """
    labels = classes.tolist()
    if set(labels) == {0, 1}:
        return [SIDES[int(label)] for label in labels]
    names = [taxonomy.target(str(label)) for label in labels]
    twice = [str(label) for label, name in zip(labels, names, strict=True) if names.count(name) > 1]
    if twice:
        raise DataError(f"labels {', '.join(twice)} are the same diagnosis. Write it one way.")
    return names


def _write_table(table: Path, files: Sequence[str], labels: Sequence[str], groups: Sequence[Any] | None) -> None:
    with table.open("w", encoding="utf-8", newline="") as stream:
        write = csv.writer(stream).writerow
        label = "target" if set(labels) <= set(SIDES) else "diagnosis"
        write(["image_id", "path", label, *(["patient_id"] if groups is not None else [])])
        whose = [[]] * len(files) if groups is None else [[group] for group in groups]
        for number, (file, said, group) in enumerate(zip(files, labels, whose, strict=True)):
            write([f"{number}-{Path(file).stem}", file, said, *group])
