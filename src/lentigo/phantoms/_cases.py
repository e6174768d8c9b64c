"""Which lesions there are: the distributions that each diagnosis draws its appearance from.

No single sign decides: some melanomas are round and some nevi jagged, and every structure but a few is missing in most
lesions of its diagnosis. Size and darkness do not depend on the diagnosis at all unless the difficulty is `easy`, so
that a model must look at shape, colours and structures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from lentigo.images import stream
from lentigo.phantoms._truth import MALIGNANT, LesionTruth


@dataclass(frozen=True, slots=True)
class _Profile:
    """How lesions of a diagnosis look.

    Attributes:
        asymmetry: mean.
        border: mean.
        sharpness: mean.
        grounds: possible ground colours, repeated as they are frequent.
        extras: further colours and how often each occurs.
        patterns: of which every typical lesion shows one, each a set of structures.
        signs: further structures and how often each occurs.
        misleading: what an untypical lesion shows instead, a pattern that speaks for the other side.
    """

    asymmetry: float
    border: float
    sharpness: float
    grounds: tuple[str, ...]
    extras: Mapping[str, float]
    patterns: tuple[tuple[str, ...], ...]
    signs: Mapping[str, float]
    misleading: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Level:
    """What a difficulty means.

    Attributes:
        separation: factor on the distance of the means from the middle.
        spread: standard deviation about the means.
        untypical: share of lesions with a misleading pattern.
        contrast: mean of malignant and of benign lesions.
        contrast_spread: standard deviation of its logarithm.
        size: factor on the diameter of malignant lesions.
    """

    separation: float
    spread: float
    untypical: float
    contrast: tuple[float, float] = (1.1, 1.1)
    contrast_spread: float = 0.28
    size: float = 1.0


_LEVELS = {
    "easy": _Level(separation=1.35, spread=0.08, untypical=0.0, contrast=(2.3, 0.6), contrast_spread=0.12, size=1.4),
    "normal": _Level(separation=1.1, spread=0.15, untypical=0.02),
    "hard": _Level(separation=0.5, spread=0.17, untypical=0.25),
}
DIFFICULTIES = tuple(_LEVELS)

_PROFILES: Mapping[str, _Profile] = MappingProxyType({
    "MEL": _Profile(
        asymmetry=0.68, border=0.62, sharpness=0.62,
        grounds=("light brown", "dark brown"),
        extras={"dark brown": 0.6, "black": 0.45, "light brown": 0.5, "red": 0.35, "white": 0.2, "blue-grey": 0.3},
        patterns=(
            ("atypical_network",), ("atypical_network", "irregular_dots"), ("irregular_dots",),
            ("atypical_network", "streaks"),
        ),
        signs={"streaks": 0.3, "blue_white_veil": 0.4, "regression": 0.3, "blotch": 0.4, "irregular_dots": 0.25},
        misleading=("typical_network",),
    ),
    "NV": _Profile(
        asymmetry=0.24, border=0.26, sharpness=0.40,
        grounds=("light brown", "light brown", "light brown", "dark brown", "dark brown", "red"),
        extras={"dark brown": 0.5, "light brown": 0.35, "red": 0.12, "black": 0.12},
        patterns=(
            ("typical_network",), ("typical_network",), ("regular_globules",), ("typical_network", "regular_globules"),
            (),
        ),
        signs={"irregular_dots": 0.08, "blotch": 0.08, "atypical_network": 0.04, "streaks": 0.03},
        misleading=("atypical_network", "irregular_dots"),
    ),
    "BCC": _Profile(
        asymmetry=0.45, border=0.42, sharpness=0.40,
        grounds=("red", "red", "light brown"),
        extras={"red": 0.3, "white": 0.4, "blue-grey": 0.3, "light brown": 0.3},
        patterns=(("arborising_vessels",), ("arborising_vessels", "blue_grey_nests"), ("blue_grey_nests",)),
        signs={"ulceration": 0.35, "arborising_vessels": 0.3},
        misleading=("milia_like_cysts",),
    ),
    "AKIEC": _Profile(
        asymmetry=0.50, border=0.55, sharpness=0.35,
        grounds=("red", "red", "light brown"),
        extras={"light brown": 0.4, "white": 0.4, "red": 0.4, "dark brown": 0.15},
        patterns=(("strawberry_pattern",), ("strawberry_pattern", "scale"), ("scale",)),
        signs={"irregular_dots": 0.15, "ulceration": 0.12},
        misleading=("cobblestone",),
    ),
    "BKL": _Profile(
        asymmetry=0.38, border=0.48, sharpness=0.82,
        grounds=("light brown", "light brown", "dark brown", "red"),
        extras={"dark brown": 0.4, "light brown": 0.4, "blue-grey": 0.15, "black": 0.12},
        patterns=(("cobblestone",), ("cobblestone", "milia_like_cysts"), ("milia_like_cysts", "comedo_like_openings")),
        signs={"milia_like_cysts": 0.35, "comedo_like_openings": 0.35},
        misleading=("blue_grey_nests",),
    ),
    "DF": _Profile(
        asymmetry=0.15, border=0.22, sharpness=0.15,
        grounds=("light brown", "red"),
        extras={"red": 0.3, "light brown": 0.3},
        patterns=(("central_scar",),),
        signs={},
        misleading=("regression",),
    ),
    "VASC": _Profile(
        asymmetry=0.25, border=0.30, sharpness=0.80,
        grounds=("red",),
        extras={"blue-grey": 0.2, "white": 0.2},
        patterns=(("lacunae",),),
        signs={},
        misleading=("arborising_vessels",),
    ),
})  # fmt: skip


def sample_lesion(
    diagnosis: str,
    *,
    seed: int,
    difficulty: str = "normal",
    skin_type: int = 2,
    hair: float = 0.3,
    sun_damage: float = 0.2,
) -> LesionTruth:
    """Return a lesion of the diagnosis, drawn with `seed`.

    Args:
        diagnosis: one of `DIAGNOSES`.
        seed: the same seed gives the same lesion.
        difficulty: of `DIFFICULTIES`: how far malignant and benign lesions lie apart.
        skin_type: Fitzpatrick type, 1 to 6.
        hair: how hairy the skin is, 0 to 1.
        sun_damage: 0 to 1.

    Example:
        >>> sample_lesion("MEL", seed=3).is_malignant
        True
    """
    rng, profile, level = stream(seed, "case"), _PROFILES[diagnosis], _LEVELS[difficulty]
    is_malignant = diagnosis in MALIGNANT
    return LesionTruth(
        seed=seed,
        diagnosis=diagnosis,
        skin_type=skin_type,
        diameter_mm=_diameter(rng, factor=level.size if is_malignant else 1.0),
        elongation=float(1.0 + rng.gamma(2.0, 0.13)),
        asymmetry=_sign(rng, level, profile.asymmetry),
        border=_sign(rng, level, profile.border),
        sharpness=_sign(rng, level, profile.sharpness),
        contrast=_contrast(rng, level, mean=level.contrast[0 if is_malignant else 1]),
        colours=_colours(rng, profile),
        structures=_structures(rng, profile, level),
        n_hairs=int(rng.poisson(60 * hair**2)) if rng.random() < 0.25 + hair else 0,
        sun_damage=sun_damage,
    )


def _contrast(rng: np.random.Generator, level: _Level, *, mean: float) -> float:
    return float(np.clip(mean * np.exp(rng.normal(0, level.contrast_spread)), 0.35, 2.6))


def _diameter(rng: np.random.Generator, *, factor: float) -> float:
    return float(np.clip(factor * np.exp(rng.normal(1.78, 0.25)), 2.6, 8.5))


def _sign(rng: np.random.Generator, level: _Level, mean: float) -> float:
    """Return a value from 0 to 1 about a mean that the difficulty moves away from, or towards, the middle."""
    return float(np.clip(0.45 + level.separation * (mean - 0.45) + rng.normal(0, level.spread), 0.02, 0.98))


def _colours(rng: np.random.Generator, profile: _Profile) -> tuple[str, ...]:
    ground = str(rng.choice(profile.grounds))
    extras = [colour for colour, chance in profile.extras.items() if rng.random() < chance and colour != ground]
    return (ground, *extras)


def _structures(rng: np.random.Generator, profile: _Profile, level: _Level) -> tuple[str, ...]:
    if rng.random() < level.untypical:
        return profile.misleading
    pattern = profile.patterns[int(rng.integers(len(profile.patterns)))]
    signs = [sign for sign, chance in profile.signs.items() if rng.random() < chance and sign not in pattern]
    return (*pattern, *signs)
