"""A column as numbers that a linear model weighs, centred so that a missing value is 0: the average.

That a value is missing is not used. It says who took the photograph rather than what it shows: a model would learn the
clinic, and whoever leaves a field empty would be answered by it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from lentigo.model.decision import FusionTerm, is_known, number_of, plain

Floats = npt.NDArray[np.float64]

MOST_VALUES: Final = 20  # of a category; rarer values count as unknown
LEAST_VALUE: Final = 5  # images that a value of a category needs for a number of its own
BENDS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)  # quantiles at which the curve of a number may bend
LEAST_BENT: Final = (
    500  # values; of fewer it is a straight line, as four numbers are learned by heart from fifty images
)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """One column as numbers.

    Args:
        name: of the column.
        kind: "number", "category" or "context".
        matrix: shape (N, B); rows of unknown values are 0.
        at: of a number: where its curve may bend.
        values: of a category: those with a number of their own.
        table: the row of `matrix` at each of `at` or `values`, shape (A, B).
        there: (N,) which values are known.
    """

    name: str
    kind: str
    matrix: Floats
    at: tuple[float, ...]
    values: tuple[str, ...]
    table: Floats
    there: npt.NDArray[np.bool_]

    def term(self, weights: Floats) -> FusionTerm:
        """Return what the column adds to the log-odds under some weights (B,)."""
        effect = (self.table @ weights).round(9) + 0.0
        return FusionTerm(self.name, self.kind, self.at, self.values, tuple(effect.tolist()))


def column_block(name: str, given: Sequence[Any]) -> Block:
    """Return a column of a table: a number where every value that is known is one, else a category.

    Example:
        >>> column_block("age", [40, None, 60]).matrix[1].tolist(), column_block("sex", ["f"] * 5 + ["m"] * 5).values
        ([0.0], ('f', 'm'))
    """
    known = [value for value in given if is_known(value)]
    numbers = np.array([number_of(value) for value in given])
    is_number = len(known) > 0 and np.isfinite(numbers).sum() == len(known)
    return number_block(name, numbers) if is_number else category_block(name, given)


def number_block(name: str, values: Floats, kind: str = "number") -> Block:
    """Return a number (NaN where it is unknown) as a line that may bend at its quartiles, and is flat beyond its ends.

    Example:
        >>> block = number_block("age", np.array([20.0, 40.0, 60.0, 80.0, np.nan]))
        >>> block.at, block.matrix.ravel().tolist()
        ((20.0, 80.0), [-30.0, -10.0, 10.0, 30.0, 0.0])
    """
    there = np.isfinite(values)
    quantiles = BENDS if there.sum() >= LEAST_BENT else (BENDS[0], BENDS[-1])
    at = np.unique(np.quantile(values[there], quantiles)) if there.any() else np.zeros(1)
    filled = np.where(there, values, at[0]).clip(at[0], at[-1])

    def bent(numbers: Floats) -> Floats:
        return np.column_stack([numbers, *(np.maximum(numbers - place, 0) for place in at[1:-1])])

    centre = bent(filled[there]).mean(axis=0) if there.any() else np.zeros(1)
    matrix = np.where(there[:, np.newaxis], bent(filled) - centre, 0.0)
    return Block(name, kind, matrix, tuple(at.tolist()), (), bent(at) - centre, there)


def category_block(name: str, given: Sequence[Any]) -> Block:
    """Return one yes or no per frequent value, in lower case.

    Example:
        >>> category_block("sex", ["F"] * 6 + ["M"] * 6 + [None]).matrix[[0, 6, 12]].tolist()
        [[0.5, -0.5], [-0.5, 0.5], [0.0, 0.0]]
    """
    texts = np.array([plain(value) if is_known(value) else "" for value in given], dtype=np.str_)
    names, counts = np.unique(texts, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    kept = [str(names[k]) for k in order if counts[k] >= LEAST_VALUE and names[k]][:MOST_VALUES]
    values = tuple(sorted(kept)) or ("(no value is frequent)",)
    flags = np.array([[text == value for value in values] for text in texts], dtype=np.float64)
    there = np.asarray(flags.any(axis=1), dtype=np.bool_)
    centre = flags[there].mean(axis=0) if there.any() else np.zeros(len(values))
    matrix = np.where(there[:, np.newaxis], flags - centre, 0.0)
    return Block(name, "category", matrix, (), values, np.eye(len(values)) - centre, there)


def context_blocks(context: Mapping[str, Floats]) -> list[Block]:
    """Return what photographs are among those of their patient (`lentigo.model.patient_context`), one block each.

    Example:
        >>> [block.kind for block in context_blocks({"rank": np.array([0.0, 1.0])})]
        ['context']
    """
    return [number_block(name, values, "context") for name, values in context.items() if np.isfinite(values).any()]
