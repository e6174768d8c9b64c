"""A row of who the images of a test show, counted: all that a folder to be given away keeps of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CohortCount:
    """A row of the table of who the images show.

    Args:
        label: "sex", or a value of it.
        value: counted, as text: "120 (40%)"; empty for a heading.
        is_detail: whether the row belongs to the heading above it.

    Example:
        >>> CohortCount("female", "120 (40%)", is_detail=True).label
        'female'
    """

    label: str
    value: str
    is_detail: bool = False
