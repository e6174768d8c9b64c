"""Probabilities that stand in one cell, and logits: both become one column of probabilities per class.

Lists are understood as Python, numpy and PyTorch print them, and mappings of class to number.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from lentigo.errors import PredictionsError

_LIST: Final = re.compile(
    r"^\s*(?:(?:tensor|(?:np\.|numpy\.)?array)\(\s*)?[\[(]+([^\[\](){}]*)[\])]+(?:\s*,[^)]*)?\s*\)?\s*$", re.DOTALL
)
_MAPPING: Final = re.compile(r"^\s*\{.*\}\s*$", re.DOTALL)
_LOGIT: Final = re.compile(r"(?:^|[ _-])logits?(?:$|[ _-])", re.IGNORECASE)


def spread_cells(path: Path, name: str, values: Sequence[str], said: list[str]) -> dict[str, Sequence[str]] | None:
    """Return a column of lists or mappings as one column per class; None for any other column.

    Raises:
        PredictionsError: the lists are of unequal lengths, or the mappings of unequal classes.
    """
    if values and all(_LIST.match(value) for value in values):
        rows = [re.split(r"[,;\s]+", found[1].strip(" ,;\n")) for value in values if (found := _LIST.match(value))]
        lengths = {len(row) for row in rows}
        if len(lengths) > 1:
            raise PredictionsError(
                f"{path}: the lists in column '{name}' have {min(lengths)} to {max(lengths)} numbers."
            )
        n_classes, word = lengths.pop(), "logit" if _LOGIT.search(name) else "prob"
        said.append(f"column '{name}' holds lists of {n_classes} {'logits' if word == 'logit' else 'probabilities'}")
        return {f"{word}_{place}": tuple(row[place] for row in rows) for place in range(n_classes)}
    if values and all(_MAPPING.match(value) for value in values):
        return _spread_mappings(path, name, values, said)
    return None


def _spread_mappings(path: Path, name: str, values: Sequence[str], said: list[str]) -> dict[str, Sequence[str]] | None:
    try:
        rows = [json.loads(value.replace("'", '"')) for value in values]
    except json.JSONDecodeError:
        return None
    keys = list(rows[0])
    if any(set(row) != set(keys) for row in rows):
        raise PredictionsError(f"{path}: the mappings in column '{name}' do not all name the same classes.")
    said.append(f"column '{name}' holds a number for each of {', '.join(keys[:12])}")
    word = "logit_" if _LOGIT.search(name) else ""
    return {f"{word}{key}": tuple(str(row[key]) for row in rows) for key in keys}


def from_logits(columns: Mapping[str, Sequence[str]], said: list[str]) -> dict[str, Sequence[str]]:
    """Return the columns with those that are called logits as probabilities: a softmax, or a logistic of a single one.

    Columns that are called so and hold anything but numbers stay as they are.
    """
    names = [name for name in columns if _LOGIT.search(name)]
    try:
        values = np.array([[float(text) for text in columns[name]] for name in names])
    except ValueError:
        return dict(columns)
    if not names or not np.isfinite(values).all():
        return dict(columns)
    if (
        len(names) > 1 and (values >= 0).all() and np.allclose(values.sum(axis=0), 1)
    ):  # probabilities, whatever the name
        return dict(columns)
    pair = values if len(names) > 1 else np.vstack([np.zeros_like(values), values])
    shares = np.exp(pair - pair.max(axis=0))
    shares /= shares.sum(axis=0)
    said.append(f"{', '.join(names[:3])}{', ...' * (len(names) > 3)}: logits, turned into probabilities")
    found = dict(zip(names, shares if len(names) > 1 else shares[1:], strict=True))
    renamed = {name: _LOGIT.sub(" prob ", name).strip().replace(" ", "_") for name in names}
    return {
        renamed.get(name, name): tuple(map(repr, found[name].tolist())) if name in found else texts
        for name, texts in columns.items()
    }
