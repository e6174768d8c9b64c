"""Which images a model is stressed with, and their corrupted copies, ready to be asked about."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from lentigo.data.manifest import Manifest
from lentigo.errors import DataError
from lentigo.images import Preprocess, open_image
from lentigo.study.stressing._catalogue import STRENGTHS, Corruption, corrupt, generator_for

Pixels = npt.NDArray[np.uint8]

# Pictures are corrupted at one and a half times the side the model sees: detail beyond it is lost in fitting anyway,
# and at the 3,000 px of a camera one corruption would take seconds.
_WORKING_SCALE: Final = 1.5


def sample_images(manifest: Manifest, malignant: Sequence[str], *, n_images: int, seed: int) -> Manifest:
    """Return up to `n_images` images, half of them malignant where there are enough, in the order of the rows.

    Sensitivity and AUROC need malignant images, which most sets have few of; none of the figures depends on the mix but
    the shares of changed decisions. Every lesion gives one image before any gives a second.

    Raises:
        DataError: there are no images, or none is wanted.

    Example:
        >>> manifest = Manifest.read(run / "manifest.csv")
        >>> len(sample_images(manifest, ["malignant"], n_images=10, seed=0))
        10
    """
    if n_images < 1 or len(manifest) == 0:
        raise DataError(f"a stress test needs at least one image; got {n_images} of {len(manifest)}. Use more.")
    rng = np.random.default_rng(seed)
    is_malignant = manifest.table["target"].isin(list(malignant)).to_numpy(dtype=bool)
    shuffled = rng.permutation(len(manifest))
    groups = manifest.groups()[0]
    seen: dict[str, int] = {}
    turn = np.empty(len(manifest), dtype=np.int64)  # how many images of its lesion come before it
    for row in shuffled.tolist():
        turn[row] = seen[groups[row]] = seen.get(groups[row], -1) + 1
    in_order = shuffled[np.argsort(turn[shuffled], kind="stable")]
    sides = [in_order[is_malignant[in_order]], in_order[~is_malignant[in_order]]]
    n_first = min(sides[0].size, max(n_images // 2, n_images - sides[1].size))
    chosen = np.concatenate([sides[0][:n_first], sides[1][: n_images - n_first]])
    return manifest.select(np.sort(chosen))


@dataclass(frozen=True, slots=True, eq=False)
class ImageVariants:
    """One image, intact and corrupted.

    Args:
        pixels: what a model sees of it, shape (1 + 5 C, size, size, 3).
        size: width and height of the upright photograph as it was decoded.
    """

    pixels: Pixels
    size: tuple[int, int]


def draw_variants(
    path: Path, image: str, preprocess: Preprocess, corruptions: Sequence[Corruption], *, seed: int
) -> ImageVariants:
    """Return what a model sees of one image (1 + 5 C, size, size, 3): intact, then each corruption by strength.

    The picture is decoded once, corrupted, and only then fitted.

    Args:
        path: the file.
        image: its id, which with the seed decides what is drawn.
        preprocess: the model's own.
        corruptions: the C.
        seed: of all images.

    Raises:
        ImageError: the file cannot be read.

    Example:
        >>> from lentigo.config import ImageConfig
        >>> from lentigo.study.stressing import choose
        >>> draw_variants(photo, "a", Preprocess(ImageConfig(size=32)), choose(["blur"]), seed=0).pixels.shape
        (6, 32, 32, 3)
    """
    picture, size = _working_copy(path, preprocess)
    shots = [picture] + [
        corrupt(picture, corruption, strength, rng=generator_for(corruption.key, image, seed=seed))
        for corruption in corruptions
        for strength in STRENGTHS
    ]
    return ImageVariants(np.stack([np.asarray(preprocess.fit(Image.fromarray(shot))) for shot in shots]), size)


def _working_copy(path: Path, preprocess: Preprocess) -> tuple[Pixels, tuple[int, int]]:
    side = preprocess.settings.size
    image = open_image(path, limits=preprocess.settings, draft_side=2 * side)
    size = image.size
    scale = _WORKING_SCALE * side / min(image.size)
    if scale < 1:
        image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BILINEAR)
    return np.asarray(image), size
