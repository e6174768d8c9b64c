from collections.abc import Callable, Sequence
from pathlib import Path

import pytest


@pytest.fixture
def write_set(tmp_path: Path) -> Callable[..., Path]:
    """A maker of table sets: writes the lines to a table and an (empty) file for each image; returns the folder.

    Reading a set never decodes an image, so that empty files do.
    """

    def write(lines: Sequence[str], *, images: Sequence[str] = (), name: str = "metadata.csv") -> Path:
        folder = tmp_path / "set"
        for image in images:
            (folder / image).parent.mkdir(parents=True, exist_ok=True)
            (folder / image).touch()
        folder.mkdir(exist_ok=True)
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return folder

    return write
