"""What a DICOM file says about its pixels, checked against the limits before any pixel is decoded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lentigo.config import ImageConfig
from lentigo.images._limits import size_fault
from lentigo.images.dicom._elements import PIXEL_DATA, DamageError, Element, Elements, Encoding
from lentigo.images.dicom._opening import RefusalError
from lentigo.images.dicom._values import DicomValues, LookupTable

# The classes whose objects are photographs. A CT slice is not a lesion, however well it could be decoded.
PHOTOGRAPHS: Final[Mapping[str, str]] = {
    "1.2.840.10008.5.1.4.1.1.77.1.7": "Dermoscopic Photography Image",
    "1.2.840.10008.5.1.4.1.1.77.1.4": "VL Photographic Image",
    "1.2.840.10008.5.1.4.1.1.77.1.1": "VL Endoscopic Image",
    "1.2.840.10008.5.1.4.1.1.77.1.2": "VL Microscopic Image",
    "1.2.840.10008.5.1.4.1.1.7": "Secondary Capture Image",
    "1.2.840.10008.5.1.4.1.1.7.1": "Multi-frame Single Bit Secondary Capture Image",
    "1.2.840.10008.5.1.4.1.1.7.2": "Multi-frame Grayscale Byte Secondary Capture Image",
    "1.2.840.10008.5.1.4.1.1.7.3": "Multi-frame Grayscale Word Secondary Capture Image",
    "1.2.840.10008.5.1.4.1.1.7.4": "Multi-frame True Color Secondary Capture Image",
}
SAMPLES: Final = {
    "MONOCHROME1": 1, "MONOCHROME2": 1, "PALETTE COLOR": 1, "RGB": 3, "YBR_FULL": 3, "YBR_FULL_422": 3, "YBR_ICT": 3,
    "YBR_RCT": 3,
}  # fmt: skip
VIDEO: Final = "1.2.840.10008.1.2.4.10"  # MPEG-2, MPEG-4 and HEVC begin like this
_WORDS: Final = {
    "samples": 0x00280002,
    "planar": 0x00280006,
    "rows": 0x00280010,
    "columns": 0x00280011,
    "bits_allocated": 0x00280100,
    "bits_stored": 0x00280101,
    "high_bit": 0x00280102,
    "signed": 0x00280103,
}
_CLASS, _FRAMES, _PHOTOMETRIC = 0x00080016, 0x00280008, 0x00280004
_FUNCTION, _INTERCEPT, _SLOPE, _MODALITY, _VOI = 0x00281056, 0x00281052, 0x00281053, 0x00283000, 0x00283010
_OFFSETS, _LENGTHS, _PROFILE = 0x7FE00001, 0x7FE00002, 0x00282000
_OVERLAYS: Final = range(0x6000, 0x6020, 2)  # their groups
_SEGMENTED: Final = frozenset((0x00281221, 0x00281222, 0x00281223))


@dataclass(frozen=True, slots=True)
class Header:
    """The pixel module of an image, consistent and within the limits.

    Args:
        syntax: UID of the transfer syntax.
        sop_class: UID of what kind of object it is; empty where the file does not say.
        encoding: of the elements.
        photometric: the photometric interpretation, one of `SAMPLES`.
        samples: 1 or 3 a pixel.
        rows: height.
        columns: width.
        planar: 1 where whole colour planes follow each other.
        bits_allocated: 1, 8 or 16.
        bits_stored: of them in use.
        high_bit: the highest of them.
        is_signed: whether samples may be negative.
        window: center and width; None for none.
        function: how the window is meant: LINEAR, LINEAR_EXACT or SIGMOID.
        rescale: slope and intercept.
        modality: table from stored to modality values; None for none.
        voi: table from modality to shown values; None for none.
        palette: tables of red, green and blue; empty without.
        pixels: where the pixel data lie.
        extended_offsets: the extended offset table and its lengths, as they stand; empty without.
        profile: ICC profile of the colours; empty without.
    """

    syntax: str
    sop_class: str
    encoding: Encoding
    photometric: str
    samples: int
    rows: int
    columns: int
    planar: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    is_signed: bool
    window: tuple[float, float] | None
    function: str
    rescale: tuple[float, float]
    modality: LookupTable | None
    voi: LookupTable | None
    palette: tuple[LookupTable, ...]
    pixels: Element
    extended_offsets: tuple[bytes, bytes] = (b"", b"")
    profile: bytes = b""


def read_header(content: bytes, start: int, syntax: str, encoding: Encoding) -> Header:
    """Return what the data set that begins at `start` says about its pixels.

    Raises:
        DamageError: it breaks the format, lacks something, or contradicts itself.
        RefusalError: it has no pixels, several frames, or pixels of a kind that is not read.
    """
    elements = Elements(content)
    found: dict[int, Element] = {}
    for element in elements.walk(start, len(content), encoding):
        if element.tag in found:
            raise DamageError(f"element {element} occurs twice")
        found[element.tag] = element
    values = DicomValues(elements, found, encoding)
    photometric = values.text(_PHOTOMETRIC)
    _refuse_unreadable(values, found, syntax, photometric)
    words = {name: values.word(tag) for name, tag in _WORDS.items()}
    sizes = {name: words[name] for name in ("samples", "rows", "columns", "bits_allocated", "bits_stored")}
    missing = [name for name, value in sizes.items() if value is None]
    if missing:
        raise DamageError(f"it does not give its {missing[0].replace('_', ' ')}")
    plain = {name: value or 0 for name, value in words.items()}
    stored = plain["bits_stored"]
    header = Header(
        syntax=syntax,
        sop_class=values.text(_CLASS),
        encoding=encoding,
        photometric=photometric,
        samples=plain["samples"],
        rows=plain["rows"],
        columns=plain["columns"],
        planar=plain["planar"],
        bits_allocated=plain["bits_allocated"],
        bits_stored=stored,
        high_bit=stored - 1 if words["high_bit"] is None else plain["high_bit"],
        is_signed=plain["signed"] == 1,
        window=values.window(),
        function=values.text(_FUNCTION) or "LINEAR",
        rescale=(values.number(_SLOPE, 1.0), values.number(_INTERCEPT, 0.0)),
        modality=values.table_in(_MODALITY, is_signed=plain["signed"] == 1),
        voi=values.table_in(_VOI, is_signed=plain["signed"] == 1),
        palette=values.palette() if photometric == "PALETTE COLOR" else (),
        pixels=found[PIXEL_DATA],
        extended_offsets=(values.bytes(_OFFSETS), values.bytes(_LENGTHS)),
        profile=values.bytes(_PROFILE),
    )
    _check_bits(header)
    _check_overlays(values, found)
    return header


def check_size(header: Header, limits: ImageConfig) -> None:
    """Refuse an image that is too large or too small.

    Raises:
        RefusalError: see above.

    Example:
        >>> check_size.__name__
        'check_size'
    """
    if fault := size_fault(header.columns, header.rows, limits):
        raise RefusalError(fault.message, code=fault.code)


def _refuse_unreadable(values: DicomValues, found: Mapping[int, Element], syntax: str, photometric: str) -> None:
    if PIXEL_DATA not in found:
        raise RefusalError("is a DICOM file without an image in it. Give the image objects of the study.")
    if syntax.startswith(VIDEO):
        raise RefusalError("is a video. Save the frame that shows the lesion as JPEG or PNG.")
    if photometric not in SAMPLES:
        raise RefusalError(f"has pixels of a kind that is not read (known: {', '.join(SAMPLES)}). Convert it to JPEG.")
    n_frames = values.number(_FRAMES, 1)
    if n_frames != 1:
        raise RefusalError(f"has {n_frames:,.0f} frames. Save the one that shows the lesion as JPEG or PNG.")
    if _SEGMENTED & set(found):
        raise RefusalError("has a segmented palette, which is not read. Convert it to RGB.")


def _check_bits(header: Header) -> None:
    """Refuse what contradicts itself, and what no photograph has.

    Raises:
        DamageError: a contradiction.
        RefusalError: more than 16 bits, or negative colours.
    """
    if header.samples != SAMPLES[header.photometric]:
        raise DamageError(f"{header.photometric} does not match {header.samples} samples per pixel")
    if header.bits_allocated not in {1, 8, 16}:
        raise RefusalError(f"has {header.bits_allocated} bits per sample; 1, 8 and 16 are read. Convert it to 8.")
    if not 1 <= header.bits_stored <= header.bits_allocated or not (
        header.bits_stored - 1 <= header.high_bit < header.bits_allocated
    ):
        raise DamageError(
            f"{header.bits_stored} bits with {header.high_bit} as the highest do not fit into {header.bits_allocated}"
        )
    if header.is_signed and (header.samples == 3 or header.palette):
        raise RefusalError("has negative colours, which have no meaning. Convert it to RGB without sign.")
    if header.planar not in {0, 1}:
        raise DamageError("its planar configuration is neither 0 nor 1")


def _check_overlays(values: DicomValues, found: Mapping[int, Element]) -> None:
    """Refuse an overlay of another length than it says: overlays are not drawn, but such a file is damaged.

    Raises:
        DamageError: see above.
    """
    for group in _OVERLAYS:
        rows, columns = values.word(group << 16 | 0x10), values.word(group << 16 | 0x11)
        data = found.get(group << 16 | 0x3000)
        if data is None or rows is None or columns is None:
            continue
        n_bits = rows * columns * max(1, int(values.number(group << 16 | 0x15, 1)))
        n_bytes = -(-n_bits // 8)
        if data.length not in {n_bytes, n_bytes + n_bytes % 2}:
            raise DamageError(f"its overlay has {data.length:,} bytes and needs {n_bytes:,}")
