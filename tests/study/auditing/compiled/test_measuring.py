"""Compiled loops find what NumPy finds, in a fraction of the calls."""

import subprocess
import sys
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from PIL import Image, ImageDraw

from lentigo.config import ImageConfig
from lentigo.images import lay_hair, lay_ink, lay_ruler, lay_tube
from lentigo.study.auditing import _looking
from lentigo.study.auditing._image_traits import colour_traits
from lentigo.study.auditing._looking import survey_image
from lentigo.study.auditing.quality import measure

loops = pytest.importorskip(
    "lentigo.study.auditing.compiled._measuring", reason="numba is not installed", exc_type=ImportError
)

Draw = Callable[[np.ndarray, np.random.Generator], None]
PX_PER_MM = 12.0


def _photograph(draw: Draw, *, size: tuple[int, int] = (200, 150), seed: int = 0, noise: float = 3.0) -> Image.Image:
    """Noisy skin, darker to the left, with a lesion in the middle and what `draw` draws."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", size, (214, 166, 148))
    pen = ImageDraw.Draw(image)
    pen.ellipse([0.3 * size[0], 0.35 * size[1], 0.65 * size[0], 0.6 * size[1]], fill=(120, 72, 54))
    pixels = np.asarray(image, dtype=np.float32) / 255
    draw(pixels, rng)
    pixels = pixels * np.linspace(0.8, 1, size[0])[:, None] * 255 + rng.normal(0, noise, pixels.shape)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _write(pixels: np.ndarray, rng: np.random.Generator) -> None:
    sheet = Image.new("L", (pixels.shape[1], pixels.shape[0]))
    ImageDraw.Draw(sheet).text((8, 12), f"2026-11-{rng.integers(10, 30)} 20mm", fill=255, font_size=13)
    pixels[np.asarray(sheet) > 128] = 0.05


def _paste_blue(pixels: np.ndarray, rng: np.random.Generator) -> None:
    height, width = pixels.shape[:2]
    top = rng.integers(height // 3, height // 2)
    pixels[top : top + height // 4, : width // 8] = (0.2, 0.35, 0.8)
    pixels[top : top + 3, width // 2 :] = (0.1, 0.7, 0.3)


def _overexpose(pixels: np.ndarray, rng: np.random.Generator) -> None:
    pixels[rng.random(pixels.shape[:2]) < 0.1] = 1.2


DRAWINGS: dict[str, Draw] = {
    "nothing": lambda pixels, rng: None,
    "ruler": partial(lay_ruler, px_per_mm=PX_PER_MM),
    "ink": partial(lay_ink, px_per_mm=PX_PER_MM),
    "hair": partial(lay_hair, px_per_mm=PX_PER_MM, n_hairs=25),
    "tube": lambda pixels, rng: lay_tube(pixels, radius=1.05),
    "text": _write,
    "sticker": _paste_blue,
    "glare": _overexpose,
    "noise": lambda pixels, rng: pixels.__iadd__(rng.normal(0, 0.2, pixels.shape).astype(np.float32)),
    "black": lambda pixels, rng: pixels.__imul__(0),
}


def _assert_same(found: dict[str, float], wanted: dict[str, float]) -> None:
    assert list(found) == list(wanted)
    for name, value in wanted.items():
        if name == "ruler":  # a sum of logarithms: NumPy's and the C library's differ by one unit in the last place
            assert found[name] == pytest.approx(value, abs=1e-9, nan_ok=True)
        else:
            np.testing.assert_equal(found[name], value, err_msg=name)


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_every_measure_is_the_one_of_numpy(drawing: str) -> None:
    for seed in range(3):
        photo = _photograph(DRAWINGS[drawing], seed=seed)
        _assert_same(loops.measure_compiled(photo), measure(photo))


@pytest.mark.parametrize("size", [(16, 16), (17, 61), (224, 31), (256, 256), (40, 500), (301, 225), (9, 40)])
def test_any_size_is_measured_as_numpy_measures_it(size: tuple[int, int]) -> None:
    for drawing in ("hair", "tube"):
        photo = _photograph(DRAWINGS[drawing], size=size)
        _assert_same(loops.measure_compiled(photo), measure(photo))


@pytest.mark.parametrize("drawing", ["ruler", "tube", "noise", "black"])
def test_every_trait_of_colour_is_the_one_of_numpy_to_the_last_digit(drawing: str) -> None:
    photo = _photograph(DRAWINGS[drawing])
    assert loops.colour_traits_compiled(photo) == colour_traits(photo)


def _n_calls(work: Callable[[], object]) -> int:
    """Return how many functions, of Python and of C, work calls."""
    n_calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal n_calls
        n_calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return n_calls


def test_a_photograph_takes_less_than_half_the_calls_that_numpy_takes() -> None:
    photo = _photograph(DRAWINGS["hair"])
    n_calls = []
    for ways in ((measure, colour_traits), (loops.measure_compiled, loops.colour_traits_compiled)):
        for way in ways:
            way(photo)  # what is computed once
        n_calls.append(sum(_n_calls(partial(way, photo)) for way in ways))
    assert n_calls[1] < 0.45 * n_calls[0], n_calls  # most of them inside Pillow


def test_a_survey_by_loops_says_what_a_survey_by_numpy_says(tmp_path) -> None:
    path = tmp_path / "a.png"
    _photograph(DRAWINGS["ruler"]).save(path)
    one, other = (survey_image(path, limits=ImageConfig(), is_compiled=is_compiled) for is_compiled in (True, False))
    _assert_same(one.quality, other.quality)
    assert (one.traits, one.digest, one.pixel_digest) == (other.traits, other.digest, other.pixel_digest)


def test_without_numba_numpy_measures(monkeypatch) -> None:
    monkeypatch.setattr(_looking, "compiled_module", lambda name: None)
    assert _looking._measures.__wrapped__(is_compiled=True) == (measure, colour_traits)


def test_workers_import_neither_pandas_nor_what_only_numpy_needs() -> None:
    script = (
        f"import sys, {loops.__name__}; assert not {{'pandas', 'scipy.ndimage', 'scipy.spatial'}} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_of_two_ticks_that_are_equally_near_the_one_is_taken_that_numpy_takes(monkeypatch) -> None:
    asked = []
    evidence_of = loops._ruler.evidence_of
    monkeypatch.setattr(
        loops._ruler, "evidence_of", lambda strokes, scale: asked.append(scale) or evidence_of(strokes, scale)
    )
    image = Image.new("RGB", (200, 150), (214, 166, 148))
    pen = ImageDraw.Draw(image)
    # the third tick is expected at 60: two short ones lie two pixels to either side
    for x, y in ((40, 40), (50, 40), (58, 38), (62, 42), (58, 42), (62, 38)):
        pen.line([x, y, x, y + 2], fill=(40, 30, 30))
    _assert_same(loops.measure_compiled(image), measure(image))
    assert asked
