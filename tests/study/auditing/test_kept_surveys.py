"""Surveys are kept by content: images that were looked at are not looked at again, and what is poisoned is not used."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lentigo.config import ImageConfig
from lentigo.study.auditing import _kept_surveys as kept
from lentigo.study.auditing import _survey


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    monkeypatch.setenv("LENTIGO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(kept, "WORTH_KEEPING", 3)
    rng = np.random.default_rng(0)
    found = [tmp_path / f"{name}.png" for name in "abc"]
    for path in found:
        Image.fromarray(rng.integers(0, 256, (32, 40, 3), dtype=np.uint8)).save(path)
    return found


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were looked at, one entry for each look."""
    files: list[Path] = []
    look = _survey.survey_image
    monkeypatch.setattr(_survey, "survey_image", lambda path, **how: files.append(path) or look(path, **how))
    return files


def _the_file() -> Path:
    (place,) = Path(os.environ["LENTIGO_CACHE"]).glob("survey-*.npz")
    return place


def test_a_second_survey_of_the_same_images_looks_at_none_and_says_the_same(paths, looked) -> None:
    first, second = _survey.survey(paths), _survey.survey(paths)
    assert looked == paths
    np.testing.assert_array_equal(first.thumbs, second.thumbs)
    pd.testing.assert_frame_equal(first.traits, second.traits)
    pd.testing.assert_frame_equal(first.quality, second.quality)
    assert (first.digests, first.pixel_digests) == (second.digests, second.pixel_digests)


def test_changed_images_another_order_and_other_limits_are_looked_at(paths, looked) -> None:
    _survey.survey(paths)
    _survey.survey(paths[::-1])
    _survey.survey(paths, image=ImageConfig(max_pixels=10**6))
    Image.new("RGB", (40, 32), "red").save(paths[0])
    _survey.survey(paths)
    assert len(looked) == 4 * len(paths)


def test_a_survey_with_an_unreadable_image_is_not_kept(paths, looked) -> None:
    paths[1].write_bytes(b"no image")
    for _ in range(2):
        assert _survey.survey(paths).problems
    assert len(looked) == 2 * len(paths)


@pytest.mark.parametrize("poison", ["cut", "open to others", "of other files"])
def test_a_kept_survey_that_is_not_to_be_trusted_is_not_used(poison: str, paths, looked) -> None:
    _survey.survey(paths)
    place = _the_file()
    assert place.stat().st_mode & 0o077 == 0
    if poison == "cut":
        place.write_bytes(place.read_bytes()[:200])
    elif poison == "open to others":
        place.chmod(0o666)
    else:
        name = place.name
        _survey.survey(paths[::-1])
        (other,) = [each for each in place.parent.glob("survey-*.npz") if each.name != name]
        other.replace(place)
        looked.clear()
        looked.extend(paths)
    _survey.survey(paths)
    assert len(looked) == 2 * len(paths)
