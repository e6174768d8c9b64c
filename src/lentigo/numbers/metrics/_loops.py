"""Whether compiled loops sum the weights: where numba is installed (extra `fast`) and there is enough to sum.

Importing numba and loading its machine code takes 0.5 s, compiling it once on a machine some 10 s: nothing that a table
of a thousand rows should wait for.
"""

from types import ModuleType

import numpy as np
import numpy.typing as npt

from lentigo.compiling import compiled_module

_FEWEST_VALUES = 3 * 2**19
"""In one array of weights: 24,576 images in 64 resamples, or 49,152 in a jackknife's 32 columns."""

_FEWEST_DRAWS = 10**8
"""Images times resamples from which weights are drawn as bytes, for compiled loops: 50,000 images, 2,000 resamples.

With 20,000 the first run on a machine took 5.0 s, most of it compiling, where NumPy takes 3.3 s.
"""

NARROWEST = 8
"""Columns of one vector instruction (float64, AVX-512)."""


def compiled_loops(weights: npt.NDArray[np.generic]) -> ModuleType | None:
    """Return the compiled loops for (N, B) weights; None where NumPy sums them.

    Example:
        >>> compiled_loops(np.ones((4, 1))) is None
        True
    """
    if weights.ndim != 2 or weights.shape[1] < NARROWEST or weights.size < _FEWEST_VALUES:
        return None
    if weights.dtype not in (np.uint8, np.float64) or not weights.flags.c_contiguous:
        return None
    return installed_loops()


def equal_weights(n_images: int) -> npt.NDArray[np.float64]:
    """Return weights of one, (N, 1), or as many columns as compiled loops need where they pay.

    Example:
        >>> equal_weights(4).shape
        (4, 1)
    """
    pays = n_images * NARROWEST >= _FEWEST_VALUES and installed_loops() is not None
    return np.ones((n_images, NARROWEST if pays else 1))


def pays_in_bytes(n_images: int, n_resamples: int) -> bool:
    """Return whether resamples of so many images are drawn as bytes, for compiled loops.

    Example:
        >>> pays_in_bytes(100, 2000)
        False
    """
    return n_images * n_resamples >= _FEWEST_DRAWS and installed_loops() is not None


def installed_loops() -> ModuleType | None:
    """Return the module of compiled loops; None without numba."""
    return compiled_module("lentigo.numbers.metrics._compiled")


def sums_like(weights: npt.NDArray[np.generic], *shape: int) -> npt.NDArray[np.generic]:
    """Return zeros for exact sums of such weights: int32 for bytes, else float64.

    Example:
        >>> sums_like(np.ones((2, 3), dtype=np.uint8), 5).dtype.name
        'int32'
    """
    return np.zeros((*shape, weights.shape[1]), dtype=np.int32 if weights.dtype == np.uint8 else np.float64)
