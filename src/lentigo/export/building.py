"""The folder of a bundle, built under a temporary name and given its own when parity is proven and it loads."""

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lentigo import __version__
from lentigo.bundle.answer import BENIGN_LOOKING, CANNOT_ASSESS, REFER
from lentigo.bundle.files import CARD, MODEL, REFERENCE_TABLE, TYPICAL, write_record
from lentigo.bundle.gate import fit_gate
from lentigo.bundle.known_answer import KnownAnswer
from lentigo.bundle.mapping import CalibrationMap
from lentigo.bundle.oddness import Oddness, Typical, fit_typical
from lentigo.bundle.parts import Band, Figure, Licence, Network, Parity, Point, References
from lentigo.bundle.record import BundleRecord
from lentigo.bundle.references import ReferenceCases, unit_rows
from lentigo.bundle.runtime import BATCH, Bundle, Seen
from lentigo.bundle.scores import Scores, describe_scores
from lentigo.bundle.session import Network as Session
from lentigo.bundle.session import Outputs
from lentigo.errors import ModelError
from lentigo.export.card import render_bundle_card
from lentigo.export.graph import BundleGraph, has_map
from lentigo.export.onnx_file import halve, quantize, to_onnx
from lentigo.export.proof import LEAST_IMAGES, compare, loss_of, run_all
from lentigo.modeling.classifier import Classifier
from lentigo.progress import Track, silent
from lentigo.storage import new_folder, write_bytes, write_json, write_text

__all__ = ["Cases", "Facts", "Options", "build_bundle"]

ODD_SHARE: Final = 0.01  # of validation images that may score as odd
PICTURE_SIDE: Final = 64
CALIBRATION_IMAGES: Final = 128
NO_MAP: Final = "its logits are no linear head on the mean of the last features over space"


@dataclass(frozen=True, slots=True)
class Options:
    """How to export.

    Args:
        storage: float32, float16 or int8.
        n_references: reference cases to keep, at most; 0 for none, and then no out-of-distribution score either.
        pictures_licence: under which small pictures of them may be shown; empty for no pictures.
    """

    storage: str = "float32"
    n_references: int = 1000
    pictures_licence: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """Photographs with what is known of them.

    Args:
        seen: decoded and measured.
        image_id: of each.
        target: index of the class of each, shape (N,).
    """

    seen: Sequence[Seen]
    image_id: tuple[str, ...]
    target: NDArray[np.int64]

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """All fitted pixels, shape (N, S, S, 3)."""
        return np.stack([one.pixels for one in self.seen])

    @property
    def looks(self) -> NDArray[np.float32]:
        """The measures of the gate, shape (N, measures)."""
        return np.stack([one.look for one in self.seen])


@dataclass(frozen=True, slots=True)
class Facts:
    """What a bundle repeats of its run.

    Args:
        name: of the bundle.
        backbone: its name in timm.
        malignant_classes: of the classes.
        calibration: from logits to probabilities.
        points: operating points.
        band: of low confidence.
        prevalence: of validation.
        data: fingerprint and sizes.
        metrics: figures on test.
        licence: what the weights may be used for.
    """

    name: str
    backbone: str
    malignant_classes: tuple[str, ...]
    calibration: CalibrationMap
    points: tuple[Point, ...]
    band: Band | None
    prevalence: float
    data: dict[str, str]
    metrics: dict[str, Figure]
    licence: Licence


def build_bundle(
    out: Path,
    classifiers: Sequence[Classifier],
    facts: Facts,
    *,
    val: Cases,
    references: Cases | None,
    further: NDArray[np.uint8],
    options: Options,
    force: bool = False,
    track: Track = silent,
) -> Bundle:
    """Return the bundle made of some networks; write it to `out`, complete or not at all.

    Args:
        out: the folder to make.
        classifiers: of one architecture, one preprocessing, one set of classes; several are an ensemble.
        facts: what it repeats of its run.
        val: validation images, which decide the gate and the limit of the out-of-distribution score.
        references: cases to compare with.
        further: pixels of images that parity is proven on besides validation, shape (N, S, S, 3).
        options: storage, pictures.
        force: replace a bundle that stands at `out`.
        track: draws progress.

    Raises:
        ParityError: the bundle would answer differently from torch; nothing is written.
    """
    first = classifiers[0]
    size, batch_size = first.preprocess.settings.size, BATCH[first.views]
    graph = _graph(classifiers)
    about = {"classes": list(first.classes), "views": first.views, "size": size}
    full = to_onnx(graph, size, about)
    shape = _shape(graph, size)
    session = _load(full, about, shape)
    tested = np.concatenate([val.pixels[:LEAST_IMAGES], further])
    parity = compare(classifiers, graph, session, tested, facts.calibration, batch_size=batch_size)
    said = _tracked(session, val.pixels, batch_size, track)
    content = full
    if options.storage != "float32":
        content = halve(full) if options.storage == "float16" else quantize(full, _some(val.pixels, batch_size))
        session = _load(content, about, shape)
        small = _tracked(session, val.pixels, batch_size, track)
        parity = _with_loss(parity, small.logits, said.logits, facts, first.classes, val.target)
        said = small
    cases = typical = None
    if references is not None:
        embedding = _tracked(session, references.pixels, batch_size, track).embedding
        typical = fit_typical(embedding, references.target)
        cases = _cases(embedding, references, first.classes, options)
    record = BundleRecord(
        name=facts.name,
        created=dt.datetime.now(dt.UTC).date().isoformat(),
        lentigo=__version__,
        classes=first.classes,
        malignant_classes=facts.malignant_classes,
        image=first.preprocess.settings,
        network=Network(
            backbone=facts.backbone,
            n_networks=len(classifiers),
            views=first.views,
            storage=options.storage,
            embedding_size=shape["embedding_size"],
            map_side=shape["map_side"],
            map_reason="" if graph.maps else NO_MAP,
        ),
        calibration=facts.calibration,
        operating_points=facts.points,
        low_confidence=facts.band,
        prevalence=facts.prevalence,
        gate=fit_gate(val.looks, size),
        oddness=None if typical is None else _oddness(said.embedding, typical),
        references=None if cases is None else _about(cases, options),
        known_answer=KnownAnswer.ask(session, facts.calibration, size),
        parity=parity,
        data=facts.data,
        metrics=facts.metrics,
        licence=facts.licence,
    )
    record = dataclasses.replace(record, scores=_scores(Bundle(out, record, session, cases, typical, ""), said, val))
    with new_folder(out, force=force) as partial:
        write_bytes(partial / MODEL, content)
        if cases is not None:
            for name, array in cases.files().items():
                write_bytes(partial / name, array)
            write_json(partial / REFERENCE_TABLE, dict(cases.table()))
        if typical is not None:
            write_bytes(partial / TYPICAL, typical.file())
        write_text(partial / CARD, render_bundle_card(record, len(content)))
        write_record(partial, record.json())
        Bundle.load(partial)  # what cannot be read back is not published
    return Bundle.load(out)


def _graph(classifiers: Sequence[Classifier]) -> BundleGraph:
    first = classifiers[0]
    settings = first.preprocess.settings
    for member in classifiers[1:]:
        if (member.classes, member.preprocess, member.views) != (first.classes, first.preprocess, first.views):
            raise ModelError("the runs of an ensemble need the same classes, image settings and views.")
    networks = [member.network.cpu().float().eval() for member in classifiers]
    maps = all(has_map(network, settings.size) for network in networks)
    return BundleGraph(networks, settings, views=first.views, maps=maps).eval()


def _shape(graph: BundleGraph, size: int) -> dict[str, int]:
    import torch

    with torch.inference_mode():
        found = graph(torch.zeros((1, size, size, 3), dtype=torch.uint8))
    side = int(found[1].shape[-1]) if graph.maps else 0
    if graph.maps and found[1].shape[-2] != side:
        raise ModelError("the backbone's maps are not square. Choose another backbone.")
    return {"map_side": side, "embedding_size": int(found[-1].shape[1])}


def _load(content: bytes, about: dict[str, Any], shape: dict[str, int]) -> Session:
    return Session.load(content, expected={**about, **shape})


def _tracked(session: Session, pixels: NDArray[np.uint8], batch_size: int, track: Track) -> Any:
    starts = list(range(0, len(pixels), batch_size))
    parts = [
        run_all(session, pixels[start : start + batch_size], batch_size)
        for start in track(starts, "Asking the bundle", len(pixels), unit=batch_size)
    ]
    merged = {name: np.concatenate([getattr(part, name) for part in parts]) for name in ("logits", "embedding")}
    return dataclasses.replace(parts[0], maps=None, **merged)


def _some(pixels: NDArray[np.uint8], batch_size: int) -> list[NDArray[np.uint8]]:
    """Return batches of images spread over validation, to scale eight-bit numbers by."""
    rows = np.unique(np.linspace(0, len(pixels) - 1, CALIBRATION_IMAGES).astype(int))
    return [pixels[rows[i : i + batch_size]] for i in range(0, len(rows), batch_size)]


def _with_loss(
    parity: Parity,
    small: NDArray[np.float32],
    full: NDArray[np.float32],
    facts: Facts,
    classes: tuple[str, ...],
    target: NDArray[np.int64],
) -> Parity:
    sides = np.isin(classes, facts.malignant_classes)
    (area, missed, changed), difference = loss_of(
        small, full, facts.calibration, sides, sides[target], facts.points[0].threshold
    )
    return dataclasses.replace(
        parity,
        probabilities=max(parity.probabilities, difference),
        auroc_lost=area,
        sensitivity_lost=missed,
        decisions_changed=changed,
    )


def _cases(embedding: NDArray[np.float32], chosen: Cases, classes: tuple[str, ...], options: Options) -> ReferenceCases:
    embeddings = unit_rows(embedding)
    pictures = None
    if options.pictures_licence:
        side = (PICTURE_SIDE, PICTURE_SIDE)
        small = [np.asarray(Image.fromarray(one.pixels).resize(side, Image.Resampling.BOX)) for one in chosen.seen]
        pictures = np.stack(small)
    diagnosis = tuple(classes[index] for index in chosen.target.tolist())
    return ReferenceCases(embeddings, chosen.image_id, diagnosis, pictures)


def _about(cases: ReferenceCases, options: Options) -> References:
    has_pictures = cases.pictures is not None
    return References(len(cases.image_id), PICTURE_SIDE * has_pictures, options.pictures_licence * has_pictures)


def _scores(bundle: Bundle, said: Outputs, val: Cases) -> Scores:
    """Return how malignant probabilities and decisions about validation images are spread."""
    answers = bundle.answers_from(said, list(val.looks), val.image_id)
    decisions = dict.fromkeys((REFER, BENIGN_LOOKING, CANNOT_ASSESS), 0)
    decisions |= Counter(answer.decision for answer in answers)
    return describe_scores(np.array([answer.malignant for answer in answers]), decisions)


def _oddness(embedding: NDArray[np.float32], typical: Typical) -> Oddness:
    """Return the score with its limit, set on validation images.

    Raises:
        ModelError: the network's embeddings are no numbers.
    """
    scores = typical.distances(embedding)
    limit = float(np.quantile(scores, 1 - ODD_SHARE)) * 1.0001
    if not np.isfinite(limit):
        raise ModelError("the network's embeddings are no numbers. Train it again.")
    return Oddness(len(typical.means), limit, float((scores > limit).mean()), len(embedding))
