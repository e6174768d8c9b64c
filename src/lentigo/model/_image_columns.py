"""Columns of each photograph (age, sex, ...), checked, and joined with what it is among the patient's others."""

from collections.abc import Mapping, Sequence

from lentigo.errors import ConfigError
from lentigo.model._outputs import Outputs
from lentigo.model._patient_context import patient_context
from lentigo.model.decision import Columns, DecisionRule, log_odds
from lentigo.wording import counted

Given = Columns | Sequence[Columns]


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
