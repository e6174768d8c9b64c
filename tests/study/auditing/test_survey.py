import hashlib
import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lentigo.config import ImageConfig
from lentigo.errors import ImageError
from lentigo.images import open_image
from lentigo.study.auditing import _survey as module
from lentigo.study.auditing import image_columns
from lentigo.study.auditing._examining import _columns
from lentigo.study.auditing._image_traits import TEXT_TRAITS, colour_traits, file_traits
from lentigo.study.auditing._looking import UNREADABLE
from lentigo.study.auditing._survey import survey
from lentigo.study.auditing.duplicates import thumbnail
from lentigo.study.auditing.quality import measure


@pytest.fixture
def folder(tmp_path):
    """Five files: two good ones, a damaged one, an empty one and a text."""
    pixels = np.random.default_rng(0).integers(90, 220, (60, 80, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    Image.fromarray(pixels).save(tmp_path / "b.jpg", quality=90)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG")
    (tmp_path / "c.jpg").write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
    (tmp_path / "d.jpg").write_bytes(b"")
    (tmp_path / "e.jpg").write_text("no image")
    return tmp_path


def test_every_image_is_measured_as_its_parts_would_measure_it(folder):
    paths = [folder / "a.png", folder / "b.jpg"]
    seen = survey(paths)
    for row, path in enumerate(paths):
        image = open_image(path)
        assert np.array_equal(seen.thumbs[row], thumbnail(image))
        assert seen.quality.iloc[row].to_dict() == pytest.approx(measure(image), nan_ok=True)
        expected = file_traits(path.read_bytes()) | colour_traits(image)
        numbers = {name: float(value) for name, value in expected.items() if name not in TEXT_TRAITS}
        assert seen.traits.iloc[row][list(numbers)].astype(float).to_dict() == pytest.approx(numbers, nan_ok=True)
        assert seen.traits.loc[row, "file_format"] == expected["file_format"]
        assert seen.digests[row] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_unreadable_images_are_named_in_the_words_of_the_decoder_and_leave_the_others_alone(folder):
    paths = [folder / name for name in ("c.jpg", "a.png", "d.jpg", "e.jpg", "missing.jpg")] + [folder]
    seen = survey(paths)
    for row, path in enumerate(paths):
        if row == 1:
            continue
        with pytest.raises(ImageError) as refusal:
            open_image(path)
        assert seen.problems[row] == str(refusal.value)
    assert seen.is_readable.tolist() == [False, True, False, False, False, False]
    assert seen.quality.loc[0].isna().all()
    assert seen.quality.loc[1].notna().any()
    assert not seen.thumbs[0].any()


def test_digests_of_unreadable_images_say_what_is_known(folder):
    seen = survey([folder / "e.jpg", folder / "missing.jpg"])
    assert seen.digests == (hashlib.sha256(b"no image").hexdigest(), UNREADABLE)
    assert seen.pixel_digests == (UNREADABLE, UNREADABLE)


def test_limits_of_decoding_hold(folder):
    seen = survey([folder / "a.png"], image=ImageConfig(max_bytes=1024))
    assert "more than the 1,024 allowed" in seen.problems[0]
    assert str(folder / "a.png") in seen.problems[0]
    assert "image.min_side" in survey([folder / "a.png"], image=ImageConfig(min_side=70)).problems[0]


def test_same_pixels_in_another_file_have_the_same_pixel_digest(folder):
    Image.open(folder / "a.png").save(folder / "copy.bmp")
    seen = survey([folder / "a.png", folder / "copy.bmp", folder / "b.jpg"])
    first, second, third = seen.pixel_digests
    assert first == second != third
    assert len(set(seen.digests)) == 3


def test_pixel_digest_tells_turned_pictures_of_one_colour_apart(folder):
    Image.new("RGB", (40, 20)).save(folder / "wide.png")
    Image.new("RGB", (20, 40)).save(folder / "tall.png")
    wide, tall = survey([folder / "wide.png", folder / "tall.png"]).pixel_digests
    assert wide != tall


def test_nothing_readable_still_has_all_columns(folder):
    seen, good = survey([folder / "d.jpg"]), survey([folder / "a.png"])
    assert list(seen.quality) == list(good.quality)
    assert set(TEXT_TRAITS) <= set(seen.traits)
    assert seen.traits["file_format"].tolist() == [""]


def test_no_images_are_an_empty_survey():
    seen = survey([])
    assert len(seen.thumbs) == len(seen.quality) == len(seen.traits) == 0


def test_a_file_is_read_once(folder, monkeypatch):
    read = []
    original = type(folder).read_bytes
    monkeypatch.setattr(type(folder), "read_bytes", lambda path: read.append(path.name) or original(path))
    survey([folder / "a.png", folder / "b.jpg"])
    assert read == ["a.png", "b.jpg"]


def test_processes_see_what_a_loop_sees(phantom, monkeypatch):
    paths = sorted((phantom / "images").iterdir())[:16]
    alone = survey(paths)
    monkeypatch.setattr(module, "WORTH_PROCESSES", 8)
    monkeypatch.setattr(module.os, "cpu_count", lambda: 2)
    shared = survey(paths)
    assert np.array_equal(alone.thumbs, shared.thumbs)
    assert alone.quality.equals(shared.quality)
    assert alone.traits.equals(shared.traits)
    assert (alone.digests, alone.pixel_digests) == (shared.digests, shared.pixel_digests)


def test_progress_is_told_of_every_image(folder):
    told = []

    def track(items, what, total, /, *, unit=1):
        for item in items:
            told.append((what, total))
            yield item

    survey([folder / "a.png", folder / "d.jpg"], track=track)
    assert told == [("Looking at images", 2)] * 2


def test_tone_and_size_alone_are_those_of_a_whole_look_and_missing_where_nothing_can_be_read(phantom, folder):
    paths = [*sorted((phantom / "images").iterdir())[:8], *sorted(folder.iterdir())]
    found = image_columns(paths)
    pd.testing.assert_frame_equal(found, _columns(survey(paths)))
    assert found.iloc[-1].isna().all()
    assert found["width"].iloc[0] == 48
