"""The bundle that comes with lentigo: `lentigo` stands for it wherever a model is named."""

from pathlib import Path
from typing import Final

from lentigo.errors import CheckpointError, suggest

__all__ = ["KNOWN_NAMES", "SHIPPED", "place_of", "refuse_no_model", "shipped_folder"]

SHIPPED: Final = "lentigo"  # the word that stands for it
NAME: Final = "lentigo-resnet18"
KNOWN_NAMES: Final = (SHIPPED, NAME)


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
    if str(model) in KNOWN_NAMES and not _is_model(Path(model)):
        return shipped_folder()
    return Path(model)


def refuse_no_model(model: str | Path) -> None:
    """Refuse what is neither a run folder, nor a bundle folder, nor the name of the shipped bundle.

    Raises:
        CheckpointError: it is none of the three, which are named.

    Example:
        >>> refuse_no_model("lentigo")
    """
    place = place_of(model)
    if _is_model(place):
        return
    why = "it has neither config.toml nor bundle.json"
    if not place.is_dir():
        why = "it is no folder" if place.exists() else "there is no such folder"
    raise CheckpointError(
        f"{model} is no model: {why}.{suggest(str(model), KNOWN_NAMES)} MODEL is a run folder (of 'lentigo train'), "
        f"a bundle folder (of 'lentigo export'), or '{SHIPPED}', the bundle that comes with the package."
    )


def _is_model(path: Path) -> bool:
    return any((path / name).is_file() for name in ("bundle.json", "config.toml"))
