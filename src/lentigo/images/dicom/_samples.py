"""From the bytes of the pixel data to samples, by the decoder that the transfer syntax asks for.

Pillow (libjpeg-turbo, OpenJPEG) decodes what it can: it is what decodes photographs anyway, and it is tested by the
whole world. CharLS decodes JPEG-LS. pylibjpeg is asked only for what Pillow does not know: more than 8 bits.
"""

import io
import struct
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lentigo.errors import MissingExtraError
from lentigo.images.dicom._codestream import Frame, read_j2k, read_jpeg, without_boxes
from lentigo.images.dicom._elements import DamageError
from lentigo.images.dicom._encapsulated import check_rest, end_of_j2k, end_of_jpeg, frame_of, refuse_rest
from lentigo.images.dicom._header import Header
from lentigo.images.dicom._opening import DEFLATED, RefusalError

_NATIVE: Final = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", DEFLATED)
_RLE: Final = "1.2.840.10008.1.2.5"
_JPEG: Final = {
    "1.2.840.10008.1.2.4.50": (0xC0, 0xC1, 0xC2),  # baseline; progressive is not allowed and does occur
    "1.2.840.10008.1.2.4.51": (0xC0, 0xC1, 0xC2),
    "1.2.840.10008.1.2.4.53": (0xC2,),  # progressive: retired from the standard in 2006,
    "1.2.840.10008.1.2.4.55": (0xC2,),  # and what DCMTK's img2dcm makes of a progressive JPEG file
    "1.2.840.10008.1.2.4.57": (0xC3,),
    "1.2.840.10008.1.2.4.70": (0xC3,),
    "1.2.840.10008.1.2.4.80": (0xF7,),
    "1.2.840.10008.1.2.4.81": (0xF7,),
}
_J2K: Final = tuple(f"1.2.840.10008.1.2.4.{end}" for end in (90, 91, 201, 202, 203))
SYNTAXES: Final = (*_NATIVE, *_JPEG, *_J2K, _RLE)

Samples = NDArray[np.generic]


def decode_samples(
    content: bytes, header: Header, *, draft_side: int | None = None
) -> tuple[Samples | Image.Image, str]:
    """Return the samples of an image and what they mean.

    Args:
        content: of the file.
        header: of the image, within the limits.
        draft_side: see `lentigo.images.open_image`.

    Returns:
        An array, shape (rows, columns) or (rows, columns, 3), or an image of Pillow; and their photometric
        interpretation, which is RGB where the decoder has undone the one in the header.

    Raises:
        DamageError: the pixel data are not what header and transfer syntax say.
        RefusalError: the transfer syntax is not read.
        MissingExtraError: its decoder is not installed.
    """
    if header.syntax in _NATIVE:
        if header.pixels.is_open:
            raise DamageError("its pixel data are compressed and its transfer syntax says they are not")
        check_rest(content, header.pixels.end, header)
        return _native(content[header.pixels.start : header.pixels.end], header)
    if header.syntax not in SYNTAXES:
        raise RefusalError(
            "is compressed in a way that is not read. Convert it to uncompressed DICOM (DCMTK: dcmdjpeg IN OUT; GDCM: "
            "gdcmconv --raw IN OUT), or export the photograph as JPEG."
        )
    stream = frame_of(content, header, is_one_fragment=header.syntax == _RLE)
    if header.syntax == _RLE:
        return _run_lengths(stream, header), header.photometric
    if header.syntax in _J2K:
        stream = without_boxes(stream)
    frame = read_j2k(stream) if header.syntax in _J2K else read_jpeg(stream)
    _check_frame(frame, header)
    # Decoders make up what is cut off, and ignore what follows the end, without a word.
    end = end_of_j2k(stream) if frame.process == 0x51 else end_of_jpeg(stream, is_ls=frame.process == 0xF7)
    refuse_rest(end, len(stream), stream[end:])
    if frame.process == 0x51:
        return _j2k(stream, frame, header)
    if frame.process == 0xF7:
        return _jpeg_ls(stream, frame, header), header.photometric
    return _jpeg(stream, frame, header, draft_side)


def _check_frame(frame: Frame, header: Header) -> None:
    if header.syntax in _JPEG and frame.process not in _JPEG[header.syntax]:
        raise DamageError("its pixel data are not in the transfer syntax that its header names")
    if (frame.rows, frame.columns, frame.samples) != (header.rows, header.columns, header.samples):
        raise DamageError(
            f"its header says {header.columns} x {header.rows} pixels of {header.samples} samples, its pixel data "
            f"{frame.columns} x {frame.rows} of {frame.samples}"
        )
    if not 2 <= frame.bits <= 16 or frame.bits > header.bits_allocated:
        raise DamageError(f"its pixel data have {frame.bits} bits per sample, its header says {header.bits_allocated}")


def _native(raw: bytes, header: Header) -> tuple[Samples, str]:
    n_pixels = header.rows * header.columns
    is_halved = header.photometric == "YBR_FULL_422"
    n_samples = 2 * n_pixels if is_halved else n_pixels * header.samples
    n_bytes = -(-n_samples * header.bits_allocated // 8)
    if len(raw) not in {n_bytes, n_bytes + n_bytes % 2}:
        raise DamageError(_of_another_length(len(raw), n_bytes, header))
    if header.bits_allocated == 1:
        bits = np.unpackbits(np.frombuffer(raw, np.uint8), bitorder="little")[:n_pixels]
        return bits.reshape(header.rows, header.columns), header.photometric
    is_swapped = header.encoding.order == ">"
    if header.bits_allocated == 8:
        flat = np.frombuffer(raw, np.uint8)
        if is_swapped and header.pixels.vr == "OW" and len(flat) % 2 == 0:
            flat = flat.reshape(-1, 2)[:, ::-1].reshape(-1)
    else:
        flat = np.frombuffer(raw[:n_bytes], ">u2" if is_swapped else "<u2").astype(np.uint16)
    stored = _stored(flat[:n_samples], header)
    if is_halved:
        return _unhalved(stored, header), "YBR_FULL"
    return _shaped(stored, header, is_planar=header.planar == 1), header.photometric


def _of_another_length(n_there: int, n_needed: int, header: Header) -> str:
    """Return what is wrong with so many bytes of pixel data, and what would explain them."""
    size = f"{header.columns} x {header.rows} pixels"
    said = f"it has {n_there:,} bytes of pixel data, and {size} of {header.photometric} in its header need {n_needed:,}"
    n_bytes = n_there * 8 // header.bits_allocated
    n_pixels = header.rows * header.columns
    if n_bytes % n_pixels == 0 and n_bytes // n_pixels in {1, 2, 3, 4}:
        return f"{said}; they would suffice for {n_bytes // n_pixels} samples per pixel, so its header may be wrong"
    return said


def _shaped(flat: Samples, header: Header, *, is_planar: bool) -> Samples:
    if header.samples == 1:
        return flat.reshape(header.rows, header.columns)
    if is_planar:
        return flat.reshape(3, header.rows, header.columns).transpose(1, 2, 0)
    return flat.reshape(header.rows, header.columns, 3)


def _stored(values: NDArray[Any], header: Header) -> Samples:
    """Return the bits in use, the highest of them as the sign where there is one."""
    kind = f"{'i' if header.is_signed else 'u'}{header.bits_allocated // 8}"
    up, down = header.bits_allocated - 1 - header.high_bit, header.bits_allocated - header.bits_stored
    if not up and not down:
        return values.view(kind)
    return np.asarray(np.right_shift(np.left_shift(values, up).view(kind), down))


def _unhalved(flat: Samples, header: Header) -> Samples:
    """Return YBR_FULL from YBR_FULL_422: two pixels are Y1 Y2 Cb Cr.

    Raises:
        DamageError: it cannot be halved.
    """
    if header.columns % 2 or header.bits_allocated != 8:
        raise DamageError("YBR_FULL_422 needs an even number of columns and 8 bits")
    pairs = flat.reshape(header.rows, header.columns // 2, 4)
    full = np.empty((header.rows, header.columns, 3), np.uint8)
    full[..., 0] = pairs[..., :2].reshape(header.rows, header.columns)
    full[..., 1] = np.repeat(pairs[..., 2], 2, axis=1)
    full[..., 2] = np.repeat(pairs[..., 3], 2, axis=1)
    return full


def _run_lengths(stream: bytes, header: Header) -> Samples:
    """Return RLE samples.

    Raises:
        DamageError: the segments are not those of such an image.
    """
    n_bytes = header.bits_allocated // 8
    n_planes = header.samples * n_bytes
    if header.bits_allocated == 1 or len(stream) < 64 or header.photometric == "YBR_FULL_422":
        raise DamageError("its pixel data are not RLE, as the transfer syntax says they are")
    n_segments, *starts = struct.unpack_from("<16L", stream)
    bounds = [*starts[:n_planes], len(stream)]
    if n_segments != n_planes or bounds[0] < 64 or sorted(set(bounds)) != bounds:
        raise DamageError(f"its RLE has {n_segments:,} segments, or offsets that do not fit; {n_planes} are needed")
    n_pixels = header.rows * header.columns
    planes = np.empty((header.samples, n_pixels, n_bytes), np.uint8)
    for plane in range(n_planes):  # the high byte of a sample comes first
        segment = stream[bounds[plane] : bounds[plane + 1]]
        decoded = _unpacked(segment, n_pixels)
        planes[plane // n_bytes, :, n_bytes - 1 - plane % n_bytes] = np.frombuffer(decoded.tobytes(), np.uint8)
    flat = planes.reshape(-1) if n_bytes == 1 else planes.view("<u2").astype(np.uint16).reshape(-1)
    return _shaped(_stored(flat, header), header, is_planar=True)


def _unpacked(segment: bytes, n_bytes: int) -> Image.Image:
    """Return a segment of runs as one row.

    Raises:
        DamageError: it holds more or fewer bytes than that.
    """
    try:
        row = Image.frombytes("L", (n_bytes, 1), segment, "packbits", "L")
    except ValueError:
        raise DamageError(f"a plane of its RLE has fewer than the {n_bytes:,} bytes that its header needs") from None
    try:
        # Pillow's decoder stops where the row is full, whatever follows; so a longer row must not be filled. Zeros at
        # the end are padding.
        Image.frombytes("L", (n_bytes + 1, 1), segment.rstrip(b"\0"), "packbits", "L")
    except ValueError:
        return row
    raise DamageError(f"a plane of its RLE has more than the {n_bytes:,} bytes that its header needs")


def _jpeg(stream: bytes, frame: Frame, header: Header, draft_side: int | None) -> tuple[Samples | Image.Image, str]:
    if frame.bits != 8:
        return _shaped(_deep_jpeg(stream, header), header, is_planar=False), header.photometric
    with Image.open(io.BytesIO(stream), formats=("JPEG",)) as image:
        # Markers in the stream say best what its colours are. Without them the header does, and Pillow, which would
        # take them for YCbCr, must leave them alone. A lossless stream is never transformed by its decoder.
        is_raw = frame.samples == 3 and not frame.is_marked and header.photometric == "RGB" and frame.process != 0xC3
        if is_raw:
            image.draft("YCbCr", image.size)
        elif draft_side is not None and frame.process != 0xC3:
            image.draft(image.mode, (draft_side, draft_side))
        image.load()
        if is_raw:
            return Image.frombytes("RGB", image.size, image.tobytes()), "RGB"
        if frame.process == 0xC3 or frame.samples == 1:
            return image.copy(), header.photometric
        return image.convert("RGB"), "RGB"


def _deep_jpeg(stream: bytes, header: Header) -> Samples:
    try:
        from libjpeg.utils import decode
    except ImportError as error:
        raise MissingExtraError("pylibjpeg-libjpeg", extra="dicom", purpose="decode this DICOM file") from error
    decoded = np.asarray(decode(stream, colour_transform=0))
    if decoded.shape[:2] != (header.rows, header.columns):
        raise DamageError("its pixel data decode to another size")
    return _signed(decoded.reshape(-1), header)


def _jpeg_ls(stream: bytes, frame: Frame, header: Header) -> Samples:
    try:
        import jpeg_ls
    except ImportError as error:
        raise MissingExtraError("pyjpegls", extra="dicom", purpose="decode JPEG-LS in DICOM") from error
    buffer, about = jpeg_ls.decode_pixel_data(stream)
    flat = np.frombuffer(buffer, np.uint8 if frame.bits <= 8 else "<u2")
    is_planar = frame.samples == 3 and about["interleave_mode"] == 0
    return _shaped(_signed(flat, header), header, is_planar=is_planar)


def _j2k(stream: bytes, frame: Frame, header: Header) -> tuple[Samples | Image.Image, str]:
    is_rgb = frame.is_mixed or header.photometric in {"YBR_ICT", "YBR_RCT"}
    photometric = "RGB" if is_rgb and frame.samples == 3 else header.photometric
    if frame.bits == 8 and not frame.is_signed and not header.is_signed:
        with Image.open(io.BytesIO(stream), formats=("JPEG2000",)) as image:
            image.load()
            return image.copy(), photometric
    try:
        from openjpeg.utils import decode
    except ImportError as error:
        raise MissingExtraError("pylibjpeg-openjpeg", extra="dicom", purpose="decode this DICOM file") from error
    decoded = np.asarray(decode(stream))
    if decoded.shape[:2] != (header.rows, header.columns):
        raise DamageError("its pixel data decode to another size")
    return _shaped(_signed(decoded.reshape(-1), header), header, is_planar=False), photometric


def _signed(values: NDArray[Any], header: Header) -> Samples:
    """Return decoded values with the sign that the header gives them: decoders tell it in different ways.

    Raises:
        DamageError: they are narrower than the header says.
    """
    size = values.dtype.itemsize
    if not header.is_signed or values.dtype.kind == "i":
        return values
    shift = 8 * size - header.bits_stored
    if shift < 0:
        raise DamageError("its pixel data have fewer bits than its header says")
    return np.asarray(np.right_shift(np.left_shift(values, shift).view(f"i{size}"), shift))
