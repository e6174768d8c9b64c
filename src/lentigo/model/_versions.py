"""The models that come with lentigo, by version: the one table of them.

A new one is a folder in `shipped` and a line here; from then on `lentigo` is the new one and `lentigo@1` the old one.
An installation may lack the folder of a version: `lentigo` is the newest that is there.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lentigo.errors import ModelError

SHIPPED: Final = "lentigo"  # stands for the newest version
FOLDERS: Final = {1: "lentigo-resnet18", 2: "lentigo-resnet18-2", 3: "lentigo-resnet18-3"}  # in shipped/, by version
PLACE: Final = Path(__file__).parent.parent / "shipped"


@dataclass(frozen=True, slots=True)
class ShippedVersion:
    """One of the models that come with lentigo.

    Args:
        number: from 1 up.
        folder: of its bundle.
    """

    number: int
    folder: Path

    @property
    def name(self) -> str:
        """What stands for exactly this version, today and later."""
        return f"{SHIPPED}@{self.number}"

    @property
    def is_there(self) -> bool:
        """Whether this installation has it."""
        return (self.folder / "bundle.json").is_file()

    @property
    def normalisations(self) -> Path:
        """The file beside the bundle that training from its weights needs; not every version has one."""
        return self.folder.with_name(f"{self.folder.name}.normalisations.safetensors")


def all_versions() -> tuple[ShippedVersion, ...]:
    """Return every version in the table, the oldest first, whether or not this installation has it."""
    return tuple(ShippedVersion(number, PLACE / folder) for number, folder in sorted(FOLDERS.items()))


def versions() -> tuple[ShippedVersion, ...]:
    """Return the versions that this installation has, the oldest first.

    Example:
        >>> versions()[0].name
        'lentigo@1'
    """
    return tuple(version for version in all_versions() if version.is_there)


def version_named(name: str) -> ShippedVersion | None:
    """Return the version that a name stands for: "lentigo", "lentigo@1", or its folder's; None for any other name.

    Raises:
        ModelError: the name asks for a version that is not there.

    Example:
        >>> version_named("lentigo@1").folder.name, version_named("my-model")
        ('lentigo-resnet18', None)
    """
    there = versions()
    if name == SHIPPED and there:
        return there[-1]
    found = next((version for version in there if name in {version.name, version.folder.name}), None)
    if found is None and is_shipped(name):
        names = ", ".join(version.name for version in there) or "none; install lentigo again"
        newest = f" '{SHIPPED}' is the newest of them." if there else ""
        raise ModelError(f"there is no model '{name}' in this installation. There are: {names}.{newest}")
    return found


def is_shipped(name: str) -> bool:
    """Return whether a name can only mean one of these models, there or not.

    Example:
        >>> is_shipped("lentigo@7"), is_shipped("lentigo-run")
        (True, False)
    """
    return name == SHIPPED or name.startswith(f"{SHIPPED}@") or name in FOLDERS.values()


def shipped_folder(name: str = SHIPPED) -> Path:
    """Return the folder of a model that comes with lentigo, of the newest one when left out.

    Raises:
        ModelError: there is no such version.

    Example:
        >>> shipped_folder("lentigo@1").name
        'lentigo-resnet18'
    """
    version = version_named(name)
    if version is None:
        raise ModelError(f"'{name}' does not name a model that comes with lentigo.")
    return version.folder
