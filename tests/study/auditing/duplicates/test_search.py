import hashlib
import io
import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageOps

from lentigo.phantoms import draw_phantom
from lentigo.study.auditing.duplicates import find_duplicates, thumbnail
from lentigo.study.auditing.duplicates._candidates import find_candidates


def recompressed(image, quality=45):
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return Image.open(stream).convert("RGB")


def cropped(image, left, top, right, bottom):
    width, height = image.size
    return image.crop((left * width, top * height, right * width, bottom * height))


def recoloured(image):
    pixels = (np.asarray(image) / 255.0) ** 1.2 * [1.08, 1.0, 0.93] * 0.92 + 0.03
    return Image.fromarray((pixels.clip(0, 1) * 255).round().astype(np.uint8))


def everything(image):
    return recompressed(recoloured(ImageOps.mirror(cropped(image, 0.05, 0.1, 0.95, 1.0).resize((120, 100)))))


TURN = Image.Transpose
CHANGES = {
    "mirrored": (ImageOps.mirror, "mirrored"),
    "upside down": (ImageOps.flip, "mirrored, turned 180°"),
    "clockwise": (lambda image: image.transpose(TURN.ROTATE_270), "turned 90°"),
    "half turn": (lambda image: image.transpose(TURN.ROTATE_180), "turned 180°"),
    "anticlockwise": (lambda image: image.transpose(TURN.ROTATE_90), "turned 270°"),
    "transposed": (lambda image: image.transpose(TURN.TRANSPOSE), "mirrored, turned 270°"),
    "transversed": (lambda image: image.transpose(TURN.TRANSVERSE), "mirrored, turned 90°"),
    "smaller": (lambda image: image.resize((90, 90)), ""),
    "squeezed": (lambda image: image.resize((240, 180)), ""),
    "recompressed": (recompressed, ""),
    "recoloured": (recoloured, ""),
    "border cut": (lambda image: cropped(image, 0.1, 0.1, 0.9, 0.9), "zoomed 1.25"),
    "corner": (lambda image: cropped(image, 0.0, 0.2, 0.8, 1.0), "zoomed 1.25"),
    "middle square": (lambda image: cropped(image, 0.125, 0, 0.875, 1), "zoomed 1.33 x 1.00"),
    "all at once": (everything, "mirrored, zoomed 1.11"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_copy_is_found_and_the_change_named(name, photographs, search):
    change, words = CHANGES[name]
    copies = [change(image) for image in photographs[:6]]
    found = search([*photographs, *copies])
    pairs = {(int(a), int(b)) for a, b in zip(found.first, found.second, strict=True)}
    assert pairs == {(i, 40 + i) for i in range(6)}
    assert set(found.kind) == {"near"}
    for said in found.change:
        assert without_zoom(said) == without_zoom(words)
        assert np.allclose(zoom(said), zoom(words), atol=0.04)


def without_zoom(words):
    return [word for word in words.split(", ") if "zoomed" not in word]


def zoom(words):
    numbers = [float(word) for word in words.split("zoomed ")[-1].split(" x ")] if "zoomed" in words else [1.0]
    return numbers * 2 if len(numbers) == 1 else numbers


def test_different_lesions_are_not_taken_for_copies(photographs, search):
    assert len(search(photographs)) == 0


def test_a_picture_that_lost_its_border_is_told_from_one_that_gained_it(photographs, search):
    cut = cropped(photographs[0], 0.1, 0.1, 0.9, 0.9)
    assert zoom(str(search([photographs[0], cut]).change[0]))[0] == pytest.approx(1.25, abs=0.03)
    assert zoom(str(search([cut, photographs[0]]).change[0]))[0] == pytest.approx(0.80, abs=0.03)


def test_a_turned_copy_that_stands_first_is_undone(photographs, search):
    turned = photographs[0].transpose(TURN.ROTATE_270)
    assert list(search([turned, photographs[0]]).change) == ["turned 270°"]


def test_neither_exposure_nor_a_shared_frame_makes_a_copy(photographs, search):
    # Black corners and a ruler, the same on all, are what the pictures of one device have in common.
    axis = np.linspace(-1, 1, 160)
    is_outside = axis[:, None] ** 2 + axis**2 > 0.9
    framed = []
    for image in photographs[:20]:
        pixels = np.asarray(image).copy()
        pixels[-12:, ::8] = 20
        pixels[is_outside] = 4
        framed.append(Image.fromarray(pixels))
    # Of 190 pairs; two smooth round lesions lie over each other when one of them is stretched.
    assert len(search(framed)) <= 1


def test_pictures_without_detail_are_no_copies(search):
    plain = [Image.new("RGB", (64, 64), (200, 150 + i, 140)) for i in range(6)]
    assert len(search(plain)) == 0


def test_row_order_does_not_matter(photographs, search):
    images = [*photographs[:20], *(ImageOps.mirror(image) for image in photographs[:5]), photographs[7]]
    order = np.random.default_rng(0).permutation(len(images))
    plain, shuffled = search(images), search([images[i] for i in order])
    pairs = {frozenset((a, b)): s for a, b, s in zip(plain.first, plain.second, plain.similarity, strict=True)}
    back = zip(order[shuffled.first], order[shuffled.second], shuffled.similarity, strict=True)
    assert {frozenset((a, b)): s for a, b, s in back} == pairs
    assert len(pairs) == 6


def test_two_searches_give_the_same(photographs, search):
    images = [*photographs, *(recompressed(image) for image in photographs[:9])]
    one, two = search(images), search(images)
    for name in ("first", "second", "kind", "similarity", "change"):
        assert np.array_equal(getattr(one, name), getattr(two, name))


def test_copies_are_told_by_their_digests_and_unreadable_rows_are_left_out(photographs):
    thumbs = np.stack([thumbnail(photographs[i]) for i in (0, 0, 0, 1, 1)])
    found = find_duplicates(
        thumbs,
        digests=["a", "a", "b", "c", "c"],
        pixel_digests=["p", "p", "p", "q", "q"],
        is_readable=np.array([True, True, True, True, False]),
    )
    assert list(zip(found.first, found.second, found.kind, strict=True)) == [(0, 1, "bytes"), (0, 2, "pixels")]
    assert list(found.similarity) == [1.0, 1.0]
    assert list(found.clusters()) == [0, 0, 0, 1, 2]


def test_a_file_that_lies_there_thirty_times_does_not_hide_a_changed_copy(photographs, search):
    found = search([photographs[0]] * 30 + [ImageOps.mirror(photographs[0])])
    assert list(found.kind) == ["bytes"] * 29 + ["near"]
    assert set(found.clusters()) == {0}


TURNS = [None, *TURN]  # all eight


def copies_of(image):
    """Return 24 changed copies of a photograph."""
    turned = [image if turn is None else image.transpose(turn) for turn in TURNS]
    return [recompressed(one, quality) for one in turned for quality in (90, 50, 30)]


def test_many_changed_copies_of_a_photograph_are_one_cluster(photographs, search):
    copies = [copy for image in photographs[:5] for copy in copies_of(image)]
    cluster = search([*photographs, *copies]).clusters()
    assert list(cluster[40:]) == [number for number in range(5) for _ in range(24)]
    assert cluster.max() == 39  # and no other two came together


def test_only_clusters_with_all_places_taken_are_searched_again(photographs, search, monkeypatch):
    asked = []

    def find(pictures, *, asking, track):
        asked.append((len(pictures), len(asking)))
        return find_candidates(pictures, asking=asking, track=track)

    monkeypatch.setattr("lentigo.study.auditing.duplicates._search.find_candidates", find)
    search(photographs[:10])
    search([*photographs[:10], *copies_of(photographs[0])[:3]])  # four of one photograph know each other
    assert asked == [(10, 10), (13, 13)]
    asked.clear()
    search([*photographs[:10], *copies_of(photographs[0])])
    (_, *rounds) = asked
    assert rounds
    assert all(1 <= n_asking <= n_pictures - 9 for n_pictures, n_asking in rounds)  # the nine others only answer


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_images_are_no_problem(n, photographs):
    thumbs = np.stack([thumbnail(image) for image in photographs[:2]])[:n]
    digests = ["a", "b"][:n]
    found = find_duplicates(thumbs, digests=digests, pixel_digests=digests, is_readable=np.ones(n, dtype=bool))
    assert (len(found), found.n_images, len(found.clusters())) == (0, n, n)


@pytest.mark.parametrize("seed", [1, 2])
def test_all_copies_in_a_phantom_are_found_and_nothing_else(seed, tmp_path):
    folder = draw_phantom(
        tmp_path / "p", n_images=60, size=96, views=(1, 1), leaks=10, leak_kinds=("near", "exact"), seed=seed
    )
    table = pd.read_csv(folder / "metadata.csv")
    contents = [(folder / "images" / f"{image_id}.jpg").read_bytes() for image_id in table["image_id"]]
    images = [Image.open(io.BytesIO(content)).convert("RGB") for content in contents]
    found = find_duplicates(
        np.stack([thumbnail(image) for image in images]),
        digests=[hashlib.sha256(content).hexdigest() for content in contents],
        pixel_digests=[hashlib.sha256(image.tobytes()).hexdigest() for image in images],
        is_readable=np.ones(len(images), dtype=bool),
    )
    ids = table["image_id"].to_numpy()
    pairs = {
        frozenset((ids[a], ids[b])): kind for a, b, kind in zip(found.first, found.second, found.kind, strict=True)
    }
    leaks = json.loads((folder / "phantom.json").read_text())["leaks"]["pairs"]
    wanted = {frozenset((leak["original"], leak["copy"])): leak["kind"] for leak in leaks}
    assert {pair: {"bytes": "exact"}.get(kind, kind) for pair, kind in pairs.items()} == wanted


@pytest.mark.real_data
@pytest.mark.slow
def test_leaks_of_the_first_data_set_are_found(shared_data):
    paths = sorted((shared_data / "isic-binary").rglob("*.jpg"))
    images = (Image.open(path).convert("RGB") for path in paths)
    thumbs = np.stack([thumbnail(image) for image in images])
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    found = find_duplicates(thumbs, digests=digests, pixel_digests=digests, is_readable=np.ones(len(paths), dtype=bool))
    is_test = np.array(["test" in path.parts[-3:] for path in paths])
    n_leaks = int((is_test[found.first] != is_test[found.second]).sum())
    is_benign = np.array(["benign" in path.parts for path in paths])
    assert n_leaks >= 23
    # One picture under two labels would almost surely be a false alarm.
    assert (is_benign[found.first] == is_benign[found.second]).all()
