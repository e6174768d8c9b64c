"""The network of a bundle: some classifiers as one ONNX file, proven equal to torch, as small as was asked for."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from lentigo.bundling._graph import BundleGraph, has_map
from lentigo.bundling._inputs import Cases, ExportFacts
from lentigo.bundling._onnx_file import halve, quantize, to_onnx
from lentigo.bundling._own_onnx import OwnOnnx, embedding_width
from lentigo.bundling._proof import LEAST_IMAGES, compare, compare_logits, loss_of
from lentigo.config import ImageConfig
from lentigo.errors import ModelError
from lentigo.model import BATCH, NetworkRecord, OnnxNetwork, Outputs, Parity, run_batches
from lentigo.progress import Track, silent
from lentigo.training import Classifier

CALIBRATION_IMAGES: Final = 128  # to scale eight-bit numbers by
NO_OWN_MAP: Final = "the model was given as an ONNX file without one"
NO_MAP: Final = "its logits are not a linear head on the mean of the last features over space"


@dataclass(frozen=True, slots=True, eq=False)
class ProvenNetwork:
    """A network as a bundle holds it.

    Args:
        content: of model.onnx.
        session: that file, running.
        about: what the record says of it.
        parity: how far it answers as torch does.
        said: what it says about the validation images, without maps.
    """

    content: bytes
    session: OnnxNetwork
    about: NetworkRecord
    parity: Parity
    said: Outputs

    def run(self, pixels: NDArray[np.uint8], track: Track = silent) -> Outputs:
        """Return logits and embedding of many images (N, S, S, 3); no maps."""
        return run_batches(self.session, pixels, BATCH[self.about.views], track=track)


def export_network(
    classifiers: Sequence[Classifier],
    facts: ExportFacts,
    val: Cases,
    *,
    further: NDArray[np.uint8],
    storage: str = "float32",
    track: Track = silent,
) -> ProvenNetwork:
    """Return some networks as one, in the storage that was asked for.

    Args:
        classifiers: of one architecture, one preprocessing, one set of classes; several are an ensemble.
        facts: of their run.
        val: validation images, on which parity is proven and the loss of a smaller storage is measured.
        further: pixels of images that parity is proven on besides validation, shape (N, S, S, 3).
        storage: float32, float16 or int8.
        track: draws progress.

    Raises:
        ModelError: the networks do not go together, or cannot be exported.
        ParityError: the export would answer differently from torch.
    """
    first, graph = classifiers[0], _graph(classifiers)
    size, batch_size = first.preprocess.settings.size, BATCH[first.views]
    about = {"classes": list(first.classes), "views": first.views, "size": size}
    shape = _shape(graph, size)
    content = to_onnx(graph, size, about)
    session = OnnxNetwork.load(content, expected={**about, **shape})
    tested = np.concatenate([val.pixels[:LEAST_IMAGES], further])
    parity = compare(classifiers, graph, session, tested, facts.decision.probability_map, batch_size=batch_size)
    said = run_batches(session, val.pixels, batch_size, track=track)
    if storage != "float32":
        full = said
        content = halve(content) if storage == "float16" else quantize(content, _some(val.pixels, batch_size))
        session = OnnxNetwork.load(content, expected={**about, **shape})
        said = run_batches(session, val.pixels, batch_size, track=track)
        parity = _with_loss(parity, said.logits, full.logits, facts, val)
    network = NetworkRecord(
        backbone=facts.backbone,
        n_networks=len(classifiers),
        views=first.views,
        storage=storage,
        map_reason="" if graph.maps else NO_MAP,
        map_side=shape["map_side"],
        embedding_size=shape["embedding_size"],
    )
    return ProvenNetwork(content, session, network, parity, said)


def own_network(
    own: OwnOnnx,
    facts: ExportFacts,
    settings: ImageConfig,
    val: Cases,
    *,
    further: NDArray[np.uint8],
    storage: str = "float32",
    track: Track = silent,
) -> ProvenNetwork:
    """Return an ONNX file of the user's as the network of a bundle, proven to repeat what the file answers.

    Raises:
        ModelError: its answers are not numbers, or it cannot be run.
        ParityError: the bundle would answer differently from the file.
    """
    classes = facts.decision.classes
    shape = {"map_side": 0, "embedding_size": embedding_width(own)}
    about = {"classes": list(classes), "views": 1, "size": settings.size, **shape}
    content = own.bundled(settings, about)
    session = OnnxNetwork.load(content, expected=about)
    tested = np.concatenate([val.pixels[:LEAST_IMAGES], further])
    parity = compare_logits(
        own.original(tested, settings),
        run_batches(session, tested, BATCH[1]),
        facts.decision.probability_map,
        source=own.path.name,
    )
    said = run_batches(session, val.pixels, BATCH[1], track=track)
    if storage != "float32":
        full = said
        content = halve(content) if storage == "float16" else quantize(content, _some(val.pixels, BATCH[1]))
        session = OnnxNetwork.load(content, expected=about)
        said = run_batches(session, val.pixels, BATCH[1], track=track)
        parity = _with_loss(parity, said.logits, full.logits, facts, val)
    network = NetworkRecord(
        backbone=facts.backbone,
        n_networks=1,
        views=1,
        storage=storage,
        map_reason=NO_OWN_MAP,
        map_side=shape["map_side"],
        embedding_size=shape["embedding_size"],
    )
    return ProvenNetwork(content, session, network, parity, said)


def _graph(classifiers: Sequence[Classifier]) -> BundleGraph:
    first = classifiers[0]
    settings = first.preprocess.settings
    for member in classifiers[1:]:
        if (member.classes, member.preprocess, member.views) != (first.classes, first.preprocess, first.views):
            raise ModelError(
                "the runs of an ensemble need the same classes, image settings and views. Train its members alike."
            )
    networks = [member.network.cpu().float().eval() for member in classifiers]
    maps = all(has_map(network, settings.size) for network in networks)
    return BundleGraph(networks, settings, views=first.views, maps=maps).eval()


def _shape(graph: BundleGraph, size: int) -> dict[str, int]:
    with torch.inference_mode():
        found = graph(torch.zeros((1, size, size, 3), dtype=torch.uint8))
    side = int(found[1].shape[-1]) if graph.maps else 0
    if graph.maps and found[1].shape[-2] != side:
        raise ModelError("the backbone's maps are not square. Choose another backbone.")
    return {"map_side": side, "embedding_size": int(found[-1].shape[1])}


def _some(pixels: NDArray[np.uint8], batch_size: int) -> list[NDArray[np.uint8]]:
    """Return batches of images spread over validation, to scale eight-bit numbers by."""
    rows = np.unique(np.linspace(0, len(pixels) - 1, CALIBRATION_IMAGES).astype(int))
    return [pixels[rows[i : i + batch_size]] for i in range(0, len(rows), batch_size)]


def _with_loss(
    parity: Parity, small: NDArray[np.float32], full: NDArray[np.float32], facts: ExportFacts, val: Cases
) -> Parity:
    truth = facts.decision.is_malignant[val.target]
    (area, missed, changed), difference = loss_of(small, full, facts.decision, truth, val.columns)
    return dataclasses.replace(
        parity,
        probabilities=max(parity.probabilities, difference),
        auroc_lost=area,
        sensitivity_lost=missed,
        decisions_changed=changed,
    )
