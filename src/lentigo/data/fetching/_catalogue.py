"""The public sets that are known: the records of `catalogue.toml`.

Addresses and checksums are data and no code, so that a publisher's change is one line in a file.
"""

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import PurePosixPath
from typing import Any, Final

from lentigo.errors import DataError, suggest

# Sets that lentigo reads and does not download: where they are, and what has to be done first.
BY_HAND: Final = {
    "derm7pt": (
        "Derm7pt is not downloaded by lentigo: its authors ask everyone to accept their terms of use (research only, "
        "no copies). Register at https://derm.cs.sfu.ca, unpack release_v0.zip, and give the folder: lentigo train "
        "release_v0 --out RUN"
    ),
}


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file on a publisher's server.

    Args:
        name: its name on disk; an archive `x.zip` is unpacked into the folder `x`.
        path: what is put behind a base address; the name, where it is empty.
        bytes: its size, as exactly as the publisher tells it.
        checksum: "md5:..." or "sha256:...", empty where none is published.
        by: who states the checksum.
        skip: a pattern of members of the archive that are not unpacked.

    Example:
        >>> file = RemoteFile("images.zip", bytes=10)
        >>> file.target, file.addresses(["https://example.org/set"])
        ('images', ['https://example.org/set/images.zip'])
    """

    name: str
    path: str = ""
    bytes: int = 0
    checksum: str = ""
    by: str = ""
    skip: str = ""

    @property
    def is_archive(self) -> bool:
        """Whether it is unpacked."""
        return self.name.endswith(".zip")

    @property
    def target(self) -> str:
        """The file or folder that stands in the set's folder in the end."""
        return PurePosixPath(self.name).stem if self.is_archive else self.name

    def addresses(self, bases: Sequence[str], *, is_mirror: bool = False) -> list[str]:
        """Return where the file may be had; a mirror has it under its plain name."""
        path = self.name if is_mirror else self.path or self.name
        return [f"{base.rstrip('/')}/{path}" for base in bases]


@dataclass(frozen=True, slots=True)
class PublicSet:
    """A public data set: what it is, its terms, and its files, or its number among the ISIC archive's collections.

    Example:
        >>> find_set("ham10000").licence
        'CC BY-NC 4.0'
    """

    name: str
    title: str
    images: int
    classes: str
    splits: str
    licence: str
    licence_url: str
    homepage: str
    citation: tuple[str, ...]
    cautions: tuple[str, ...]
    bases: tuple[str, ...]
    files: tuple[RemoteFile, ...]
    doi: str = ""
    collection: str = ""

    @property
    def bytes(self) -> int:
        """The size of the whole download."""
        return sum(file.bytes for file in self.files)


@functools.cache
def public_sets() -> Mapping[str, PublicSet]:
    """Return the known sets by name.

    Example:
        >>> sorted(public_sets())[:2]
        ['bcn20000', 'dermamnist']
    """
    text = (resources.files("lentigo.data.fetching") / "catalogue.toml").read_text(encoding="utf-8")
    return {name: _build(name, values) for name, values in tomllib.loads(text).items()}


def find_set(name: str) -> PublicSet:
    """Return the set of a name.

    Raises:
        DataError: no such set.

    Example:
        >>> find_set("isic2019").images
        33569
    """
    sets = public_sets()
    key = name.casefold().replace("_", "-")
    for known in (key, key.replace("-", "")):  # isic-2019
        if known in sets:
            return sets[known]
    if key in BY_HAND:
        raise DataError(BY_HAND[key])
    raise DataError(
        f"unknown data set '{name}'.{suggest(key, list(sets))} Known: {', '.join(sets)}; images of the ISIC archive: "
        "lentigo fetch isic-archive --query '...'."
    )


def _build(name: str, values: dict[str, Any]) -> PublicSet:
    files = tuple(RemoteFile(**file) for file in values.pop("files"))
    lists = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
    return PublicSet(name=name, files=files, **{**values, **lists})
