"""Every error lentigo raises on purpose, and the two helpers that word them.

A message says what is wrong, which items (the first five, then how many more) and what to do about it. Anything that is
not a `LentigoError` is a bug in lentigo and may show its traceback::

    LentigoError
    ├── ConfigError          a recipe, a key or a value
    ├── DataError            images, tables and folders
    │   ├── ManifestError    the table of images
    │   ├── ImageError       one image file
    │   ├── DicomError       a DICOM object without what an answer needs, or a peer
    │   └── LeakageError     the same lesion or patient on both sides of a split
    ├── PredictionsError     the predictions CSV
    ├── MetricError          a figure that cannot be computed
    ├── ModelError           networks and their files
    │   ├── CheckpointError  run folders and weights
    │   ├── BundleError      the portable bundle
    │   └── ParityError      an export that answers differently from its source
    ├── HubError             the Hugging Face Hub, or what lies there
    ├── StorageError         a file or folder that cannot be written
    │   └── BusyError        another process is at work at the same place
    ├── PeerError            another of the processes that train together
    └── MissingExtraError    an optional dependency that is not installed
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePath

__all__ = [
    "BundleError",
    "BusyError",
    "CheckpointError",
    "ConfigError",
    "DataError",
    "DicomError",
    "HubError",
    "ImageError",
    "LeakageError",
    "LentigoError",
    "ManifestError",
    "MetricError",
    "MissingExtraError",
    "ModelError",
    "ParityError",
    "PeerError",
    "PredictionsError",
    "StorageError",
    "clip",
    "name_offenders",
    "suggest",
]


class LentigoError(Exception):
    """Base of every error that lentigo raises on purpose; its text is one sentence or two for the user."""


class ConfigError(LentigoError):
    """A recipe, a `--set` key or a value that cannot be used."""


class DataError(LentigoError):
    """Images, tables or folders that cannot be used."""


class ManifestError(DataError):
    """A table of images that breaks the column contract."""


class ImageError(DataError):
    """One image file that cannot, or must not, be decoded.

    Args:
        message: for a person.
        code: for programs: image_unreadable (no image, or one of a kind that is not read), image_damaged or
            image_too_large.
    """

    def __init__(self, message: str, *, code: str = "image_unreadable") -> None:
        super().__init__(message)
        self.code = code


class DicomError(DataError):
    """A DICOM object that lacks what an answer needs, or a peer that cannot be talked to."""


class LeakageError(DataError):
    """The same lesion or patient on both sides of a split."""


class PredictionsError(LentigoError):
    """A predictions file that breaks the column contract."""


class MetricError(LentigoError):
    """A figure that cannot be computed from what was given."""


class ModelError(LentigoError):
    """A network or one of its files that cannot be used."""


class CheckpointError(ModelError):
    """A run folder or a weights file that cannot be used."""


class BundleError(ModelError):
    """A bundle that is incomplete, altered or of an unknown version."""


class ParityError(ModelError):
    """An exported network that answers differently from its source."""


class HubError(LentigoError):
    """The Hugging Face Hub cannot be reached or refuses, or what lies there cannot be used."""


class StorageError(LentigoError):
    """A file or folder that cannot be written: no space, no permission, or it has gone."""


class BusyError(StorageError):
    """Another process is at work at the same place."""


class PeerError(LentigoError):
    """Another of the processes that train together failed or was lost.

    Args:
        message: for a person.
        is_told: whether the other one said so, and therefore says why as well.
    """

    def __init__(self, message: str, *, is_told: bool = False) -> None:
        super().__init__(message)
        self.is_told = is_told


class MissingExtraError(LentigoError):
    """An optional dependency that is not installed.

    Args:
        package: the import that failed.
        extra: the extra of lentigo that brings it.
        purpose: what it is needed for, to finish the sentence "... is needed to".
    """

    def __init__(self, package: str, *, extra: str, purpose: str) -> None:
        from lentigo.installing import install_line  # reads metadata, which only those who lack a package pay for

        super().__init__(f"{package} is needed to {purpose}. Install it with: {install_line(extra)}")
        self.package, self.extra = package, extra
        self._given = package, extra, purpose

    def __reduce__(self) -> "tuple[Callable[..., MissingExtraError], tuple[str, str, str]]":
        """Return how to make it again, as it comes home from worker processes."""
        return _missing_extra, self._given


def _missing_extra(package: str, extra: str, purpose: str) -> MissingExtraError:
    return MissingExtraError(package, extra=extra, purpose=purpose)


def clip(value: object, *, width: int = 60) -> str:
    """Return a value for a message: on one line, and of a long one no more than its two ends.

    A cell may hold a photograph's bytes or a patient's history; a message shows enough of it to be found. Paths are
    kept whole, for they are what a user has to type.

    Example:
        >>> clip("a long story " * 40)
        'a long story a long story a ... y a long story a long story'
    """
    text = str(value)
    if isinstance(value, PurePath):
        return text
    text = " ".join(text[:10_000].split()) if len(text) <= 10_000 else f"{text[:width]} {text[-width:]}"
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    half = (width - 5) // 2
    return text if len(text) <= width else f"{text[:half].rstrip()} ... {text[-half:].lstrip()}"


def name_offenders(items: Iterable[object], *, limit: int = 5, width: int = 60) -> str:
    """Return the first few items, each clipped, and how many more there are, for an error message.

    Example:
        >>> name_offenders(["a", "b", "c"], limit=2)
        'a, b (+1)'
    """
    names = list(items)
    shown = ", ".join(clip(name, width=width) for name in names[:limit])
    return f"{shown} (+{len(names) - limit})" if len(names) > limit else shown


def suggest(name: str, known: Sequence[str]) -> str:
    """Return " Did you mean 'x'?" for the closest known name, or an empty string when none is close.

    Example:
        >>> suggest("melanomma", ["melanoma", "nevus"])
        " Did you mean 'melanoma'?"
    """
    import difflib  # `lentigo --help` needs it not

    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f" Did you mean '{close[0]}'?" if close else ""
