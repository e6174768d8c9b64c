"""The bundle of a head on embeddings: asked with numbers, not with photographs; the same decision, score and cases."""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lentigo import __version__
from lentigo.bundling._folder import write_bundle
from lentigo.bundling._head_file import head_to_onnx
from lentigo.bundling._inputs import ExportFacts
from lentigo.bundling._validation import fit_ood_score, score_validation
from lentigo.config import ImageConfig
from lentigo.errors import ParityError
from lentigo.model import (
    EMBEDDINGS,
    MODEL,
    REFERENCE_TABLE,
    TYPICAL,
    BundleRecord,
    Head,
    InputGate,
    KnownAnswer,
    Model,
    NetworkRecord,
    OnnxNetwork,
    Outputs,
    Parity,
    ReferenceCases,
    References,
    bundle_of,
    fit_typical_embeddings,
    known_embedding,
    unit_rows,
)
from lentigo.model.decision import Columns, log_probabilities
from lentigo.storage import json_bytes

NO_MAP: Final = "it predicts from embeddings, which have no map"
MOST_PROBABILITY: Final = 1e-4  # as for networks of pixels
MOST_RELATIVE: Final = 1e-3

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedCases:
    """Embeddings with their known diagnoses and ids.

    Args:
        values: shape (N, D).
        image_id: of each.
        target: index of the class of each, shape (N,).
        unseen: uncalibrated probabilities (N, K) of heads that had not learned from them; None where those to be
            exported had not.
        columns: what is known of each beside the embedding; None for a model of embeddings alone.
        patients: of each; None for a model that does not use the patient's other photographs.

    Example:
        >>> EmbeddedCases(np.zeros((1, 2), np.float32), ("a",), np.array([0])).unseen is None
        True
    """

    values: Floats
    image_id: tuple[str, ...]
    target: NDArray[np.int64]
    unseen: NDArray[np.float64] | None = None
    columns: Sequence[Columns] | None = None
    patients: Sequence[str] | None = None


def build_head_bundle(
    out: Path,
    head: Head,
    facts: ExportFacts,
    *,
    val: EmbeddedCases,
    references: EmbeddedCases | None,
    n_heads: int = 1,
    image: ImageConfig,
    force: bool = False,
) -> Model:
    """Return the bundle made of a head; write it to `out`, complete or not at all.

    Args:
        out: the folder to make.
        head: for raw embeddings.
        facts: what it repeats of its run.
        val: validation images, which decide the limit of the out-of-distribution score.
        references: cases to compare with; None for none, and no out-of-distribution score.
        n_heads: whose mean it is.
        image: settings of the run; nothing is decoded by them.
        force: replace a bundle that stands at `out`.

    Raises:
        ParityError: the bundle would answer differently from the run; nothing is written.
    """
    classes = facts.decision.classes
    about = {"classes": list(classes), "views": 1, "size": image.size}
    content = head_to_onnx(head, about)
    shape = {"map_side": 0, "embedding_size": head.width}
    network = OnnxNetwork.load(content, expected={**about, **shape, "asks_for": EMBEDDINGS})
    record = BundleRecord(
        name=facts.name,
        created=dt.datetime.now(dt.UTC).date().isoformat(),
        lentigo=__version__,
        image=image,
        network=NetworkRecord(
            facts.backbone, n_heads, 1, "float32", head.width, map_side=0, map_reason=NO_MAP, asks_for=EMBEDDINGS
        ),
        decision=facts.decision,
        gate=InputGate({}, {}, 0.0, len(val.image_id)),
        oddness=None,
        references=None,
        known_answer=KnownAnswer.of_network(network, facts.decision.probability_map, known_embedding(head.width)),
        parity=_parity(head, network, val, facts),
        data=facts.data,
        metrics=facts.metrics,
        licence=facts.licence,
        measured=facts.measured,
        lesion=facts.lesion,
    )
    contents, cases, typical = {MODEL: content}, None, None
    if references is not None:
        typical = fit_typical_embeddings(references.values, references.target)
        diagnosis = tuple(classes[index] for index in references.target.tolist())
        cases = ReferenceCases(unit_rows(references.values), references.image_id, diagnosis)
        oddness = fit_ood_score(val.values, typical)
        record = dataclasses.replace(record, oddness=oddness, references=References(len(diagnosis), 0, ""))
        contents |= {**cases.files(), REFERENCE_TABLE: json_bytes(dict(cases.table())), TYPICAL: typical.file()}
    asked = bundle_of(out, record, network, cases, typical)
    truth = asked.decision.is_malignant[val.target]
    scores = score_validation(
        asked, _said(network, val), _nothing(val), truth, columns=val.columns, patients=val.patients
    )
    return write_bundle(out, dataclasses.replace(record, scores=scores), contents, force=force)


def _parity(head: Head, network: OnnxNetwork, val: EmbeddedCases, facts: ExportFacts) -> Parity:
    """Return how far onnxruntime answers as the run does, on validation and on embeddings far from them.

    Raises:
        ParityError: too far.
    """
    far = np.random.default_rng(5).normal(val.values.mean(axis=0), 3 * val.values.std(axis=0) + 1e-6, (64, head.width))
    asked = np.concatenate([val.values, far.astype(np.float32)])
    found, truth = network.run(asked).logits, head.logits(asked)
    calibrated = facts.decision.probability_map.of_logits
    parity = Parity(
        n_images=len(asked),
        logits=float(np.abs(found - truth).max() / max(float(np.abs(truth).max()), 1e-6)),
        probabilities=float(np.abs(calibrated(found) - calibrated(truth)).max()),
        maps=0.0,
    )
    if parity.probabilities > MOST_PROBABILITY or parity.logits > MOST_RELATIVE:
        raise ParityError(
            f"the exported head answers differently from the run on {parity.n_images} embeddings: probabilities by up "
            f"to {parity.probabilities:.2g}, logits by {parity.logits:.2g} of the largest. No bundle was written."
        )
    return parity


def _said(network: OnnxNetwork, val: EmbeddedCases) -> Outputs:
    said = network.run(val.values)
    if val.unseen is None:
        return said
    return dataclasses.replace(said, logits=log_probabilities(val.unseen).astype(np.float32))


def _nothing(val: EmbeddedCases) -> Sequence[Floats]:
    return [np.zeros(0, np.float32)] * len(val.image_id)
