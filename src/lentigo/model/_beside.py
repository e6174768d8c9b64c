"""What is known beside photographs, joined with what the network says of them: columns, and the patient's others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import ConfigError
from lentigo.model._outputs import Outputs
from lentigo.model._patient_context import patient_context
from lentigo.model.decision import Columns, DecisionRule, log_odds
from lentigo.wording import counted

Given = Columns | Sequence[Columns]


@dataclass(frozen=True, slots=True, eq=False)
class HeldOutputs:
    """What the network said of one photograph, kept until all are seen that it is decided together with.

    Args:
        logits: shape (K,).
        embedding: shape (D,).
        statistics: the measures of the gate.
        again: whether a lower precision left it to float32.
    """

    logits: NDArray[np.floating[Any]]
    embedding: NDArray[np.float32]
    statistics: NDArray[np.float32]
    again: bool = False


def hold_outputs(outputs: Outputs, statistics: Sequence[NDArray[np.float32]]) -> list[HeldOutputs]:
    """Return what is kept of one batch; copies, so that the batch itself is freed."""
    again = [False] * len(statistics) if outputs.again is None else outputs.again.tolist()
    parts = zip(outputs.logits, outputs.embedding, statistics, again, strict=True)
    return [HeldOutputs(logits.copy(), embedding.copy(), *more) for logits, embedding, *more in parts]


def join_outputs(parts: Sequence[HeldOutputs]) -> Outputs:
    """Return the outputs of kept photographs as one batch."""
    rows = [np.stack([getattr(one, name) for one in parts]) for name in ("logits", "embedding", "again")]
    return Outputs(rows[0], None, rows[1], rows[2])


def one_per_image(columns: Given | None, n_images: int, rule: DecisionRule, model: str) -> list[Columns] | None:
    """Return what is known of each photograph; one mapping holds for all. None for a model of images alone.

    Raises:
        ConfigError: the model uses no columns, others, or other values; or there are more or fewer than images.
    """
    if columns is None:
        return None
    each = [columns] * n_images if isinstance(columns, Mapping) else list(columns)
    if rule.fusion is None:
        if any(each):
            raise ConfigError(f"{model} uses the image alone. Leave the columns out.")
        return None
    if len(each) != n_images:
        raise ConfigError(
            f"{len(each)} sets of columns are given for {counted(n_images, 'image')}. Give one for all, or one each."
        )
    for one in each:
        rule.fusion.refuse_unusable(one)
    return each


def with_context(
    rule: DecisionRule, outputs: Outputs, columns: Sequence[Columns] | None, patient: Sequence[str] | None
) -> Sequence[Columns] | None:
    """Return the columns with what each photograph is among the patient's others, where the model uses that."""
    if rule.fusion is None or not rule.fusion.has_context or patient is None:
        return columns
    found = patient_context(log_odds(outputs.logits, rule.is_malignant), outputs.embedding, patient)
    known = columns if columns is not None else [{}] * len(outputs.logits)
    return [{**one, **{name: float(values[row]) for name, values in found.items()}} for row, one in enumerate(known)]
