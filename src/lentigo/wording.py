"""Words of messages: a number with its noun. Imported by all, imports nothing."""

__all__ = ["counted"]


def counted(n: int, one: str, many: str = "") -> str:
    """Return a number with what is counted, and the verb where there is one, in the singular for 1.

    Args:
        n: how many.
        one: said of 1, after the number.
        many: said of any other number; `one` with an s when empty.

    Example:
        >>> counted(1, "image"), counted(2077, "image"), counted(0, "row has no id", "rows have no id")
        ('1 image', '2,077 images', '0 rows have no id')
    """
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"
