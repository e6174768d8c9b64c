"""Splits that a file's or a folder's name states."""

import re

from lentigo.data.sources._folders import SPLIT_NAMES


def split_of(name: str) -> str | None:
    """Return the split that a name states in one of its words: train, val or test; None for none or several.

    Example:
        >>> split_of("train-00000-of-00001"), split_of("ISIC_2019_Test_Metadata"), split_of("metadata")
        ('train', 'test', None)
    """
    words = re.split(r"[^a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).casefold())
    found = {SPLIT_NAMES[word] for word in words if word in SPLIT_NAMES}
    return found.pop() if len(found) == 1 else None
