"""A bundle's folder, opened: every file, every field and a known answer checked; its network runs under onnxruntime."""

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from lentigo.errors import BundleError, ConfigError
from lentigo.images import Preprocess
from lentigo.model._bundle_record import BundleRecord
from lentigo.model._computation import FLOAT32, Computation, choose_precision
from lentigo.model._files import CARD, MODEL, RECORD, TYPICAL, BundleFolder, read_verified, verify_bundle_folder
from lentigo.model._kept_network import KeptNetwork
from lentigo.model._known_answer import known_embedding, known_picture
from lentigo.model._ood_score import TypicalEmbeddings
from lentigo.model._outputs import Network
from lentigo.model._references import ReferenceCases
from lentigo.model._runtime import Model
from lentigo.model._session import OnnxNetwork, onnxruntime_version
from lentigo.storage import sha256_of

NAME: Final = "onnxruntime"
# Images through the network at once: with eight views 16 are 128, which keeps two cores busy and memory below 1 GB.
BATCH: Final = {1: 32, 8: 8}
ROWS: Final = 1024  # embeddings at once: the out-of-distribution score keeps them once per class


def bundle_of(
    folder: Path,
    record: BundleRecord,
    network: Network,
    references: ReferenceCases | None = None,
    typical: TypicalEmbeddings | None = None,
    card: str = "",
    *,
    sha256: str = "",
    computation: Computation | None = None,
) -> Model:
    """Return the model that the parts of a bundle make.

    Args:
        folder: of the bundle.
        record: what bundle.json says.
        network: that runs.
        references: the cases it compares with.
        typical: what its out-of-distribution score needs.
        card: text of model_card.md.
        sha256: of its bundle.json, where it is written already.
        computation: what the network runs in; onnxruntime when left out.
    """
    return Model(
        folder=folder,
        kind="bundle",
        name=record.name,
        preprocess=Preprocess(record.image),
        decision=record.decision,
        network=network,
        batch_size=ROWS if is_of_embeddings(record) else BATCH[record.network.views],
        provenance={
            "model": record.name,
            "views": record.network.views,
            "views_of_model": record.network.views,
            "bundle_sha256": sha256,
        },
        about=record,
        references=references,
        typical=typical,
        card=card,
        computation=computation or Computation(NAME, FLOAT32, onnxruntime_version()),
        embedding_width=record.network.embedding_size if is_of_embeddings(record) else 0,
    )


def is_of_embeddings(record: BundleRecord) -> bool:
    """Return whether a bundle predicts from embeddings instead of photographs."""
    return record.network.asks_for == "embeddings"


@dataclass(frozen=True, slots=True, eq=False)
class BundleParts:
    """A bundle's folder, read and checked; what is missing is a network that runs.

    Args:
        folder: it lies in.
        record: what bundle.json says.
        references: the cases it compares with; None where it has none.
        typical: what its out-of-distribution score needs; None where it has none.
        card: text of model_card.md.
        sha256: of bundle.json.
        verified: the files of the folder; that of the network is not read.
    """

    folder: Path
    record: BundleRecord
    references: ReferenceCases | None
    typical: TypicalEmbeddings | None
    card: str
    sha256: str
    verified: BundleFolder

    @classmethod
    def read(cls, folder: Path, *, views: int | None = None) -> "BundleParts":
        """Return the parts of a bundle, after checking every file and every field.

        Raises:
            BundleError: it is incomplete, altered, of an unknown version, or contradicts itself.
            ConfigError: other views are asked for than the network has inside.
        """
        verified = verify_bundle_folder(folder, unread={MODEL})
        contents = verified.contents
        record = BundleRecord.from_json(verified.payload, f"{folder.name}/{RECORD}")
        if views not in {None, record.network.views}:
            raise ConfigError(
                f"the network of {folder.name} has {record.network.views} view(s) of each picture built "
                "in; omit --views."
            )
        try:
            card = contents[CARD].decode("utf-8")
        except UnicodeDecodeError as error:
            raise BundleError(f"{folder / CARD} is not text. Export the run again.") from error
        references = ReferenceCases.read(contents, record.references, record.network.embedding_size, record.classes)
        sha256 = sha256_of(folder / RECORD)
        return cls(folder, record, references, _typical(contents, record), card, sha256, verified)

    def network(self, *, threads: int | None = None, spin: bool = True) -> OnnxNetwork:
        """Return the network under onnxruntime, after it has given the known answer.

        Raises:
            BundleError: it cannot be read, or is another one than the record says.
        """
        place = KeptNetwork.place(self.verified.seal, self.verified.listed[MODEL][0], onnxruntime_version())
        if place is None:
            return self._fresh(threads=threads, spin=spin)
        if (graph := place.verified()) is not None:
            # a BundleError: another process has just deleted the entry
            with contextlib.suppress(BundleError):
                return OnnxNetwork.load_kept(graph, expected=self._expected(), threads=threads, spin=spin)
        with place.made() as keep:
            return self._fresh(threads=threads, spin=spin, keep=keep)

    def _fresh(self, *, threads: int | None, spin: bool, keep: Path | None = None) -> OnnxNetwork:
        """Return the network out of model.onnx; where it cannot be kept, it is not."""
        content, expected = self.model_content(), self._expected()
        if keep is not None:
            with contextlib.suppress(BundleError):  # a full disk; what is wrong with the network is raised below
                network = OnnxNetwork.load(content, expected=expected, threads=threads, spin=spin, keep=keep)
                self.check(network)
                return network
        network = OnnxNetwork.load(content, expected=expected, threads=threads, spin=spin)
        self.check(network)
        return network

    def _expected(self) -> dict[str, Any]:
        record = self.record
        return {
            "classes": list(record.classes),
            "views": record.network.views,
            "size": record.image.size,
            "map_side": record.network.map_side,
            "embedding_size": record.network.embedding_size,
            "asks_for": record.network.asks_for,
        }

    def model_content(self) -> bytes:
        """Return the content of model.onnx, verified.

        Raises:
            BundleError: it was altered since the parts were read.
        """
        return read_verified(self.folder, MODEL, *self.verified.listed[MODEL])

    def check(self, network: Network) -> None:
        """Ask a network about the known picture, or the known embedding.

        Raises:
            BundleError: it gives another answer than the bundle holds.
        """
        record = self.record
        is_embedded = is_of_embeddings(record)
        asked = known_embedding(record.network.embedding_size) if is_embedded else known_picture(record.image.size)
        record.known_answer.check(network, record.decision.probability_map, asked, record.network.storage)

    def model(self, network: Network, computation: Computation | None = None) -> Model:
        """Return the bundle with a network that runs."""
        shown = self.references, self.typical, self.card
        return bundle_of(self.folder, self.record, network, *shown, sha256=self.sha256, computation=computation)


class _OnnxRuntimeBackend:
    """The backend of bundles."""

    marker = RECORD

    def open(
        self,
        folder: Path,
        *,
        threads: int | None = None,
        spin: bool = True,
        views: int | None = None,
        precision: str | None = None,
    ) -> Model:
        """Return the bundle in a folder, after checking every file, every field and a known answer.

        Raises:
            BundleError: it is incomplete, altered, of an unknown version, or contradicts itself.
            ConfigError: other views are asked for than the network has inside, or another precision than float32.
        """
        choose_precision(precision, runtime=NAME)
        parts = BundleParts.read(folder, views=views)
        return parts.model(parts.network(threads=threads, spin=spin))


BACKEND: Final = _OnnxRuntimeBackend()


def _typical(contents: dict[str, bytes], record: BundleRecord) -> TypicalEmbeddings | None:
    """Return what the out-of-distribution score needs, or None for a bundle without it.

    Raises:
        BundleError: the file does not fit the record.
    """
    if (record.oddness is None) != (TYPICAL not in contents):
        raise BundleError(f"bundle.json and {TYPICAL} do not match. Export the run again.")
    if record.oddness is None:
        return None
    n_groups, size = record.oddness.n_groups, record.network.embedding_size
    typical = TypicalEmbeddings.read(contents[TYPICAL], TYPICAL, n_groups=n_groups, embedding_size=size)
    if not (np.isfinite(typical.means).all() and np.isfinite(typical.whitening).all()):
        raise BundleError(f"{TYPICAL} contains NaN or infinite values. Export the run again.")
    return typical
