"""Where good guesses about other people's pixels are wrong: decoders and sessions as they really behave.

Each test names the library, the version it was seen with, and where the behaviour comes from; it runs where the library
is installed, on inputs that it draws itself.
"""

import io
import struct
import zlib
from importlib.metadata import version

import numpy as np
import pytest
from PIL import Image

from lentigo.images import open_image
from lentigo.model import open_model

J2K_LOSSLESS, J2K, HTJ2K_LOSSLESS, HTJ2K = (f"1.2.840.10008.1.2.4.{end}" for end in ("90", "91", "201", "203"))
JPEG = "1.2.840.10008.1.2.4.50"


def colours(height=64, width=80):
    rng = np.random.default_rng(1)
    down, across = np.mgrid[:height, :width]
    skin = np.stack([200 - down, 120 + across // 2, 100 + (down * across) % 60], axis=-1)
    return np.clip(skin + rng.integers(-20, 20, skin.shape), 0, 255).astype(np.uint8)


def encoded(pixels, kind, **options):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **options)
    return stream.getvalue()


def png_of_16_bits(levels):
    """Return a PNG of 16 bits a sample, grey or RGB: Pillow writes no such RGB."""
    height, width = levels.shape[:2]
    colour_type = 2 if levels.ndim == 3 else 0
    raw = b"".join(b"\0" + row.astype(">u2").tobytes() for row in levels)

    def chunk(name, body):
        return struct.pack(">L", len(body)) + name + body + struct.pack(">L", zlib.crc32(name + body))

    head = struct.pack(">LLBBBBB", width, height, 16, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["grey", "RGB"])
def test_16_bit_pngs_answer_as_their_8_bit_twins(kind, bundle_folder):
    # Pillow 13.0.0, PngImagePlugin: grey opens as I;16, whose convert("L") clips at 255 (white from 1/256 on); RGB
    # opens as RGB;16B, which keeps the high byte.
    twin = colours() if kind == "RGB" else colours()[..., 0]
    deep = png_of_16_bits(twin.astype(np.uint16) * 257)
    with Image.open(io.BytesIO(deep)) as opened:
        assert opened.mode == ("RGB" if kind == "RGB" else "I;16")
        if kind == "grey":
            assert np.asarray(opened.convert("L")).min() == 255
    shallow = encoded(twin, "PNG")
    assert np.array_equal(open_image(deep), open_image(shallow))
    one, other = open_model(bundle_folder, threads=1).predict([deep, shallow])
    assert one.probabilities == other.probabilities


def test_16_bit_levels_between_those_of_8_bits_are_at_most_one_level_apart():
    levels = np.linspace(0, 65535, 64 * 80).reshape(64, 80).astype(np.uint16)
    grey = np.asarray(open_image(png_of_16_bits(levels)), int)[..., 0]
    colour = np.asarray(open_image(png_of_16_bits(np.stack([levels] * 3, axis=-1))), int)[..., 0]
    assert np.abs(grey - colour).max() == 1  # grey is rounded by lentigo, colours are cut off by Pillow (v >> 8)


def test_a_jpeg_labelled_ybr_full_422_is_that_of_the_file_and_libjpeg_is_some_levels_off(make_dicom):
    # Seen with pylibjpeg-libjpeg 2.5.0 and Pillow 13.0.0 (libjpeg-turbo 3.2.0): upsampling of chroma and the inverse
    # cosine transform round in other places. pydicom 3.0.2 asks pylibjpeg before Pillow.
    pytest.importorskip("libjpeg", reason="pylibjpeg-libjpeg is not installed: pip install 'lentigo[dicom]'")
    import pydicom
    from pydicom.pixels import pixel_array

    frame = encoded(colours(), "JPEG", quality=90, subsampling="4:2:2")
    content = make_dicom(colours(), syntax=JPEG, frame=frame, PhotometricInterpretation="YBR_FULL_422")
    assert np.array_equal(open_image(content), open_image(frame))
    data = pydicom.dcmread(io.BytesIO(content))
    by_pillow, by_libjpeg = (pixel_array(data, decoding_plugin=name) for name in ("pillow", "pylibjpeg"))
    gaps = np.abs(np.asarray(open_image(content), int)[..., None] - np.stack([by_pillow, by_libjpeg], axis=-1))
    if version("pylibjpeg-libjpeg") == "2.5.0":
        assert 1 <= gaps[..., 1].max() <= 8  # 3 on photographs, more on this noise
        assert 0.05 < (gaps[..., 1] > 0).any(axis=-1).mean() < 0.7
    assert gaps[..., 0].max() <= 2  # pydicom converts YCbCr by a formula of its own


@pytest.mark.parametrize("is_reversible", [True, False])
def test_jpeg_2000_of_both_colour_transforms_is_equal_across_decoders(make_dicom, is_reversible):
    # Pillow 13.0.0 and pylibjpeg-openjpeg 2.6.0 both carry OpenJPEG 2.5.x; RCT is exact, ICT rounds alike.
    openjpeg = pytest.importorskip("openjpeg.utils", reason="pylibjpeg-openjpeg is not installed")
    frame = encoded(colours(), "JPEG2000", no_jp2=True, irreversible=not is_reversible, mct=1, quality_layers=[20])
    photometric = "YBR_RCT" if is_reversible else "YBR_ICT"
    syntax = J2K_LOSSLESS if is_reversible else J2K
    ours = np.asarray(
        open_image(make_dicom(colours(), syntax=syntax, frame=frame, PhotometricInterpretation=photometric))
    )
    assert np.array_equal(ours, openjpeg.decode(frame))


def test_htj2k_is_equal_across_decoders(make_dicom):
    # Written by imagecodecs (OpenJPH); read by OpenJPEG 2.5, in Pillow and in pylibjpeg-openjpeg.
    imagecodecs = pytest.importorskip("imagecodecs", reason="imagecodecs is not installed: nothing here writes HTJ2K")
    openjpeg = pytest.importorskip("openjpeg.utils", reason="pylibjpeg-openjpeg is not installed")
    frame = bytes(imagecodecs.htj2k_encode(colours(), reversible=True))
    content = make_dicom(colours(), syntax=HTJ2K_LOSSLESS, frame=frame, PhotometricInterpretation="YBR_RCT")
    assert np.array_equal(open_image(content), colours())
    assert np.array_equal(openjpeg.decode(frame), colours())


def test_onnxruntime_answers_alone_and_in_a_batch_equal_to_the_last_bit(bundle_folder):
    # onnxruntime 1.32.0, CPU: each image of a batch goes through the same kernels. torch 2.15.0 eager does not keep
    # this (4e-7): its convolutions choose an algorithm by the size of the batch.
    bundle = open_model(bundle_folder, threads=1)
    network = bundle.network
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (7, bundle.record.image.size, bundle.record.image.size, 3)).astype(np.uint8)
    together = network.run(pixels)
    for row in range(len(pixels)):
        alone = network.run(pixels[row : row + 1])
        assert np.array_equal(alone.logits[0], together.logits[row])
        assert np.array_equal(alone.embedding[0], together.embedding[row])
