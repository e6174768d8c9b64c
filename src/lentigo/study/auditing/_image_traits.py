"""Numbers about a photograph that are not about the lesion: the file, the rim, the corners, the mean colours.

A name's prefix says which group a number belongs to: `file_`, `ring_`, `corner_`, `colour_`. If any group tells the
class, a network can use it too, and will. The lesion has no part in `file_` beyond how well it compresses, and in
`ring_` and `corner_` only where it reaches the edge.
"""

import io
import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from lentigo.images import FORMATS, is_boxed

TEXT_TRAITS: Final = ("file_format", "file_mode", "file_camera", "file_software")
SIDE: Final = 96
RIM: Final = 8  # of SIDE pixels: width of the border ring, about 8 %
CORNER: Final = 16  # of SIDE pixels: side of the squares that are the corners
QUANTILES: Final = (0.1, 0.5, 0.9)
CHANNELS: Final = ("red", "green", "blue")
EXIF_MAKE, EXIF_MODEL, EXIF_SOFTWARE, EXIF_GPS = 0x010F, 0x0110, 0x0131, 0x8825
# Sum of the luminance quantisation table of the JPEG standard (Annex K, table K.1) at quality 50.
SUM_AT_50: Final = 3688

Pixels = npt.NDArray[np.uint8]


def file_traits(content: bytes) -> dict[str, Any]:
    """Return what the header of an image file says, without decoding it.

    Numbers and booleans, and the texts of `TEXT_TRAITS`; NaN or empty where it does not apply. `file_quality` is the
    JPEG quality 1 to 100 that would scale the standard's luminance table to the sum found in the file.

    Args:
        content: the file, which `lentigo.images.open_image` can decode.

    Example:
        >>> traits = file_traits(photo.read_bytes())
        >>> traits["file_format"], traits["file_width"]
        ('JPEG', 48)
    """
    try:
        opened = Image.open(io.BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError:
        return _heic_traits(content) if is_boxed(content) else _dicom_traits(content)
    with opened as image:
        width, height = image.size
        exif = _exif(image)
        return {
            **_sizes(content, width, height),
            "file_quality": _jpeg_quality(image),
            "file_subsampling": _subsampling(image),
            "file_is_progressive": bool(image.info.get("progressive", False)),
            "file_has_exif": bool(image.info.get("exif")) or bool(exif),
            "file_has_gps": EXIF_GPS in exif,
            "file_has_icc": bool(image.info.get("icc_profile")),
            "file_format": str(image.format),
            "file_mode": image.mode,
            "file_camera": _clean(f"{exif.get(EXIF_MAKE, '')} {exif.get(EXIF_MODEL, '')}"),
            "file_software": _clean(str(exif.get(EXIF_SOFTWARE, ""))),
        }


def _sizes(content: bytes, width: int, height: int) -> dict[str, float]:
    return {
        "file_bytes": len(content),
        "file_width": width,
        "file_height": height,
        "file_aspect": width / height,
        "file_bytes_per_pixel": len(content) / (width * height),
    }


def _dicom_traits(content: bytes) -> dict[str, Any]:
    from lentigo.images.dicom import header_of

    header, device = header_of(content)
    return {
        **_sizes(content, header.columns, header.rows),
        "file_quality": math.nan,
        "file_subsampling": math.nan,
        "file_is_progressive": False,
        "file_has_exif": False,
        "file_has_gps": False,
        "file_has_icc": bool(header.profile),
        "file_format": f"DICOM {header.syntax}",
        "file_mode": header.photometric,
        "file_camera": _clean(device),
        "file_software": "",
    }


def _heic_traits(content: bytes) -> dict[str, Any]:
    from lentigo.images import opened

    picture = opened(content, "image")
    exif = Image.Exif()
    exif.load(picture.info.get("exif") or b"")
    return {
        **_sizes(content, *picture.size),
        "file_quality": math.nan,
        "file_subsampling": math.nan,
        "file_is_progressive": False,
        "file_has_exif": bool(exif),
        "file_has_gps": EXIF_GPS in exif,
        "file_has_icc": bool(picture.info.get("icc_profile")),
        "file_format": "HEIC",
        "file_mode": str(picture.mode),
        "file_camera": _clean(f"{exif.get(EXIF_MAKE, '')} {exif.get(EXIF_MODEL, '')}"),
        "file_software": _clean(str(exif.get(EXIF_SOFTWARE, ""))),
    }


def colour_traits(image: Image.Image) -> dict[str, float]:
    """Return means and spreads (0 to 255) of the whole picture, of its border ring and of its corners.

    Of the ring also the 10th, 50th and 90th percentile and `ring_detail`, the mean difference between neighbours: how
    sharp, noisy or hairy the skin is there.

    Args:
        image: the upright photograph, mode RGB.

    Example:
        >>> from PIL import Image, UnidentifiedImageError
        >>> colour_traits(Image.new("RGB", (50, 40), (200, 150, 100)))["ring_red_mean"]
        200.0
    """
    pixels = np.asarray(small_square(image), dtype=np.uint8)
    top, bottom = pixels[:RIM], pixels[-RIM:]
    left, right = pixels[RIM:-RIM, :RIM], pixels[RIM:-RIM, -RIM:]
    ring = _by_channel(top, bottom, left, right)
    corners = [pixels[rows, columns] for rows in _ends(CORNER) for columns in _ends(CORNER)]
    levels = [float(corner.mean()) for corner in corners]
    return {
        **_statistics("colour", _by_channel(pixels)),
        **_statistics("ring", ring),
        **_quantiles("ring", ring),
        "ring_detail": float(np.mean([_detail(strip) for strip in (top, bottom, left, right)])),
        **_statistics("corner", _by_channel(*corners)),
        "corner_darkest": min(levels),
        "corner_range": max(levels) - min(levels),
    }


def small_square(image: Image.Image) -> Image.Image:
    """Return the picture squeezed to `SIDE` pixels both ways.

    Example:
        >>> small_square(Image.new("RGB", (50, 40))).size
        (96, 96)
    """
    return image.resize((SIDE, SIDE), Image.Resampling.BOX, reducing_gap=2.0)


def _by_channel(*parts: Pixels) -> Pixels:
    """Return the pixels of some parts of a picture, shape (3, P)."""
    return np.ascontiguousarray(np.concatenate([part.reshape(-1, 3) for part in parts]).T)


def _statistics(prefix: str, channels: Pixels) -> dict[str, float]:
    return named_statistics(prefix, channels.mean(axis=1).tolist(), channels.std(axis=1, dtype=np.float32).tolist())


def named_statistics(prefix: str, means: list[float], spreads: list[float]) -> dict[str, float]:
    """Return the means and spreads of red, green and blue by their names.

    Example:
        >>> list(named_statistics("ring", [1.0, 2.0, 3.0], [0.1, 0.2, 0.3]))[3:]
        ['ring_red_spread', 'ring_green_spread', 'ring_blue_spread']
    """
    return {f"{prefix}_{name}_mean": value for name, value in zip(CHANNELS, means, strict=True)} | {
        f"{prefix}_{name}_spread": value for name, value in zip(CHANNELS, spreads, strict=True)
    }


def _quantiles(prefix: str, channels: Pixels) -> dict[str, float]:
    ordered = np.sort(channels, axis=1, kind="stable")  # a radix sort for bytes: ten times as fast as np.percentile
    n_pixels = channels.shape[1]
    levels = [float(ordered[k, int(share * n_pixels)]) for k in range(len(CHANNELS)) for share in QUANTILES]
    return dict(zip(quantile_names(prefix), levels, strict=True))


def quantile_names(prefix: str) -> list[str]:
    """Return the names of the quantiles of red, green and blue.

    Example:
        >>> quantile_names("ring")[:2]
        ['ring_red_q10', 'ring_red_q50']
    """
    return [f"{prefix}_{name}_q{round(100 * share)}" for name in CHANNELS for share in QUANTILES]


def _detail(strip: Pixels) -> float:
    """Return the mean difference of green between neighbours across and down, in grey levels."""
    green = strip[..., 1].astype(np.int16)
    across, down = (np.abs(np.diff(green, axis=axis)).mean() for axis in (1, 0))
    return float(across + down)


def _ends(width: int) -> tuple[slice, slice]:
    return slice(None, width), slice(-width, None)


def _exif(image: Image.Image) -> dict[int, Any]:
    """Return the tags of the EXIF block in the header; none where it is damaged."""
    if image.format == "PNG" and "exif" not in image.info:
        return {}  # Pillow would decode the whole picture to look behind it
    try:
        return dict(image.getexif())
    except Exception:  # noqa: BLE001 - Pillow's TIFF parser raises whatever it likes
        return {}


def _jpeg_quality(image: Image.Image) -> float:
    tables = getattr(image, "quantization", None)
    if not tables:
        return math.nan
    scale = 100 * sum(tables[min(tables)]) / SUM_AT_50
    return float(np.clip(5000 / scale if scale > 100 else (200 - scale) / 2, 1, 100))


def _subsampling(image: Image.Image) -> float:
    """Return how many luminance samples there are for one of chrominance: 1, 2 or 4; NaN when it is not a JPEG."""
    layers = getattr(image, "layer", None)
    if not layers or len(layers) < 3:
        return math.nan
    return float(layers[0][1] * layers[0][2]) / max(float(layers[1][1] * layers[1][2]), 1.0)


def _clean(text: str) -> str:
    """Return the printable part of a header's text, at most 60 characters."""
    return " ".join("".join(c for c in text if c.isprintable()).split())[:60]
