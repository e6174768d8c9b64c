"""Headers as repositories of foundation models write them, made plain before columns get their roles.

`True Label`, `prob_MEL`, `mel_probability`, `probability_class_1`, a list of probabilities in one cell, a column of
predicted labels. What is not clear by itself stays as it is.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from lentigo.errors import PredictionsError
from lentigo.taxonomy import BENIGN, MALIGNANT, Taxonomy

Columns = Mapping[str, Sequence[str]]

PREDICTED: Final = frozenset(("predicted_label", "pred_label", "predicted_class", "pred_class", "predicted", "preds"))
_WORDS: Final = "probability|probabilities|prob|proba|p|pred|score|softmax|confidence|conf"
_BEFORE: Final = re.compile(rf"^(?:{_WORDS})(?:[ _-]of)?[ _-]+(.+)$", re.IGNORECASE)
_BEHIND: Final = re.compile(rf"^(.+?)[ _-]+\(?(?:{_WORDS})\)?$", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"^(?:class|label)?[ _-]*(\d+)$", re.IGNORECASE)
_LIST: Final = re.compile(r"^\s*[\[(](.*)[\])]\s*$", re.DOTALL)


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
        spelt = re.sub(r"[ -]+", "_", name.strip().casefold())
        if _is_list(values):
            found |= _spread(path, name, values, said)
        elif not is_plain and name not in known and spelt in known and spelt not in columns:
            found[spelt] = values
        else:
            found[name] = values
    renamed = _renamed(path, list(found), said)
    found = {renamed.get(name, name): values for name, values in found.items()}
    n_classes = sum(map(Taxonomy().has_target, found))
    predicted = [name for name in found if re.sub(r"[ -]+", "_", name.strip().casefold()) in PREDICTED]
    if n_classes > 1 and predicted:
        said.append(f"not used: {', '.join(predicted)}, the label that was predicted")
        found = {name: values for name, values in found.items() if name not in predicted}
    return found, said


def _renamed(path: Path, names: Sequence[str], said: list[str]) -> dict[str, str]:
    """Return the plain name of each column of probabilities that has words around it.

    Raises:
        PredictionsError: they are numbered, and of more than two classes.
    """
    inner = {name: part for name in names if (part := _inner(name)) and not Taxonomy().has_target(name)}
    codes = {name: part for name, part in inner.items() if Taxonomy().has_target(part)}
    if len(codes) > 1 and len(set(codes.values())) == len(codes):
        said.append(f"classes are taken from {', '.join(list(codes)[:3])}, ...: {', '.join(list(codes.values())[:12])}")
        return codes
    numbers = {name: int(found[1]) for name, part in inner.items() if (found := _NUMBERED.match(part))}
    if sorted(numbers.values()) == [0, 1]:
        said.append(f"{' and '.join(numbers)} are taken as the probabilities of {BENIGN} (0) and {MALIGNANT} (1)")
        return {name: (BENIGN, MALIGNANT)[number] for name, number in numbers.items()}
    if len(numbers) > 2:
        raise PredictionsError(
            f"{path}: the probabilities are of numbered classes ({', '.join(list(numbers)[:3])}, ...), and the file "
            "does not say which these are. Rename the columns: MEL, NV, ... in the order of the model."
        )
    return {}


def _inner(name: str) -> str:
    """Return a name without the word for probability before or behind it; empty where there is none."""
    found = _BEFORE.match(name.strip()) or _BEHIND.match(name.strip())
    return found[1].strip(" ()") if found else ""


def _is_list(values: Sequence[str]) -> bool:
    return len(values) > 0 and all(_LIST.match(value) for value in values)


def _spread(path: Path, name: str, values: Sequence[str], said: list[str]) -> dict[str, Sequence[str]]:
    """Return a column of lists as columns of numbers.

    Raises:
        PredictionsError: they are of unequal lengths.
    """
    rows = [re.split(r"[,;\s]+", found[1].strip()) for value in values if (found := _LIST.match(value))]
    lengths = {len(row) for row in rows}
    if len(lengths) > 1:
        raise PredictionsError(f"{path}: the lists in column '{name}' have {min(lengths)} to {max(lengths)} numbers.")
    n_classes = lengths.pop()
    said.append(f"column '{name}' holds lists of {n_classes} probabilities")
    return {f"prob_{place}": tuple(row[place] for row in rows) for place in range(n_classes)}
