"""The folder of a bundle, built under a temporary name and given its own when parity is proven and it loads."""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lentigo import __version__
from lentigo.bundling._folder import write_bundle
from lentigo.bundling._inputs import Cases, ExportFacts, ExportOptions, GateCases
from lentigo.bundling._network import ProvenNetwork, export_network
from lentigo.bundling._reduced import measure_bfloat16
from lentigo.bundling._validation import fit_ood_score, limit_over_sources, score_validation
from lentigo.config import ImageConfig
from lentigo.model import (
    MODEL,
    REFERENCE_TABLE,
    TYPICAL,
    BundleRecord,
    KnownAnswer,
    Model,
    Outputs,
    ReferenceCases,
    References,
    bundle_of,
    fit_gate,
    fit_gate_over_sources,
    fit_typical_embeddings,
    known_picture,
    unit_rows,
)
from lentigo.model.decision import log_probabilities
from lentigo.progress import Track, silent
from lentigo.storage import json_bytes
from lentigo.training import Classifier

PICTURE_SIDE: Final = 64


def build_bundle(
    out: Path,
    classifiers: Sequence[Classifier],
    facts: ExportFacts,
    *,
    val: Cases,
    references: Cases | None,
    further: NDArray[np.uint8],
    options: ExportOptions,
    gate_cases: GateCases | None = None,
    force: bool = False,
    track: Track = silent,
) -> Model:
    """Return the bundle made of some networks; write it to `out`, complete or not at all.

    Args:
        out: the folder to make.
        classifiers: of one architecture, one preprocessing, one set of classes; several are an ensemble.
        facts: what it repeats of its run.
        val: validation images, which decide the gate and the limit of the out-of-distribution score.
        references: cases to compare with.
        further: pixels of images that parity is proven on besides validation, shape (N, S, S, 3).
        options: storage, pictures.
        gate_cases: of several sources, which decide the gate instead of validation; None where the sources are unknown.
        force: overwrite a bundle at `out`.
        track: draws progress.

    Raises:
        ParityError: the bundle would answer differently from torch; nothing is written.
    """
    network = export_network(classifiers, facts, val, further=further, storage=options.storage, track=track)
    settings = classifiers[0].preprocess.settings
    return build_from_network(
        out,
        network,
        facts,
        settings,
        val=val,
        references=references,
        options=options,
        gate_cases=gate_cases,
        force=force,
        track=track,
    )


def build_from_network(
    out: Path,
    network: ProvenNetwork,
    facts: ExportFacts,
    settings: ImageConfig,
    *,
    val: Cases,
    references: Cases | None,
    options: ExportOptions,
    gate_cases: GateCases | None = None,
    force: bool = False,
    track: Track = silent,
) -> Model:
    """Return the bundle made of a proven network; the arguments are those of `build_bundle`."""
    cases = typical = None
    if references is not None:
        embedding = network.run(references.pixels, track).embedding
        typical = fit_typical_embeddings(embedding, references.target)
        cases = _cases(embedding, references, facts.decision.classes, options)
    record = _record(settings, facts, network, val, gate_cases)
    if typical is not None and cases is not None:
        oddness, about = fit_ood_score(network.said.embedding, typical), _about(cases, options)
        if references is not None and references.source and val.source:
            known = embedding, references.target, np.array(references.source)
            oddness = limit_over_sources(oddness, network.said.embedding, np.array(val.source), known)
        record = dataclasses.replace(record, oddness=oddness, references=about)
    asked = bundle_of(out, record, network.session, cases, typical)
    scores = score_validation(
        asked, _of_unseen(network.said, val), list(val.statistics), asked.decision.is_malignant[val.target],
        columns=val.columns, patients=val.patients,
    )  # fmt: skip
    reduced = measure_bfloat16(network, asked, val.pixels, track)
    record = dataclasses.replace(record, scores=scores, reduced=reduced)
    contents = {MODEL: network.content}
    if cases is not None:
        contents |= cases.files() | {REFERENCE_TABLE: json_bytes(dict(cases.table()))}
    if typical is not None:
        contents[TYPICAL] = typical.file()
    return write_bundle(out, record, contents, force=force)


def _record(
    settings: ImageConfig, facts: ExportFacts, network: ProvenNetwork, val: Cases, gate_cases: GateCases | None
) -> BundleRecord:
    """Return what is known without reference cases."""
    given = gate_cases
    gate = given and fit_gate_over_sources(
        given.statistics, given.source, settings.size, framed=given.framed, others=given.others
    )
    return BundleRecord(
        name=facts.name,
        created=dt.datetime.now(dt.UTC).date().isoformat(),
        lentigo=__version__,
        image=settings,
        network=network.about,
        decision=facts.decision,
        gate=gate or fit_gate(val.statistics, settings.size),
        oddness=None,
        references=None,
        known_answer=KnownAnswer.of_network(
            network.session, facts.decision.probability_map, known_picture(settings.size)
        ),
        parity=network.parity,
        data=facts.data,
        metrics=facts.metrics,
        licence=facts.licence,
        measured=facts.measured,
        lesion=facts.lesion,
    )


def _cases(
    embedding: NDArray[np.float32], chosen: Cases, classes: tuple[str, ...], options: ExportOptions
) -> ReferenceCases:
    pictures = None
    if options.pictures_licence:
        side = (PICTURE_SIDE, PICTURE_SIDE)
        small = [np.asarray(Image.fromarray(one.pixels).resize(side, Image.Resampling.BOX)) for one in chosen.seen]
        pictures = np.stack(small)
    diagnosis = tuple(classes[index] for index in chosen.target.tolist())
    return ReferenceCases(unit_rows(embedding), chosen.image_id, diagnosis, pictures)


def _about(cases: ReferenceCases, options: ExportOptions) -> References:
    has_pictures = cases.pictures is not None
    return References(len(cases.image_id), PICTURE_SIDE * has_pictures, options.pictures_licence * has_pictures)


def _of_unseen(said: Outputs, val: Cases) -> Outputs:
    """Return what networks said that had not trained on the images: they are surer of what they have."""
    if val.unseen is None:
        return said
    return dataclasses.replace(said, logits=log_probabilities(val.unseen).astype(np.float32))
