"""Arrays in files: exactly the type, shape and size that the record says; no pickle, no surprise in memory."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import BundleError


def npy(array: NDArray[Any]) -> bytes:
    """Return the array as the content of a .npy file.

    Example:
        >>> len(npy(np.zeros(3, np.uint8)))
        131
    """
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def array_of(content: bytes, name: str, dtype: "np.dtype[Any]", shape: tuple[int, ...]) -> NDArray[Any]:
    """Return the array in a .npy file of exactly this type, shape and size; no pickle, no surprise in memory.

    Raises:
        BundleError: it is another array, or none.
    """
    stream = io.BytesIO(content)
    try:
        is_known = np.lib.format.read_magic(stream) == (1, 0)
        found_shape, is_fortran, found_type = np.lib.format.read_array_header_1_0(stream)
    except Exception as error:  # numpy raises ValueError, SyntaxError, TokenError and others on damaged headers
        raise BundleError(f"{name} is not a plain array: {str(error)[:100]}. Export the run again.") from error
    body = content[stream.tell() :]
    n_bytes = dtype.itemsize * int(np.prod([int(side) for side in shape], dtype=object))
    if not is_known or found_type != dtype or found_shape != shape or is_fortran or len(body) != n_bytes:
        raise BundleError(f"{name} is not the array that bundle.json describes. Export the run again.")
    return np.frombuffer(body, dtype).reshape(shape)
