"""McNemar's exact test: whether two models are right equally often on the same images."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import binom


@dataclass(frozen=True, slots=True)
class McNemar:
    """Images on which exactly one of two models is right, and how surprising their ratio is.

    Args:
        only_first: images the first model alone has right.
        only_second: images the second alone has right.
        p_value: two-sided and exact, taking images for independent; 1 where the models never differ.
        n: all images compared.

    Example:
        >>> McNemar(only_first=5, only_second=0, p_value=0.0625, n=20).json()
        {'only_first': 5, 'only_second': 0, 'p_value': 0.0625, 'n': 20}
    """

    only_first: int
    only_second: int
    p_value: float
    n: int

    def json(self) -> dict[str, Any]:
        """Return the test as JSON types."""
        return {"only_first": self.only_first, "only_second": self.only_second, "p_value": self.p_value, "n": self.n}


def mcnemar(first_right: npt.NDArray[np.bool_], second_right: npt.NDArray[np.bool_]) -> McNemar:
    """Return McNemar's exact test (1947; binomial, without mid-p): of the images with one error, half each is expected.

    Args:
        first_right: (N,) whether the first model is right.
        second_right: (N,) whether the second is.

    Example:
        >>> round(mcnemar(np.array([True] * 5 + [False]), np.array([False] * 6)).p_value, 4)  # 2 x 1 / 2**5
        0.0625
    """
    only_first, only_second = int((first_right & ~second_right).sum()), int((~first_right & second_right).sum())
    n_differing = only_first + only_second
    p_value = min(1.0, 2 * float(binom.cdf(min(only_first, only_second), n_differing, 0.5)))
    return McNemar(only_first, only_second, p_value, int(first_right.size))
