"""An answer as a row of the predictions CSV: the columns that `lentigo predict` and `lentigo score` write."""

from collections.abc import Sequence
from typing import Final

from lentigo.model._answer import Answer

# What is added for people; it is not a class, and a row with an error has no probabilities.
ANSWER_COLUMNS: Final = ("malignant_probability", "threshold", "decision", "reasons", "error")
CALLED: Final = "called"  # not `diagnosis`, which readers of tables take for the truth
ADDED: Final = "contributions"  # of columns such as age, in logits


def columns_of(classes: Sequence[str], *, is_called: bool = False, is_fused: bool = False) -> list[str]:
    """Return the columns: image, target, one probability per class, and what is said for people.

    Args:
        classes: in order.
        is_called: the model has a rule for classes; what it calls is one more column.
        is_fused: the model uses columns such as age; what each added is one more column, the last.

    Example:
        >>> columns_of(["benign", "malignant"])[:4]
        ['image', 'target', 'benign', 'malignant']
    """
    return ["image", "target", *classes, *ANSWER_COLUMNS, *[CALLED] * is_called, *[ADDED] * is_fused]


def row_of(
    answer: Answer, classes: Sequence[str], threshold: float, *, is_called: bool = False, is_fused: bool = False
) -> list[str]:
    """Return the fields of one row as text, with numbers that read back as the same float64.

    The target is empty, as nobody has said it; an image that cannot be read has no probabilities.

    Args:
        answer: about one image.
        classes: in the order of the columns.
        threshold: on the malignant probability.
        is_called: as for `columns_of`.
        is_fused: as for `columns_of`.

    Example:
        >>> answer = Answer("a.jpg", {"benign": 0.9, "malignant": 0.1}, 0.1, "benign-looking")
        >>> row_of(answer, ["benign", "malignant"], 0.3)
        ['a.jpg', '', '0.9', '0.1', '0.1', '0.3', 'benign-looking', '', '']
    """
    numbers = [repr(answer.probabilities[name]) if answer.probabilities else "" for name in classes]
    malignant = repr(answer.malignant) if answer.probabilities else ""
    said = [answer.decision, "; ".join(answer.reasons), answer.error]
    called = [answer.diagnosis] if is_called else []
    return [answer.image, "", *numbers, malignant, repr(threshold), *said, *called, *[answer.added] * is_fused]
