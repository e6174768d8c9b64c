"""Thumbnails for a page: small, upright, nothing in them but pixels; where there is none, the reason."""

import base64
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from PIL import Image

from lentigo.config import ImageConfig
from lentigo.data.manifest import Manifest
from lentigo.errors import ImageError
from lentigo.images import open_image

QUALITY: Final = 82


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """What a page shows of one image.

    Args:
        image: its id.
        jpeg: the thumbnail as a data URI; None for a gap.
        problem: why there is a gap; empty where there is none, or where no pictures are wanted.

    Example:
        >>> Thumbnail("ISIC_1", None, "no file in the manifest").jpeg is None
        True
    """

    image: str
    jpeg: str | None
    problem: str


@dataclass(frozen=True, slots=True, eq=False)
class Thumbnails:
    """Thumbnails by image id; each file is decoded once, when it is first asked for.

    Args:
        paths: of the images.
        side: of a thumbnail's longer side, in pixels.
        limits: what may be decoded.
        with_pictures: False makes every picture a silent gap, and no file is opened.

    Example:
        >>> Thumbnails({}).picture("ISIC_1").problem
        'no file in the manifest'
    """

    paths: dict[str, Path]
    side: int = 192
    limits: ImageConfig | None = None
    with_pictures: bool = True
    _made: dict[str, Thumbnail] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls, manifest: Manifest, *, side: int = 192, limits: ImageConfig | None = None, with_pictures: bool = True
    ) -> Self:
        """Return the album of a manifest's images."""
        paths = dict(zip(manifest.table["image_id"], manifest.paths, strict=True))
        return cls(paths, side, limits, with_pictures)

    def picture(self, image: str) -> Thumbnail:
        """Return the thumbnail of an image, or why there is none."""
        if image not in self._made:
            self._made[image] = self._make(image)
        return self._made[image]

    def _make(self, image: str) -> Thumbnail:
        if not self.with_pictures:
            return Thumbnail(image, None, "")
        if image not in self.paths:
            return Thumbnail(image, None, "no file in the manifest")
        try:
            return Thumbnail(image, thumbnail(self.paths[image], side=self.side, limits=self.limits), "")
        except ImageError:  # its text names a folder of this machine
            return Thumbnail(image, None, "the file cannot be read")


def thumbnail(path: Path | bytes, *, side: int, limits: ImageConfig | None = None) -> str:
    """Return the image as a small JPEG in a data URI, upright, with no EXIF, comment or profile.

    Args:
        path: of the file, or its bytes.
        side: of the longer side, in pixels; smaller images stay as they are.
        limits: what may be decoded.

    Raises:
        ImageError: the image cannot, or must not, be decoded.

    Example:
        >>> thumbnail(photo, side=40)[:23]
        'data:image/jpeg;base64,'
    """
    image = open_image(path, limits=limits, draft_side=2 * side)
    image.thumbnail((side, side))
    image.info = {}  # comments and EXIF would be written along
    return data_uri(image)


def data_uri(image: Image.Image) -> str:
    """Return an image as a JPEG in a data URI.

    Example:
        >>> data_uri(Image.new("RGB", (8, 8)))[:23]
        'data:image/jpeg;base64,'
    """
    stream = io.BytesIO()
    image.save(stream, format="JPEG", quality=QUALITY, optimize=True)
    return f"data:image/jpeg;base64,{base64.b64encode(stream.getvalue()).decode()}"
