"""A bundle's folder, opened: every file, every field and a known answer checked; its network runs under onnxruntime."""

from pathlib import Path
from typing import Final

import numpy as np

from lentigo.errors import BundleError, ConfigError
from lentigo.images import Preprocess
from lentigo.model._bundle_record import BundleRecord
from lentigo.model._files import CARD, MODEL, RECORD, TYPICAL, read_bundle_folder
from lentigo.model._known_answer import known_embedding, known_picture
from lentigo.model._ood_score import Typical
from lentigo.model._outputs import Network
from lentigo.model._references import ReferenceCases
from lentigo.model._runtime import Model
from lentigo.model._session import OnnxNetwork
from lentigo.storage import sha256_of

# Images through the network at once: with eight views 16 are 128, which keeps two cores busy and memory below 1 GB.
BATCH: Final = {1: 32, 8: 8}
ROWS: Final = 1024  # embeddings at once: the out-of-distribution score keeps them once per class


def bundle_of(
    folder: Path,
    record: BundleRecord,
    network: Network,
    references: ReferenceCases | None = None,
    typical: Typical | None = None,
    card: str = "",
    *,
    sha256: str = "",
) -> Model:
    """Return the model that the parts of a bundle make; `sha256` is of its bundle.json, where it is written already."""
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
        embedding_width=record.network.embedding_size if is_of_embeddings(record) else 0,
    )


def is_of_embeddings(record: BundleRecord) -> bool:
    """Return whether a bundle is asked with embeddings instead of photographs."""
    return record.network.asks_for == "embeddings"


class _OnnxRuntime:
    """The backend of bundles."""

    marker = RECORD

    def open(self, folder: Path, *, threads: int | None = None, spin: bool = True, views: int | None = None) -> Model:
        """Return the bundle in a folder, after checking every file, every field and a known answer.

        Raises:
            BundleError: it is incomplete, altered, of an unknown version, or contradicts itself.
            ConfigError: other views are asked for than the network has inside.
        """
        payload, contents = read_bundle_folder(folder)
        record = BundleRecord.from_json(payload, f"{folder.name}/{RECORD}")
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
        expected = {
            "classes": list(record.classes),
            "views": record.network.views,
            "size": record.image.size,
            "map_side": record.network.map_side,
            "embedding_size": record.network.embedding_size,
            "asks_for": record.network.asks_for,
        }
        network = OnnxNetwork.load(contents[MODEL], expected=expected, threads=threads, spin=spin)
        width, side = record.network.embedding_size, record.image.size
        asked = known_embedding(width) if is_of_embeddings(record) else known_picture(side)
        record.known_answer.check(network, record.decision.probability_map, asked, record.network.storage)
        typical, sha256 = _typical(contents, record), sha256_of(folder / RECORD)
        return bundle_of(folder, record, network, references, typical, card, sha256=sha256)


BACKEND: Final = _OnnxRuntime()


def _typical(contents: dict[str, bytes], record: BundleRecord) -> Typical | None:
    """Return what the out-of-distribution score needs, or None for a bundle without it.

    Raises:
        BundleError: the file does not fit the record.
    """
    if (record.oddness is None) != (TYPICAL not in contents):
        raise BundleError(f"bundle.json and {TYPICAL} do not match. Export the run again.")
    if record.oddness is None:
        return None
    n_groups, size = record.oddness.n_groups, record.network.embedding_size
    typical = Typical.read(contents[TYPICAL], TYPICAL, n_groups=n_groups, embedding_size=size)
    if not (np.isfinite(typical.means).all() and np.isfinite(typical.whitening).all()):
        raise BundleError(f"{TYPICAL} contains NaN or infinite values. Export the run again.")
    return typical
