"""What can be asked of a phantom data set, checked once."""

from collections.abc import Sequence
from dataclasses import dataclass

from lentigo.errors import ConfigError, name_offenders, suggest
from lentigo.phantoms._cases import DIFFICULTIES
from lentigo.phantoms._truth import DEVICES, DIAGNOSES, MALIGNANT

LEAKS = ("lesion", "near", "exact")
SHORTCUTS = ("ruler", "ink", "border", "device", "filesize")

_SMALLEST_SIZE, _LARGEST_SIZE = 32, 1024


@dataclass(frozen=True, slots=True)
class PhantomOptions:
    """Everything that decides the content of a phantom data set, with its defaults.

    Attributes:
        n_images: images in total, leaked copies included.
        size: side of the square images in pixels.
        seed: the same options and seed give the same files, byte for byte.
        diagnoses: which occur, of `DIAGNOSES`; at least one malignant and one benign.
        malignant_fraction: of the images (leaked copies aside).
        n_devices: different dermatoscopes, 1 to 6.
        views: fewest and most photographs of one lesion.
        difficulty: "easy", "normal" or "hard".
        split: whether to give patients to train, val and test (63, 17 and 20 % of the images).
        leaks: copies of training images that are put into the test set (anywhere when `split` is off).
        leak_kinds: what the copies are, taken in turn: another view of the same "lesion", a "near" duplicate (the same
            photograph flipped, turned, brightened and saved again) or an "exact" copy of the file.
        hide_ids: whether a copy gets a lesion and patient id of its own, so that only its pixels give it away.
        shortcut: what betrays the class without being a sign of it, of `SHORTCUTS`, or None.
        shortcut_strength: share of the images on which the shortcut follows the class; on the others it is a coin flip.
        conflicts: lesions of which one image is written down with a diagnosis of the other side.
        blurred: share of the images that are out of focus.

    Example:
        >>> PhantomOptions(n_images=100, shortcut="ruler").shortcut_strength
        0.9
    """

    n_images: int = 400
    size: int = 224
    seed: int = 0
    diagnoses: Sequence[str] = ("MEL", "NV", "BCC", "BKL")
    malignant_fraction: float = 0.35
    n_devices: int = 3
    views: tuple[int, int] = (1, 3)
    difficulty: str = "normal"
    split: bool = True
    leaks: int = 0
    leak_kinds: Sequence[str] = LEAKS
    hide_ids: bool = False
    shortcut: str | None = None
    shortcut_strength: float = 0.9
    conflicts: int = 0
    blurred: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn.

        Raises:
            ConfigError: an option is outside its range or an unknown name.
        """
        _check_names("diagnosis", self.diagnoses, DIAGNOSES)
        _check_names("kind of leak", self.leak_kinds, LEAKS)
        _check_names("difficulty", [self.difficulty], DIFFICULTIES)
        _check_names("shortcut", [] if self.shortcut is None else [self.shortcut], SHORTCUTS)
        _check_range("size", self.size, _SMALLEST_SIZE, _LARGEST_SIZE)
        _check_range("n_devices", self.n_devices, 1, len(DEVICES))
        _check_range("seed", self.seed, 0, 2**63 - 1)
        _check_range("shortcut_strength", self.shortcut_strength, 0.0, 1.0)
        _check_range("malignant_fraction", self.malignant_fraction, 0.0, 1.0)
        _check_range("n_images", self.n_images, 1, 1_000_000)
        _check_range("leaks", self.leaks, 0, self.n_images // 3)
        _check_range("conflicts", self.conflicts, 0, self.n_images // 3)
        _check_range("blurred", self.blurred, 0.0, 1.0)
        self._check_combinations()

    def _check_combinations(self) -> None:
        malignant = [code for code in self.diagnoses if code in MALIGNANT]
        if not malignant or len(malignant) == len(self.diagnoses):
            raise ConfigError(f"diagnoses {name_offenders(self.diagnoses)} lack a malignant or a benign one. Add one.")
        fewest, most = self.views
        if not 1 <= fewest <= most <= 20:
            raise ConfigError(
                f"views {fewest} to {most} is not a range. Give two numbers from 1 to 20, the smaller first."
            )
        if self.leaks and not self.leak_kinds:
            raise ConfigError(f"{self.leaks} leaks but no kind of leak. Name one of {', '.join(LEAKS)}.")
        if self.shortcut == "device" and self.n_devices < 2:
            raise ConfigError("the shortcut 'device' needs two devices. Set n_devices to 2 or more.")


def _check_names(what: str, names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise ConfigError(f"unknown {what} '{name}'.{suggest(name, known)} Known: {', '.join(known)}.")


def _check_range(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ConfigError(f"{name} is {value}. Choose a value from {low} to {high}.")
