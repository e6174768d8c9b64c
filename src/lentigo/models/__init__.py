"""The bundle that comes with lentigo: `lentigo` stands for it wherever a model is named."""

from pathlib import Path
from typing import Final

__all__ = ["SHIPPED", "place_of", "shipped_folder"]

SHIPPED: Final = "lentigo"  # the word that stands for it
NAME: Final = "lentigo-resnet18"


def shipped_folder() -> Path:
    """Return the folder of the bundle that lies in the package.

    Example:
        >>> shipped_folder().name
        'lentigo-resnet18'
    """
    return Path(__file__).parent / NAME


def place_of(model: str | Path) -> Path:
    """Return the folder that a model's name or path stands for; a folder of that very name goes first.

    Example:
        >>> place_of("lentigo") == shipped_folder()
        True
    """
    if str(model) in {SHIPPED, NAME} and not _is_model(Path(model)):
        return shipped_folder()
    return Path(model)


def _is_model(path: Path) -> bool:
    return any((path / name).is_file() for name in ("bundle.json", "config.toml"))
