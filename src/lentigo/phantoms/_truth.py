"""What is known about every phantom: the lesion, the device and the photograph, as frozen records.

A picture is a pure function of these records (`lentigo.phantoms.draw_lesion`); nothing else decides a pixel.
"""

from dataclasses import dataclass

DIAGNOSES = ("MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC")
MALIGNANT = frozenset({"MEL", "BCC", "AKIEC"})
COLOURS = ("light brown", "dark brown", "black", "blue-grey", "red", "white")
STRUCTURES = (
    "typical_network", "atypical_network", "regular_globules", "irregular_dots", "streaks", "blue_white_veil",
    "regression", "blotch", "milia_like_cysts", "comedo_like_openings", "cobblestone", "arborising_vessels",
    "blue_grey_nests", "ulceration", "strawberry_pattern", "scale", "central_scar", "lacunae",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LesionTruth:
    """One lesion and the skin it lies in.

    Attributes:
        seed: decides everything the other fields leave open.
        diagnosis: one of `DIAGNOSES`.
        skin_type: Fitzpatrick type, 1 to 6.
        diameter_mm: of the circle with the lesion's area.
        elongation: length over width of the outline before it is made irregular, from 1.
        asymmetry: 0 (concentric) to 1 (lobed and coloured off centre).
        border: irregularity of the outline, 0 (smooth) to 1 (jagged).
        sharpness: how abruptly the border ends, 0 (fades out over a millimetre) to 1 (cut off).
        contrast: mean green absorbance of the lesion above that of its skin; about 1 for a brown nevus.
        colours: of `COLOURS`, the first being the ground colour.
        structures: of `STRUCTURES`.
        n_hairs: hairs on the patch.
        sun_damage: 0 (even skin) to 1 (freckled and reddened).
    """

    seed: int
    diagnosis: str
    skin_type: int
    diameter_mm: float
    elongation: float
    asymmetry: float
    border: float
    sharpness: float
    contrast: float
    colours: tuple[str, ...]
    structures: tuple[str, ...]
    n_hairs: int = 0
    sun_damage: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no lesion can have.

        Raises:
            ValueError: an unknown name or a value outside its range.
        """
        unknown = [*(c for c in self.colours if c not in COLOURS), *(s for s in self.structures if s not in STRUCTURES)]
        if self.diagnosis not in DIAGNOSES or unknown:
            raise ValueError(f"no such diagnosis, colour or structure: {self.diagnosis}, {unknown}")
        if not self.colours:
            raise ValueError("a lesion has at least one colour")
        if not (1 <= self.skin_type <= 6 and 1.0 <= self.diameter_mm <= 12.0 and self.elongation >= 1.0):
            raise ValueError("skin_type is 1 to 6, diameter_mm 1 to 12, elongation at least 1")
        if not all(0.0 <= value <= 1.0 for value in (self.asymmetry, self.border, self.sharpness, self.sun_damage)):
            raise ValueError("asymmetry, border, sharpness and sun_damage lie between 0 and 1")

    @property
    def is_malignant(self) -> bool:
        """Whether the diagnosis counts as malignant (AKIEC does)."""
        return self.diagnosis in MALIGNANT


@dataclass(frozen=True, slots=True)
class Device:
    """A dermatoscope with its camera.

    Attributes:
        name: written to the metadata as `source`.
        gains: of red, green and blue: its colour cast.
        contrast: slope of the tone curve in the middle.
        saturation: 1 leaves colours as they are.
        vignette: loss of light in the corners, 0 to 1.
        tube_radius: of the visible disc in half image widths; 2 shows no dark corners.
        blur_px: standard deviation of the optics' blur at 224 pixels.
        sharpening: of the camera's own processing, 0 for none.
        noise: standard deviation of the sensor noise, in grey levels of 255.
        zoom: of this device relative to the others.
        jpeg_quality: of its files.
    """

    name: str
    gains: tuple[float, float, float] = (1.0, 1.0, 1.0)
    contrast: float = 1.0
    saturation: float = 1.0
    vignette: float = 0.1
    tube_radius: float = 2.0
    blur_px: float = 0.5
    sharpening: float = 0.0
    noise: float = 2.0
    zoom: float = 1.0
    jpeg_quality: int = 90


DEVICES = (
    Device("polarised_a", (1.00, 0.985, 1.00), vignette=0.10, blur_px=0.3, noise=2.0),
    Device("contact_b", (0.97, 0.96, 1.07), vignette=0.22, tube_radius=1.3, blur_px=0.2, noise=2.6, zoom=0.93),
    Device("video_c", (1.02, 0.92, 0.97), contrast=1.06, saturation=1.05, vignette=0.14, blur_px=0.7, noise=1.6),
    Device("phone_d", (0.98, 1.02, 0.95), contrast=1.1, vignette=0.18, blur_px=0.25, sharpening=0.7, noise=3.4,
           zoom=1.06, jpeg_quality=86),
    Device("lamp_e", (1.03, 0.94, 0.82), saturation=1.1, vignette=0.16, blur_px=0.4, noise=2.2),
    Device("tube_f", (0.93, 1.0, 0.95), contrast=0.95, saturation=0.85, vignette=0.30, tube_radius=1.2, blur_px=0.55,
           noise=2.4, zoom=0.9),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """One photograph of a lesion.

    Attributes:
        seed: decides noise, and where ruler, ink and bubbles lie.
        device: what it is taken with.
        shift_mm: of the lesion from the middle, to the right and down.
        rotation_deg: of the device.
        zoom: on top of the device's own.
        exposure: 1 is well lit.
        warmth: of the light, -1 (blue) to 1 (orange); 0 is neutral.
        tilt: fall-off of the light from one side to the other, 0 to 1.
        n_bubbles: air bubbles in the contact gel.
        glare: reflections from the gel, 0 to 1.
        has_ruler: whether a millimetre scale lies in the field.
        has_ink: whether a surgeon's pen has marked the skin.
        border_tint: strength of a coloured rim, 0 for none, positive violet, negative green.
        jpeg_quality: of the file; None leaves it to the device.
        is_mirrored: whether the finished picture was flipped left to right, as in an edited copy.
        quarter_turns: by which the finished picture was turned.
        brightness: by which the finished picture was multiplied.
        defocus_px: standard deviation of the blur of a lens out of focus at 224 pixels, beside the device's own.
    """

    seed: int
    device: Device
    shift_mm: tuple[float, float] = (0.0, 0.0)
    rotation_deg: float = 0.0
    zoom: float = 1.0
    exposure: float = 1.0
    warmth: float = 0.0
    tilt: float = 0.0
    n_bubbles: int = 0
    glare: float = 0.0
    has_ruler: bool = False
    has_ink: bool = False
    border_tint: float = 0.0
    jpeg_quality: int | None = None
    is_mirrored: bool = False
    quarter_turns: int = 0
    brightness: float = 1.0
    defocus_px: float = 0.0
