"""The galleries: the right images in the right order, and pictures that carry nothing but pixels."""

import base64
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lentigo.errors import ImageError
from lentigo.manifest import Manifest
from lentigo.report.inputs import Facts
from lentigo.report.mistakes import SHOWN, SIDE, galleries, thumbnail


def decode(uri: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(uri.removeprefix("data:image/jpeg;base64,"))))


def test_missed_malignant_images_come_first_and_the_least_suspicious_of_them_foremost(binary_facts) -> None:
    missed, alarms = galleries(binary_facts)
    assert (missed.kind, alarms.kind) == ("missed", "alarms")
    assert {mistake.truth for mistake in missed.mistakes} <= {"malignant"}
    assert {mistake.truth for mistake in alarms.mistakes} == {"benign"}
    place = {image: row for row, image in enumerate(binary_facts.test.image.tolist())}
    probability = binary_facts.probability
    rising = [probability[place[mistake.image]] for mistake in missed.mistakes]
    falling = [probability[place[mistake.image]] for mistake in alarms.mistakes]
    assert rising == sorted(rising)
    assert falling == sorted(falling, reverse=True)


def test_galleries_count_all_mistakes_but_show_a_dozen(seven_facts) -> None:
    point = seven_facts.point
    missed, alarms, diagnoses = galleries(seven_facts, with_pictures=False)
    assert (missed.n_images, alarms.n_images) == (point["fn"], point["fp"])
    assert len(alarms.mistakes) == SHOWN
    confusion = seven_facts.inputs.evaluation.confusion
    assert diagnoses.n_images == confusion.sum() - np.trace(confusion)


def test_no_image_is_shown_twice(seven_facts) -> None:
    images = [mistake.image for gallery in galleries(seven_facts, with_pictures=False) for mistake in gallery.mistakes]
    assert len(images) == len(set(images))


def test_missing_file_leaves_a_note_instead_of_a_picture(binary) -> None:
    table = binary.manifest.table.assign(path="/nowhere/at/all.jpg")
    facts = Facts.of(replace(binary, manifest=Manifest(table, origin="invented")))
    mistakes = [mistake for gallery in galleries(facts) for mistake in gallery.mistakes]
    assert mistakes
    assert all(mistake.jpeg is None and "cannot be read" in mistake.problem for mistake in mistakes)


def test_image_outside_the_manifest_leaves_a_note(binary, make_manifest) -> None:
    facts = Facts.of(replace(binary, manifest=make_manifest(image_id=[f"other {place}" for place in range(160)])))
    assert {m.problem for gallery in galleries(facts) for m in gallery.mistakes} == {"no file in the manifest"}


def test_pictures_can_be_left_out(binary_facts) -> None:
    assert {m.jpeg for gallery in galleries(binary_facts, with_pictures=False) for m in gallery.mistakes} == {None}


def test_thumbnail_is_small_and_keeps_the_whole_field(tmp_path: Path) -> None:
    Image.new("RGB", (800, 400), (180, 120, 100)).save(tmp_path / "wide.jpg")
    assert decode(thumbnail(tmp_path / "wide.jpg")).size == (SIDE, SIDE // 2)


def test_thumbnail_carries_no_metadata(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "Jane Doe, left shoulder"
    image = Image.new("RGB", (300, 300), (180, 120, 100))
    image.save(tmp_path / "photo.jpg", exif=exif, comment=b"Jane Doe", icc_profile=b"profile of Jane Doe's camera")
    assert b"Jane Doe" in (tmp_path / "photo.jpg").read_bytes()
    made = thumbnail(tmp_path / "photo.jpg")
    assert b"Jane" not in base64.b64decode(made.partition(",")[2])
    assert "exif" not in decode(made).info


def test_thumbnail_of_a_damaged_file_is_an_image_error(tmp_path: Path) -> None:
    (tmp_path / "cut.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
    with pytest.raises(ImageError):
        thumbnail(tmp_path / "cut.jpg")
