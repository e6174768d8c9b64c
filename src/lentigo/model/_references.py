"""Cases the network learned from, to compare with: embedding, diagnosis and id; pictures only if the owner says so.

An embedding shows no picture, but it is not anonymisation either: whoever has the photograph can find it in the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import BundleError
from lentigo.model._arrays import array_of, npy
from lentigo.model._bundle_facts import References
from lentigo.model._files import PICTURES, REFERENCE_TABLE, REFERENCES
from lentigo.model._json_reader import Fields, parse_strict

Floats = NDArray[np.float32]


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
        embeddings = array_of(contents[REFERENCES], REFERENCES, np.dtype("<f2"), (about.n_cases, embedding_size))
        if not np.isfinite(embeddings).all():
            raise BundleError(f"{REFERENCES} contains NaN or infinite values. Export the run again.")
        fields = Fields(parse_strict(contents[REFERENCE_TABLE], REFERENCE_TABLE), REFERENCE_TABLE)
        image_id = fields.texts("image_id", most=about.n_cases, longest=500)
        diagnosis = fields.texts("diagnosis", most=about.n_cases, longest=100)
        fields.done()
        if len(image_id) != about.n_cases or len(diagnosis) != about.n_cases or not set(diagnosis) <= set(classes):
            raise BundleError(f"{REFERENCE_TABLE} does not match the bundle. Export the run again.")
        pictures = None
        if side := about.picture_side:
            pictures = array_of(contents[PICTURES], PICTURES, np.dtype("u1"), (about.n_cases, side, side, 3))
        return cls(embeddings.astype(np.float32), image_id, diagnosis, pictures)

    def files(self) -> dict[str, bytes]:
        """Return the content of each file that holds the cases, but for the table."""
        arrays = {REFERENCES: self.embeddings.astype("<f2")}
        if self.pictures is not None:
            arrays[PICTURES] = self.pictures
        return {name: npy(array) for name, array in arrays.items()}

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


def nearest(embedding: Floats, references: Floats, n_nearest: int) -> tuple[NDArray[np.int64], Floats]:
    """Return rows and cosine similarities (N, n) of the most similar references, the nearest first.

    Args:
        embedding: shape (N, D).
        references: shape (M, D), rows of length one.
        n_nearest: how many; fewer where there are fewer references.

    Example:
        >>> rows, similarity = nearest(np.array([[2.0, 0.1]], np.float32), np.eye(2, dtype=np.float32), 1)
        >>> rows.tolist()
        [[0]]
    """
    similarity = unit_rows(embedding) @ references.T
    n_nearest = min(n_nearest, len(references))
    rows = np.argpartition(-similarity, n_nearest - 1, axis=1)[:, :n_nearest]
    values = np.take_along_axis(similarity, rows, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    return np.take_along_axis(rows, order, axis=1), np.take_along_axis(values, order, axis=1)


def unit_rows(values: NDArray[np.floating[Any]]) -> Floats:
    """Return rows of length one as float32; a row of zeros stays.

    Example:
        >>> unit_rows(np.array([[3.0, 4.0]])).round(1).tolist()
        [[0.6000000238418579, 0.800000011920929]]
    """
    rows = values.astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12))
