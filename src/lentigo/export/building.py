"""The folder of a bundle, built under a temporary name and given its own when parity is proven and it loads."""

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lentigo import __version__
from lentigo.bundle.answer import BENIGN_LOOKING, CANNOT_ASSESS, REFER
from lentigo.bundle.files import CARD, MODEL, REFERENCE_TABLE, TYPICAL, write_record
from lentigo.bundle.gate import fit_gate
from lentigo.bundle.known_answer import KnownAnswer
from lentigo.bundle.mapping import SMALLEST_PROBABILITY
from lentigo.bundle.oddness import Oddness, Typical, fit_typical
from lentigo.bundle.parts import Figure, References
from lentigo.bundle.record import BundleRecord
from lentigo.bundle.references import ReferenceCases, unit_rows
from lentigo.bundle.runtime import Bundle
from lentigo.bundle.scores import Scores, describe_scores
from lentigo.bundle.session import Outputs
from lentigo.errors import ModelError
from lentigo.export.card import render_bundle_card
from lentigo.export.inputs import Cases, Facts, Options
from lentigo.export.network import ProvenNetwork, export_network
from lentigo.metrics.proportions import wilson_interval
from lentigo.modeling.classifier import Classifier
from lentigo.progress import Track, silent
from lentigo.storage import new_folder, write_bytes, write_json, write_text

__all__ = ["build_bundle"]

ODD_SHARE: Final = 0.01  # of validation images that may score as odd
PICTURE_SIDE: Final = 64


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
    network = export_network(classifiers, facts, val, further=further, storage=options.storage, track=track)
    cases = typical = None
    if references is not None:
        embedding = network.ask(references.pixels, track).embedding
        typical = fit_typical(embedding, references.target)
        cases = _cases(embedding, references, classifiers[0].classes, options)
    record = _record(classifiers[0], facts, network, val)
    if typical is not None and cases is not None:
        oddness, about = _oddness(network.said.embedding, typical), _about(cases, options)
        record = dataclasses.replace(record, oddness=oddness, references=about)
    asked = Bundle(out, record, network.session, cases, typical, "")
    record = dataclasses.replace(record, scores=_scores(asked, network.said, val))
    with new_folder(out, force=force) as partial:
        write_bytes(partial / MODEL, network.content)
        if cases is not None:
            for name, array in cases.files().items():
                write_bytes(partial / name, array)
            write_json(partial / REFERENCE_TABLE, dict(cases.table()))
        if typical is not None:
            write_bytes(partial / TYPICAL, typical.file())
        write_text(partial / CARD, render_bundle_card(record, len(network.content)))
        write_record(partial, record.json())
        Bundle.load(partial)  # what cannot be read back is not published
    return Bundle.load(out)


def _record(first: Classifier, facts: Facts, network: ProvenNetwork, val: Cases) -> BundleRecord:
    """Return what is known without reference cases."""
    settings = first.preprocess.settings
    return BundleRecord(
        name=facts.name,
        created=dt.datetime.now(dt.UTC).date().isoformat(),
        lentigo=__version__,
        classes=first.classes,
        malignant_classes=facts.malignant_classes,
        image=settings,
        network=network.about,
        calibration=facts.calibration,
        operating_points=facts.points,
        low_confidence=facts.band,
        prevalence=facts.prevalence,
        gate=fit_gate(val.looks, settings.size),
        oddness=None,
        references=None,
        known_answer=KnownAnswer.ask(network.session, facts.calibration, settings.size),
        parity=network.parity,
        data=facts.data,
        metrics=facts.metrics,
        licence=facts.licence,
    )


def _cases(embedding: NDArray[np.float32], chosen: Cases, classes: tuple[str, ...], options: Options) -> ReferenceCases:
    pictures = None
    if options.pictures_licence:
        side = (PICTURE_SIDE, PICTURE_SIDE)
        small = [np.asarray(Image.fromarray(one.pixels).resize(side, Image.Resampling.BOX)) for one in chosen.seen]
        pictures = np.stack(small)
    diagnosis = tuple(classes[index] for index in chosen.target.tolist())
    return ReferenceCases(unit_rows(embedding), chosen.image_id, diagnosis, pictures)


def _about(cases: ReferenceCases, options: Options) -> References:
    has_pictures = cases.pictures is not None
    return References(len(cases.image_id), PICTURE_SIDE * has_pictures, options.pictures_licence * has_pictures)


def _scores(bundle: Bundle, said: Outputs, val: Cases) -> Scores:
    """Return how malignant probabilities and decisions about validation images are spread, and how many are right."""
    if val.unseen is not None:  # of what the networks have trained on they are surer than of a new photograph
        logits = np.log(np.maximum(val.unseen, SMALLEST_PROBABILITY)).astype(np.float32)
        said = dataclasses.replace(said, logits=logits)
    answers = bundle.answers_from(said, list(val.looks), val.image_id)
    decided = np.array([answer.decision for answer in answers])
    counts = dict.fromkeys((REFER, BENIGN_LOOKING, CANNOT_ASSESS), 0) | Counter(decided.tolist())
    is_malignant = bundle.is_malignant[val.target]
    is_judged = decided != CANNOT_ASSESS
    return dataclasses.replace(
        describe_scores(np.array([answer.malignant for answer in answers]), counts),
        sensitivity=_share((decided == REFER)[is_judged & is_malignant]),
        specificity=_share((decided == BENIGN_LOOKING)[is_judged & ~is_malignant]),
    )


def _share(is_right: NDArray[np.bool_]) -> Figure:
    if len(is_right) == 0:
        return Figure(None, None, None)
    return Figure(float(is_right.mean()), *wilson_interval(int(is_right.sum()), len(is_right)))


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
