"""All corruptions by name, each with what its five strengths are, and the generator that belongs to each picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from lentigo.errors import ConfigError, suggest
from lentigo.images import stream
from lentigo.study.stressing._exposure import blur, expose, jpeg, noise, white_balance
from lentigo.study.stressing._framing import rotate, shift, zoom
from lentigo.study.stressing._obstacles import corners, hair, ink, ruler

Pixels = npt.NDArray[np.uint8]

STRENGTHS: Final = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class Corruption:
    """One kind of image corruption.

    Args:
        key: its name in files and on the command line.
        name: its name for people.
        amounts: what each of the five strengths is, from hardly visible to as bad as a picture is still sent in.
        wording: how an amount is said, a format with one number.
        change: maps pixels (H, W, 3), an amount and a generator to pixels of the same shape.

    Example:
        >>> CORRUPTIONS[0].key, CORRUPTIONS[0].amount_text(1)
        ('hair', '5 hairs')
    """

    key: str
    name: str
    amounts: tuple[float, float, float, float, float]
    wording: str
    change: Callable[[Pixels, float, np.random.Generator], Pixels]

    def amount_text(self, strength: int) -> str:
        """Return what a strength, 1 to 5, means."""
        return self.wording.format(self.amounts[strength - 1])


# The mildest is what a careful clinic produces now and then, the strongest what a telephone on a bad day does and a
# person still recognises. Brightness, colour and zoom go two ways that harm differently, so each way is one of its own.
CORRUPTIONS: Final = (
    Corruption("hair", "hair", (5, 12, 22, 36, 55), "{:g} hairs", hair),
    Corruption("ruler", "ruler", (0.5, 0.8, 1.2, 1.6, 2.0), "{:g} × usual size", ruler),
    Corruption("ink", "pen marks", (1, 2, 3, 4, 6), "strokes: {:g}", ink),
    Corruption("corners", "dark corners", (1.35, 1.25, 1.15, 1.05, 0.95), "disc radius {:g}", corners),
    Corruption("blur", "out of focus", (0.8, 1.4, 2.1, 3.0, 4.2), "blur {:g} px", blur),
    Corruption("noise", "sensor noise", (5, 10, 16, 24, 34), "±{:g} of 255", noise),
    Corruption("jpeg", "JPEG", (60, 40, 25, 15, 8), "quality {:g}", jpeg),
    Corruption("darker", "darker", (-0.3, -0.6, -0.9, -1.3, -1.8), "{:+g} stops", expose),
    Corruption("brighter", "brighter", (0.2, 0.4, 0.6, 0.8, 1.1), "{:+g} stops", expose),
    Corruption("warmer", "warmer light", (6000, 5500, 5000, 4500, 4000), "{:,g} K", white_balance),
    Corruption("cooler", "cooler light", (7250, 8250, 9500, 11500, 15000), "{:,g} K", white_balance),
    Corruption("closer", "zoomed in", (1.1, 1.25, 1.45, 1.7, 2.0), "{:g} × size", zoom),
    Corruption("farther", "zoomed out", (0.94, 0.88, 0.82, 0.76, 0.7), "{:g} × size", zoom),
    Corruption("shift", "shifted", (0.04, 0.08, 0.12, 0.16, 0.2), "by {:.0%} of the side", shift),
    Corruption("rotation", "rotated", (6, 12, 22, 33, 45), "by {:g}°", rotate),
)
_BY_KEY: Final = {corruption.key: corruption for corruption in CORRUPTIONS}


def choose(keys: Sequence[str]) -> tuple[Corruption, ...]:
    """Return the corruptions of that name, each once; all of them for no name.

    Raises:
        ConfigError: there is no such corruption.

    Example:
        >>> [corruption.name for corruption in choose(["jpeg", "hair"])]
        ['JPEG', 'hair']
    """
    for key in keys:
        if key not in _BY_KEY:
            raise ConfigError(f"no corruption '{key}'.{suggest(key, list(_BY_KEY))} Known: {', '.join(_BY_KEY)}.")
    return tuple(_BY_KEY[key] for key in dict.fromkeys(keys)) or CORRUPTIONS


def generator_for(corruption: str, image: str, *, seed: int) -> np.random.Generator:
    """Return the generator of one corruption of one image; a new one for each strength makes the strengths nested.

    Example:
        >>> bool(generator_for("hair", "a", seed=0).random() == generator_for("hair", "a", seed=0).random())
        True
    """
    return stream(seed, f"stress {corruption} {image}")


def corrupt(pixels: Pixels, corruption: Corruption, strength: int, *, rng: np.random.Generator) -> Pixels:
    """Return a corrupted copy of a picture.

    Args:
        pixels: (H, W, 3), RGB in 0..255, any size from 8 pixels a side.
        corruption: what goes wrong.
        strength: 1 to 5; 0 changes nothing.
        rng: places hairs and marks, draws noise and directions. With generators of one state a greater strength is the
            same thing and more of it.

    Raises:
        ValueError: the pixels are not an RGB picture, or the strength is not 0 to 5.

    Example:
        >>> skin = np.full((32, 32, 3), 180, dtype=np.uint8)
        >>> (jpeg,) = choose(["jpeg"])
        >>> bool((corrupt(skin, jpeg, 0, rng=np.random.default_rng(0)) == skin).all())
        True
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or min(pixels.shape[:2]) < 8:
        raise ValueError(f"a picture is uint8 (H, W, 3) from 8 pixels a side; got {pixels.dtype} {pixels.shape}")
    if strength not in {0, *STRENGTHS}:
        raise ValueError(f"a strength is 0 to {STRENGTHS[-1]}; got {strength}")
    if strength == 0:
        return pixels.copy()
    return corruption.change(pixels, corruption.amounts[strength - 1], rng)
