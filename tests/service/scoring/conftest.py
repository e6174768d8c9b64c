"""Photographs that do harm to whoever decodes them, and a table of many images."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

# Runs at the start of every Python process that inherits PYTHONPATH, so in the workers and not here.
SITE = """
import os, signal
from PIL import Image
plain = Image.open
def opened(stream, *args, **kwargs):
    content = stream.getvalue()
    if b"POISON" in content or (b"TWITCH" in content and not os.path.exists({twitched!r})):
        open({twitched!r}, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    if b"GREEDY" in content:
        raise MemoryError
    return plain(stream, *args, **kwargs)
Image.open = opened
"""


@pytest.fixture
def photos(phantom: Path) -> list[Path]:
    return sorted((phantom / "images").iterdir())


@pytest.fixture
def harmful(tmp_path: Path, photos: list[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of 12 images: 3 kills its worker always, 6 takes all memory, 9 kills its worker once; 1 is empty."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(SITE.replace("{twitched!r}", repr(str(tmp_path / "twitched"))))
    paths = [str(tmp_path / "site"), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    folder = tmp_path / "harmful"
    folder.mkdir()
    after = {3: b"POISON", 6: b"GREEDY", 9: b"TWITCH"}
    for number, photo in enumerate(photos[:12]):
        content = b"" if number == 1 else photo.read_bytes() + after.get(number, b"")
        (folder / f"{number:02d}.jpg").write_bytes(content)
    return folder


@pytest.fixture
def many(tmp_path: Path, photos: list[Path]) -> Callable[[int], Path]:
    """A maker of tables that name as many images as wanted, some of them several times."""

    def make(n_images: int) -> Path:
        rows = [f"i{number:05d},{photos[number % len(photos)]}" for number in range(n_images)]
        table = tmp_path / f"table{n_images}.csv"
        table.write_text("\n".join(["image_id,path", *rows]) + "\n")
        return table

    return make
