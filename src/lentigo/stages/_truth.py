"""Truth from a second file, as every ISIC challenge has it, joined to predictions by the name of the image."""

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lentigo.data.manifest import as_text, either
from lentigo.data.sources import Choices, read_labelled
from lentigo.errors import DataError, PredictionsError, name_offenders
from lentigo.numbers.predictions import Predictions
from lentigo.taxonomy import BENIGN, MALIGNANT, Taxonomy
from lentigo.wording import counted

SIDES: Final = (BENIGN, MALIGNANT)
# ISIC 2019 scored no image of weight 0.
WEIGHT: Final = "score_weight"


def with_truth(
    predictions: Predictions, truth: Path, taxonomy: Taxonomy, choices: Choices
) -> tuple[Predictions, tuple[str, ...]]:
    """Return the predicted images that have a truth, with it as their target, and what was assumed on the way.

    Args:
        predictions: with or without targets of their own, which give way.
        truth: a table of labels: one-hot columns, a diagnosis, or benign and malignant; no files are needed.
        taxonomy: meaning and side of diagnoses.
        choices: what the user says about the columns of the truth.

    Raises:
        PredictionsError: no image is in both files, or no label is one of the predicted classes.
    """
    rows = read_labelled(truth, taxonomy=taxonomy, needs_labels=True, choices=choices)
    said = [f"truth from {truth}"]
    if (predictions.target >= 0).any():
        said.append("the targets in the predictions file are not used")
    found = _matched(predictions.image, rows["image_id"], truth)
    _count(
        said,
        len(predictions) - int((found >= 0).sum()),
        "predicted image has no truth",
        "predicted images have no truth",
    )
    _count(
        said,
        len(rows) - len(np.unique(found[found >= 0])),
        "image of the truth has no prediction",
        "images of the truth have no prediction",
    )
    predictions, rows = predictions.select(found >= 0), rows.iloc[found[found >= 0]].reset_index(drop=True)
    if WEIGHT in rows:
        is_scored = (pd.to_numeric(rows[WEIGHT], errors="coerce") != 0).to_numpy(dtype=bool)
        _count(
            said,
            int((~is_scored).sum()),
            f"image of {WEIGHT} 0 is not scored by the challenge",
            f"images of {WEIGHT} 0 are not scored by the challenge",
        )
        predictions, rows = predictions.select(is_scored), rows[is_scored].reset_index(drop=True)
    wanted = _labels(rows, predictions.classes, taxonomy)
    if not np.isin(wanted, predictions.classes).any() and rows["side"].notna().any() | rows["stated"].isin(SIDES).any():
        predictions = _two_sided(predictions, taxonomy)
        said.append("the truth is only benign or malignant: the probabilities of each side are summed")
        wanted = _labels(rows, predictions.classes, taxonomy)
    is_known = np.isin(wanted, predictions.classes)
    if not is_known.any():
        raise PredictionsError(
            f"no label of {truth} is one of the predicted classes {', '.join(predictions.classes)}: "
            f"{name_offenders(dict.fromkeys(map(str, wanted)))}. Give predictions and truth of the same classes."
        )
    if not is_known.all():
        kinds = pd.Series(wanted[~is_known].astype(str)).value_counts()
        listed = name_offenders(f"{name} {n}" for name, n in kinds.items())
        said.append(
            f"excluded: {counted(int((~is_known).sum()), 'image')} whose class is "
            f"not among the predicted classes ({listed})"
        )
    target = pd.Index(predictions.classes).get_indexer(pd.Index(wanted))
    judged = Predictions(predictions.image, target, predictions.probabilities, predictions.classes)
    return judged.select(is_known), tuple(said)


def _matched(images: NDArray[np.str_], ids: "pd.Series[str]", truth: Path) -> NDArray[np.int64]:
    """Return the row of each image in the truth, -1 where it has none; without regard to case where that is unique.

    Raises:
        PredictionsError: none has one.
    """
    found = pd.Index(ids).get_indexer(pd.Index(images))
    if (found < 0).any():
        folded = pd.Index(ids.str.casefold())
        if folded.is_unique:
            again = folded.get_indexer(pd.Index([image.casefold() for image in images]))
            found = np.where(found < 0, again, found)
    if not (found >= 0).any():
        raise PredictionsError(
            f"no predicted image is in {truth}: predictions have {name_offenders(images.tolist(), limit=3)}, the truth "
            f"has {name_offenders(ids, limit=3)}. Give the truth of the same images."
        )
    return found.astype(np.int64)


def _labels(rows: pd.DataFrame, classes: tuple[str, ...], taxonomy: Taxonomy) -> NDArray[np.object_]:
    """Return the class that is true of each row, in the predictions' own spelling; what is none of them as it is."""
    try:
        spelling = {taxonomy.target(name): name for name in classes}
    except DataError:
        spelling = {name: name for name in classes}
    code = either(rows["diagnosis"], rows["stated"])
    side = either(either(code.map(taxonomy.side, na_action="ignore"), rows["side"]), code)
    is_two_sided = set(spelling) == {*SIDES}
    stated = rows["stated"].where(rows["stated"].isin(SIDES))
    label = either(stated, side) if is_two_sided else code
    return as_text(label.map(lambda name: spelling.get(name, name), na_action="ignore")).to_numpy(dtype=object)


def _two_sided(predictions: Predictions, taxonomy: Taxonomy) -> Predictions:
    malignant = predictions.malignant(taxonomy.malignant(predictions.classes))
    unknown = np.full(len(predictions), -1)
    return Predictions(predictions.image, unknown, np.column_stack([1 - malignant, malignant]), SIDES)


def _count(said: list[str], n: int, one: str, many: str) -> None:
    if n:
        said.append(f"{counted(n, f'{one} and is', f'{many} and are')} excluded")
