"""Cases the network learned from, to compare with: embedding, diagnosis and id; pictures only if the owner says so.

An embedding shows no picture, but it is no anonymisation either: whoever has the photograph can find it in the table.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lentigo.bundle.files import PICTURES, REFERENCE_TABLE, REFERENCES
from lentigo.bundle.oddness import nearest
from lentigo.bundle.parts import References
from lentigo.bundle.strict import Fields, parse_strict
from lentigo.errors import BundleError

__all__ = ["ReferenceCases"]


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceCases:
    """The table of reference cases.

    Args:
        embeddings: of length one, shape (M, D), float32.
        image_id: of each case.
        diagnosis: of each case, one of the classes.
        pictures: small, shape (M, s, s, 3); None where the owner has not agreed.
    """

    embeddings: NDArray[np.float32]
    image_id: tuple[str, ...]
    diagnosis: tuple[str, ...]
    pictures: NDArray[np.uint8] | None = None

    @classmethod
    def read(
        cls, contents: Mapping[str, bytes], about: References | None, embedding_size: int, classes: tuple[str, ...]
    ) -> "ReferenceCases | None":
        """Return the cases in the files of a bundle; None where it has none.

        Raises:
            BundleError: the files do not fit each other or the record.
        """
        wanted = (
            set() if about is None else {REFERENCES, REFERENCE_TABLE} | ({PICTURES} if about.picture_side else set())
        )
        if (set(contents) & {REFERENCES, REFERENCE_TABLE, PICTURES}) != wanted:
            raise BundleError("the files of reference cases are not those that bundle.json describes. Export it again.")
        if about is None:
            return None
        embeddings = _array(contents[REFERENCES], REFERENCES, np.dtype("<f2"), (about.n_cases, embedding_size))
        if not np.isfinite(embeddings).all():
            raise BundleError(f"{REFERENCES} holds what is no number. Export the run again.")
        fields = Fields(parse_strict(contents[REFERENCE_TABLE], REFERENCE_TABLE), REFERENCE_TABLE)
        image_id = fields.texts("image_id", most=about.n_cases, longest=500)
        diagnosis = fields.texts("diagnosis", most=about.n_cases, longest=100)
        fields.done()
        if len(image_id) != about.n_cases or len(diagnosis) != about.n_cases or not set(diagnosis) <= set(classes):
            raise BundleError(f"{REFERENCE_TABLE} does not fit the bundle. Export the run again.")
        pictures = None
        if side := about.picture_side:
            pictures = _array(contents[PICTURES], PICTURES, np.dtype("u1"), (about.n_cases, side, side, 3))
        return cls(embeddings.astype(np.float32), image_id, diagnosis, pictures)

    def files(self) -> dict[str, bytes]:
        """Return the content of each file that holds the cases, but for the table."""
        arrays = {REFERENCES: self.embeddings.astype("<f2")}
        if self.pictures is not None:
            arrays[PICTURES] = self.pictures
        return {name: _npy(array) for name, array in arrays.items()}

    def table(self) -> dict[str, list[str]]:
        """Return ids and diagnoses as they are written."""
        return {"image_id": list(self.image_id), "diagnosis": list(self.diagnosis)}

    def similar(self, embedding: NDArray[np.float32], n_cases: int) -> list[dict[str, Any]]:
        """Return the cases most similar to one embedding (D,), the nearest first."""
        rows, similarity = nearest(embedding[np.newaxis], self.embeddings, n_cases)
        return [
            {"image_id": self.image_id[row], "diagnosis": self.diagnosis[row], "similarity": round(float(value), 4)}
            for row, value in zip(rows[0].tolist(), similarity[0].tolist(), strict=True)
        ]


def _npy(array: NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def _array(content: bytes, name: str, dtype: "np.dtype[Any]", shape: tuple[int, ...]) -> NDArray[Any]:
    """Return the array in a .npy file of exactly this type, shape and size; no pickle, no surprise in memory.

    Raises:
        BundleError: it is another array, or none.
    """
    stream = io.BytesIO(content)
    try:
        is_known = np.lib.format.read_magic(stream) == (1, 0)
        found_shape, is_fortran, found_type = np.lib.format.read_array_header_1_0(stream)
    except Exception as error:  # numpy raises ValueError, SyntaxError, TokenError and others on damaged headers
        raise BundleError(f"{name} is no plain array: {str(error)[:100]}. Export the run again.") from error
    body = content[stream.tell() :]
    n_bytes = dtype.itemsize * int(np.prod([int(side) for side in shape], dtype=object))
    if not is_known or found_type != dtype or found_shape != shape or is_fortran or len(body) != n_bytes:
        raise BundleError(f"{name} is another array than bundle.json describes. Export the run again.")
    return np.frombuffer(body, dtype).reshape(shape)
