"""The galleries: the right images in the right order."""

from dataclasses import replace

import numpy as np

from lentigo.data.manifest import Manifest
from lentigo.study.reporting._inputs import RunFacts
from lentigo.study.reporting._mistakes import SHOWN, galleries


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
    assert (missed.n_images, alarms.n_images) == (point.fn, point.fp)
    assert len(alarms.mistakes) == SHOWN
    confusion = seven_facts.inputs.evaluation.confusion
    assert diagnoses.n_images == confusion.sum() - np.trace(confusion)


def test_no_image_is_shown_twice(seven_facts) -> None:
    images = [mistake.image for gallery in galleries(seven_facts, with_pictures=False) for mistake in gallery.mistakes]
    assert len(images) == len(set(images))


def test_missing_file_leaves_a_note_instead_of_a_picture(binary) -> None:
    table = binary.manifest.table.assign(path="/nowhere/at/all.jpg")
    facts = RunFacts.of(replace(binary, manifest=Manifest(table, origin="invented")))
    mistakes = [mistake for gallery in galleries(facts) for mistake in gallery.mistakes]
    assert mistakes
    assert all(mistake.jpeg is None and "cannot be read" in mistake.problem for mistake in mistakes)


def test_image_outside_the_manifest_leaves_a_note(binary, make_manifest) -> None:
    facts = RunFacts.of(replace(binary, manifest=make_manifest(image_id=[f"other {place}" for place in range(160)])))
    assert {m.problem for gallery in galleries(facts) for m in gallery.mistakes} == {"no file in the manifest"}


def test_pictures_can_be_left_out(binary_facts) -> None:
    assert {m.jpeg for gallery in galleries(binary_facts, with_pictures=False) for m in gallery.mistakes} == {None}
