"""What lentigo knows of a predictions file that it wrote itself: whether it is calibrated, and who its images show.

A predictions file has images, targets and probabilities, nothing else, so what it is stands beside it. The folder of
an external test (`lentigo evaluate MODEL --data DATA --out FOLDER`) holds `predictions.csv`, whose probabilities are
calibrated; `external.json` with every figure of it; and `groups.csv`, with a number for each patient or lesion. The
table of `lentigo predict` is known by its columns. Of a file from another program nothing is known.
"""

import csv
import dataclasses
import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import PredictionsError
from lentigo.numbers.evaluation import CohortCount, Evaluation, ExternalTest
from lentigo.numbers.predictions import Predictions
from lentigo.stages._test_looks import run_of_predictions
from lentigo.storage import new_file, read_json, row_writer, sha256_of
from lentigo.wording import units_in_words

EXTERNAL: Final = "external.json"
PREDICTIONS: Final = "predictions.csv"
GROUPS: Final = "groups.csv"
EXTERNAL_FILES: Final = (EXTERNAL, PREDICTIONS, GROUPS)
_NUMBERED: Final = ("patient", "lesion")
_OF_PREDICT: Final = frozenset(("malignant_probability", "threshold", "decision"))

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KnownPredictions:
    """What is known of a predictions file.

    Args:
        calibrated: how it is known that its probabilities are calibrated, in words; empty where nothing says so.
        groups: the file that says which images show one patient or lesion; None where there is none.
        unit: what was resampled when it was evaluated; empty where nobody knows.

    Example:
        >>> known_predictions(predictions_csv).calibrated
        ''
    """

    calibrated: str = ""
    groups: Path | None = None
    unit: str = ""


def known_predictions(path: str | Path) -> KnownPredictions:
    """Return what is known of a predictions file."""
    path = Path(path)
    record = _record_beside(path)
    if record is not None:
        groups = path.parent / GROUPS
        unit = str(record["evaluation"].get("resampling", {}).get("unit", ""))
        return KnownPredictions(f"{EXTERNAL} beside it says so", groups if groups.is_file() else None, unit)
    if _header(path) >= _OF_PREDICT:
        return KnownPredictions("its columns are those of 'lentigo predict'")
    return KnownPredictions()


def refuse_second_calibration(path: str | Path, remedy: str) -> None:
    """Raise where the probabilities of a file are calibrated already.

    Args:
        path: a predictions file that is about to be calibrated.
        remedy: what to do instead, a sentence.

    Raises:
        PredictionsError: they are.
    """
    if calibrated := known_predictions(path).calibrated:
        raise PredictionsError(
            f"{path} holds calibrated probabilities ({calibrated}); calibrating them again would make them wrong. "
            f"{remedy}"
        )


def unit_of(groups: NDArray[np.str_]) -> str:
    """Return what groups are, from their names: all kinds that occur, the coarsest first.

    Of 41 "patients" in a test set whose table names 14, 27 may be lesions whose patient nobody knows.

    Example:
        >>> unit_of(np.array(["lesion:7", "patient:3"])), unit_of(np.array(["image:a"]))
        ('patient or lesion', 'image')
    """
    found = {name.partition(":")[0] for name in groups.tolist()}
    kinds = [kind for kind in ("patient", "lesion", "image") if kind in found] or ["image"]
    return " or ".join([", ".join(kinds[:-1]), kinds[-1]]) if len(kinds) > 1 else kinds[0]


def known_groups(path: str | Path, predictions: Predictions) -> tuple[NDArray[np.str_] | None, str]:
    """Return the patient or lesion of each image of a predictions file without a table of them, and what a group is.

    Where nobody knows, images count as independent, and a line says so.

    Raises:
        PredictionsError: the file was evaluated by patients or lesions, and these are not beside it.
    """
    known = known_predictions(path)
    if known.groups is not None:
        names = _read_groups(known.groups, predictions)
        unit = unit_of(names)
        logger.info("%s: intervals resample %s, from %s beside it.", path, units_in_words(unit), GROUPS)
        return names, unit
    if known.unit not in {"", "image"}:
        raise PredictionsError(
            f"{path} was evaluated by {units_in_words(known.unit)}, and an older lentigo did not keep which images "
            "belong together. Run 'lentigo evaluate MODEL --data DATA --out FOLDER --force' again, or give the table "
            "with --groups."
        )
    run = run_of_predictions(path)
    table = "TABLE" if run is None else str(run.manifest_path)
    logger.info("%s: images count as independent; patients or lesions: --groups %s", path, table)
    return None, "image"


def write_external(found: ExternalTest, judged: Predictions, groups: NDArray[np.str_], folder: Path) -> None:
    """Write the files of an external test into a folder that exists.

    Args:
        found: its figures.
        judged: the calibrated predictions that they are of.
        groups: (N,) name of the patient, lesion or image that each belongs to.
        folder: to fill.
    """
    judged.write(folder / PREDICTIONS)
    if found.evaluation.resampling.unit != "image":
        _write_groups(folder / GROUPS, judged, groups)
    sealed = {**found.provenance, "predictions_sha256": sha256_of(folder / PREDICTIONS)}
    dataclasses.replace(found, provenance=sealed).write(folder / EXTERNAL)


def is_external(source: str | Path) -> bool:
    """Return whether a path is the folder of an external test, or the predictions file in one."""
    path = Path(source)
    return (path / EXTERNAL).is_file() if path.is_dir() else _record_beside(path) is not None


def read_external(source: str | Path) -> tuple[Evaluation, Predictions, tuple[CohortCount, ...]]:
    """Return the figures of an external test, the predictions that they are of, and who the images show, counted.

    Args:
        source: its folder, or the predictions file in it.

    Raises:
        PredictionsError: the predictions are not there, or not those of the figures.
    """
    folder = Path(source) if Path(source).is_dir() else Path(source).parent
    path = folder / PREDICTIONS
    payload = read_json(folder / EXTERNAL, error=PredictionsError)
    again = "Run 'lentigo evaluate MODEL --data DATA --out FOLDER --force' again."
    if not path.is_file() or _record_beside(path) is None:
        raise PredictionsError(f"{path} is missing, or is not the file that {EXTERNAL} was made of. {again}")
    evaluation = Evaluation.from_json(payload["evaluation"], folder / EXTERNAL)
    predictions = Predictions.read(path).labelled()
    if predictions.classes != evaluation.classes or len(predictions) != evaluation.n_images:
        raise PredictionsError(f"{path} is not the file that {EXTERNAL} was made of. {again}")
    # an older lentigo counted nobody
    return evaluation, predictions, tuple(CohortCount(**row) for row in payload.get("cohort", ()))


def _record_beside(path: Path) -> dict[str, Any] | None:
    """Return the record of the external test whose predictions a file holds; None where it is not such a file."""
    record = path.parent / EXTERNAL
    if path.name != PREDICTIONS or not path.is_file() or not record.is_file():
        return None
    payload = read_json(record, error=PredictionsError)
    if not isinstance(payload.get("evaluation"), dict):
        return None
    # an older lentigo kept no hash: there the name and the place are all that is known
    sha256 = payload.get("provenance", {}).get("predictions_sha256")
    return payload if sha256 in {None, sha256_of(path)} else None


def _header(path: Path) -> frozenset[str]:
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            return frozenset(next(csv.reader(stream), []))
    except (OSError, UnicodeDecodeError, csv.Error):
        return frozenset()  # whoever reads the file says what is wrong with it


def _write_groups(path: Path, judged: Predictions, groups: NDArray[np.str_]) -> None:
    """Write a number for each patient or lesion, in the order of their names, which themselves stay where they are."""
    kinds = np.array([name.partition(":")[0] for name in groups.tolist()])
    numbers = {kind: np.unique(groups[kinds == kind]) for kind in _NUMBERED}
    with new_file(path) as partial, partial.open("w", newline="", encoding="utf-8") as stream:
        write = row_writer(stream)
        write(["image_id", *(f"{kind}_id" for kind in _NUMBERED)])
        for image, kind, name in zip(judged.image.tolist(), kinds.tolist(), groups.tolist(), strict=True):
            # of equal length, so that they sort as the names do: the same clusters in the same order
            row = [
                f"{np.searchsorted(numbers[one], name) + 1:0{len(str(len(groups)))}d}" if one == kind else ""
                for one in _NUMBERED
            ]
            write([image, *row])


def _read_groups(path: Path, predictions: Predictions) -> NDArray[np.str_]:
    """Return the name of the group of each prediction, as `groups_of` makes it.

    Raises:
        PredictionsError: an image is not in the file.
    """
    with path.open(newline="", encoding="utf-8") as stream:
        # as `Predictions.read` calls images: without the ending of a file
        rows = {re.sub(r"(?i)\.(jpe?g|png)$", "", row["image_id"]): row for row in csv.DictReader(stream)}
    names = []
    for image in predictions.image.tolist():
        row = rows.get(image)
        if row is None:
            raise PredictionsError(f"{path} has no row for {image}. Give a table of all images with --groups.")
        named = next((f"{kind}:{row[f'{kind}_id']}" for kind in _NUMBERED if row.get(f"{kind}_id")), "")
        names.append(named or f"image:{image}")
    return np.array(names)
