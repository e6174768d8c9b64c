import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

from lentigo.config import ImageConfig
from lentigo.errors import BundleError
from lentigo.images import Preprocess
from lentigo.model._decoding import decode_image
from lentigo.model._image_statistics import FAULTS, STYLE, content_box, image_statistics, lesion_cells
from lentigo.model._input_gate import RULES, InputGate, fit_gate, loosen_gate
from lentigo.phantoms import draw_phantom

SIZE = 96


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = draw_phantom(tmp_path_factory.mktemp("gate") / "phantom", n_images=160, size=SIZE, seed=4)
    return [Image.open(path).convert("RGB") for path in sorted((folder / "images").iterdir())]


@pytest.fixture(scope="module")
def gate(pictures):
    return fit_gate(np.stack([seen(picture) for picture in pictures]), SIZE)


def seen(picture):
    fitted = Preprocess(ImageConfig(size=SIZE)).fit(picture)
    box = content_box(*picture.size, SIZE, "pad")
    return image_statistics(np.asarray(fitted)[box], min(picture.size))


def keys(gate, picture):
    return {key for key, which in gate.stopped(seen(picture)[np.newaxis]).items() if which[0]}


def test_faults_are_called_by_their_names(gate, pictures):
    picture = pictures[3]
    soft = [keys(gate, one.filter(ImageFilter.GaussianBlur(7))) for one in pictures[:20]]
    assert sum("blurred" in found for found in soft) >= 15  # a sharp scale on the picture can hide the blur
    assert "grey_scale" in keys(gate, picture.convert("L").convert("RGB"))
    assert "under_exposed" in keys(gate, Image.eval(picture, lambda level: level // 8))
    assert "over_exposed" in keys(gate, Image.eval(picture, lambda level: min(255, level * 3)))
    assert "too_small" in keys(gate, picture.resize((30, 30)))
    assert "no_lesion" in keys(gate, Image.new("RGB", (SIZE, SIZE), (220, 170, 150)))
    shifted = np.full((SIZE, SIZE, 3), (220, 170, 150), np.uint8)
    shifted[:, :25] = (90, 60, 50)
    assert "cut_off" in keys(gate, Image.fromarray(shifted))
    noise = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 3)).astype(np.uint8)
    assert "unlike" in keys(gate, Image.fromarray(noise))


def test_normal_photographs_pass_at_the_rate_that_is_stored(gate, pictures):
    stopped = gate.stopped(np.stack([seen(picture) for picture in pictures]))
    unlike = stopped.pop("unlike")
    assert {key: which.mean() for key, which in stopped.items()} == {key: gate.rates[key] for key in stopped}
    assert unlike.mean() <= gate.rates["unlike"]  # which says how it is for photographs that the limit was not set on
    assert gate.expected_rate <= 0.05
    assert set(gate.rates) == {rule.key for rule in RULES}


@pytest.mark.parametrize("n_images", [69, 150, 560])
def test_the_rule_unlike_stops_as_few_new_photographs_as_it_says(n_images):
    rng = np.random.default_rng(0)

    def draw(n):
        faults = np.tile([1000.0, 100.0, 0.8, 0.0, 1.0, 100.0, 0.5], (n, 1))
        return np.concatenate([faults, rng.normal(size=(n, len(STYLE)))], axis=1).astype(np.float32)

    gates = [fit_gate(draw(n_images), 224) for _ in range(20)]
    stopped = np.mean([gate.stopped(draw(1000))["unlike"].mean() for gate in gates])
    expected = np.mean([gate.expected_rate for gate in gates])
    assert 0.004 < stopped < 0.02
    assert stopped == pytest.approx(expected, abs=0.01)


def test_the_same_photographs_give_the_same_gate(gate, pictures):
    assert fit_gate(np.stack([seen(picture) for picture in pictures]), SIZE) == gate


def test_few_images_give_a_gate_without_the_rule_that_needs_many(pictures):
    small = fit_gate(np.stack([seen(picture) for picture in pictures[:20]]), SIZE)
    assert "unlike" not in small.limits
    assert small.center == ()


def test_a_gate_with_an_unknown_or_incomplete_rule_is_refused():
    with pytest.raises(BundleError, match="rules that this lentigo does not know"):
        InputGate({"haunted": 1.0}, {"haunted": 0.0}, 0.0, 10)
    with pytest.raises(BundleError, match="incomplete"):
        InputGate({"unlike": 1.0}, {"unlike": 0.0}, 0.0, 10)


def test_padding_is_no_part_of_what_is_measured():
    wide = Image.new("RGB", (200, 100), (220, 170, 150))
    wide.paste((90, 60, 50), (80, 30, 120, 70))
    path_free = seen(wide)
    assert path_free[FAULTS.index("colour")] == pytest.approx(70, abs=2)
    assert path_free[FAULTS.index("lesion")] > 100


@pytest.mark.parametrize("side", [64, 95, 96, 224])
def test_the_padding_box_is_where_pillow_puts_the_photograph(side):
    # Seen as columns or rows of one colour; 300 is scaled to every number of pixels up to the side.
    sizes = [size for short in range(5, 300) for size in ((300, short), (short, 300))]
    for size in [*sizes, (200, 100), (97, 131), (side, side), (500, 33)]:
        padded = ImageOps.pad(Image.new("L", size, 255), (side, side), Image.Resampling.BILINEAR, color=0)
        shown = np.zeros((side, side), np.uint8)
        shown[content_box(*size, side, "pad")] = 255
        assert np.array_equal(shown, np.asarray(padded)), size


def test_the_padding_box_is_where_the_preprocessing_puts_the_photograph():
    for size in ((200, 100), (97, 131), (64, 64), (500, 33), (640, 427), (427, 640), (300, 266)):
        fitted = np.asarray(Preprocess(ImageConfig(size=SIZE)).fit(Image.new("RGB", size, (1, 2, 3))))
        box = content_box(*size, SIZE, "pad")
        assert (fitted[box] == (1, 2, 3)).all()
        assert int((fitted == (1, 2, 3)).all(axis=2).sum()) == fitted[box].shape[0] * fitted[box].shape[1]


@pytest.mark.parametrize("shape", [(16, 16), (1, 40), (3, 200), (224, 224)])
@pytest.mark.parametrize("level", [0, 255, 128])
def test_any_picture_has_finite_measures(shape, level):
    measures = image_statistics(np.full((*shape, 3), level, np.uint8), min(shape))
    assert measures.shape == (len(FAULTS) + len(STYLE),)
    assert np.isfinite(measures).all()


def test_the_lesion_is_where_the_dark_part_is():
    picture = np.full((64, 64, 3), 200, np.uint8)
    picture[16:32, 32:48] = 50
    cells = lesion_cells(picture)
    assert cells.sum() == 16
    assert cells[4:8, 8:12].all()


def test_look_judges_the_decoded_photograph(photo):
    measured = decode_image(photo, Preprocess(ImageConfig(size=32)))
    assert measured.statistics[FAULTS.index("short_side")] == 48


def normal_looks(n, seed=0):
    return np.random.default_rng(seed).normal(100, 10, (n, 30)).astype(np.float32)


def test_one_bad_photograph_loosens_nothing_and_a_source_that_is_all_beyond_does():
    gate = fit_gate(normal_looks(500), 224)
    other = normal_looks(60, seed=1)
    other[0] = 0
    assert loosen_gate(gate, other).limits == pytest.approx(gate.limits)
    shifted = normal_looks(200, seed=2) + 40
    assert gate.stopped(shifted)["unlike"].mean() > 0.9
    loosened = loosen_gate(gate, shifted)
    assert loosened.stopped(shifted)["unlike"].mean() <= 0.011
    assert loosened.limits["too_small"] == gate.limits["too_small"]
    assert loosened.n_images == 200
    assert loosened.stopped(normal_looks(100, seed=3) + 400)["unlike"].all()


def test_a_small_set_loses_no_rule():
    gate = fit_gate(normal_looks(500), 224)
    assert set(loosen_gate(gate, normal_looks(10, seed=1)).limits) == set(gate.limits)
