"""Headers as repositories of foundation models write them, made plain before columns get their roles.

`True Label`, `prob_MEL`, `mel_probability`, `probability_class_1`, a list of probabilities in one cell, a column of
predicted labels, logits. What is not clear by itself stays as it is.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from lentigo.errors import PredictionsError
from lentigo.numbers.predictions._cells import from_logits, spread_cells
from lentigo.taxonomy import BENIGN, MALIGNANT, Taxonomy

Columns = Mapping[str, Sequence[str]]

PREDICTED: Final = frozenset(("predicted_label", "pred_label", "predicted_class", "pred_class", "predicted", "preds"))
# these may also be the one probability of a file; beside several classes they are what was predicted
ALSO_PREDICTED: Final = frozenset(("y_pred", "pred", "prediction", "predictions", "predicted_diagnosis", "top1"))
_WORDS: Final = "probability|probabilities|probs|prob|proba|p|pred|scores|score|softmax|confidence|conf|outputs|output"
_BEFORE: Final = re.compile(rf"^(?:{_WORDS})(?:[ _-]of)?[ _-]+(.+)$", re.IGNORECASE)
_BEHIND: Final = re.compile(rf"^(.+?)[ _-]+\(?(?:{_WORDS})\)?$", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"^(?:class|label)?[ _-]*(\d+)$", re.IGNORECASE)


def plain_columns(path: Path, columns: Columns, known: Sequence[str]) -> tuple[dict[str, Sequence[str]], list[str]]:
    """Return the columns under plain names, lists in cells as columns of their own, and a sentence for each change.

    Args:
        path: the file, for messages.
        columns: the values of each column, as text.
        known: names of columns for images and truth that are understood as they are.

    Raises:
        PredictionsError: probabilities are numbered, and of more than two classes; or lists are of unequal lengths.
    """
    said: list[str] = []
    found: dict[str, Sequence[str]] = {}
    # The file has the columns that lentigo writes, so another one is a class, even if it is named "TRUE".
    is_plain = "image" in columns and "target" in columns
    for name, values in columns.items():
        spelt = _spelt(name)
        if spelt in {"", "unnamed:_0"} and _is_count(values):
            said.append("not used: the column without a name, which counts the rows")  # as pandas writes it
            continue
        if (spread := spread_cells(path, name, values, said)) is not None:
            found |= spread
        elif not is_plain and name not in known and spelt in known and spelt not in columns:
            found[spelt] = values
        else:
            found[name] = values
    found = from_logits(found, said)
    renamed = _renamed(path, found, said, is_plain=is_plain)
    found = {renamed.get(name, name): values for name, values in found.items()}
    n_classes = sum(map(Taxonomy().has_target, found))
    words = PREDICTED if is_plain else PREDICTED | ALSO_PREDICTED
    predicted = [name for name in found if _spelt(name) in words]
    if n_classes > 1 and predicted:
        said.append(f"not used: {', '.join(predicted)}, the label that was predicted")
        found = {name: values for name, values in found.items() if name not in predicted}
    return found, said


def _renamed(path: Path, columns: Columns, said: list[str], *, is_plain: bool) -> dict[str, str]:
    """Return the plain name of each column of probabilities that has words around it.

    Raises:
        PredictionsError: they are numbered, and of more than two classes.
    """
    inner = {name: part for name in columns if (part := _inner(name)) and not Taxonomy().has_target(name)}
    codes = {name: part for name, part in inner.items() if Taxonomy().has_target(part)}
    if len(codes) > 1 and len(set(codes.values())) == len(codes):
        said.append(f"classes are taken from {', '.join(list(codes)[:3])}, ...: {', '.join(list(codes.values())[:12])}")
        return codes
    plain = {name: name for name in columns if name.isdecimal() and not is_plain}  # a table without names of its own
    numbers = {name: int(found[1]) for name, part in (inner or plain).items() if (found := _NUMBERED.match(part))}
    if sorted(numbers.values()) == [0, 1]:
        said.append(f"{' and '.join(numbers)} are taken as the probabilities of {BENIGN} (0) and {MALIGNANT} (1)")
        return {name: (BENIGN, MALIGNANT)[number] for name, number in numbers.items()}
    if len(numbers) > 2 and sorted(numbers.values()) in (list(range(len(numbers))), list(range(1, len(numbers) + 1))):
        if ordered := _order_by_prediction(columns, numbers, said):
            return ordered
        raise PredictionsError(
            f"{path}: the probabilities are of numbered classes ({', '.join(list(numbers)[:3])}, ...), and the file "
            "does not say which these are. Rename the columns: MEL, NV, ... in the order of the model, or add a "
            "column 'predicted_class' with the class that the model predicts for each image."
        )
    return {}


def _inner(name: str) -> str:
    """Return a name without the word for probability before or behind it; empty where there is none."""
    found = _BEFORE.match(name.strip()) or _BEHIND.match(name.strip())
    return found[1].strip(" ()") if found else ""


def _order_by_prediction(columns: Columns, numbers: Mapping[str, int], said: list[str]) -> dict[str, str]:
    """Return the class of each numbered column, where a column of predicted classes gives it; else nothing.

    The predicted class is that of the largest probability, so each number has to go with one class in all rows.
    """
    ordered = sorted(numbers, key=lambda name: numbers[name])
    try:
        largest = np.array([[float(text) for text in columns[name]] for name in ordered]).argmax(axis=0).tolist()
    except ValueError:
        return {}
    for name, texts in columns.items():
        if _spelt(name) not in {*PREDICTED, *ALSO_PREDICTED} or not all(map(Taxonomy().has_target, set(texts))):
            continue
        pairs = set(zip(largest, texts, strict=True))
        if len(pairs) == len({text for _, text in pairs}) == len(ordered):
            of = dict(pairs)
            said.append(f"the order of the classes follows from '{name}': {', '.join(of[k] for k in range(len(of)))}")
            return {column: of[place] for place, column in enumerate(ordered)}
    return {}


def _is_count(values: Sequence[str]) -> bool:
    return list(values) == [str(number) for number in range(len(values))]


def _spelt(name: str) -> str:
    return re.sub(r"[ -]+", "_", name.strip().casefold())
