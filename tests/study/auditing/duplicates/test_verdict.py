import numpy as np
import pytest

from lentigo.study.auditing.duplicates._descriptor import turn
from lentigo.study.auditing.duplicates._verdict import describe

PICTURE = np.arange(9, dtype=np.float32).reshape(3, 3)


def obey(words):
    """Return PICTURE after what the words say."""
    changed = PICTURE
    for word in words.split(", "):
        if word == "mirrored":
            changed = np.fliplr(changed)
        elif word:
            changed = np.rot90(changed, -int(word.removeprefix("turned ").rstrip("°")) // 90)
    return changed


@pytest.mark.parametrize("number", range(8))
def test_words_do_to_the_first_picture_what_the_turn_does(number):
    words = describe(number, np.ones(2), np.zeros(2), is_second_whole=False)
    assert np.array_equal(obey(words), turn(PICTURE, number))


@pytest.mark.parametrize("number", range(8))
def test_words_undo_the_turn_where_the_second_picture_is_the_turned_one(number):
    words = describe(number, np.ones(2), np.zeros(2), is_second_whole=True)
    assert np.array_equal(turn(obey(words), number), PICTURE)


@pytest.mark.parametrize(
    ("number", "scale", "offset", "is_second_whole", "words"),
    [
        (0, (1.0, 1.0), (0.0, 0.0), True, ""),
        (0, (1.02, 0.98), (0.01, 0.0), True, ""),
        (0, (1.0, 1.0), (0.05, 0.0), True, "shifted"),
        (0, (0.8, 0.8), (0.05, 0.0), True, "zoomed 1.25"),
        (0, (0.8, 0.8), (0.05, 0.0), False, "zoomed 0.80"),
        (0, (0.75, 1.0), (0.0, 0.0), True, "zoomed 1.33 x 1.00"),
        (4, (0.75, 1.0), (0.0, 0.0), True, "mirrored, turned 270°, zoomed 1.00 x 1.33"),
    ],
)
def test_scale_and_shift_are_said_when_they_can_be_seen(number, scale, offset, is_second_whole, words):
    assert describe(number, np.array(scale), np.array(offset), is_second_whole=is_second_whole) == words
