import numpy as np
import pytest
from PIL import ImageOps

from lentigo.study.auditing.duplicates import _candidates as candidates
from lentigo.study.auditing.duplicates import thumbnail
from lentigo.study.auditing.duplicates._candidates import find_candidates
from lentigo.study.auditing.duplicates._descriptor import WINDOWS


@pytest.fixture(scope="module")
def thumbs(photographs):
    cut = [ImageOps.mirror(image).crop((0, 40, 120, 160)) for image in photographs[:10]]
    return np.stack([thumbnail(image) for image in [*photographs, *cut]])


def test_cut_and_mirrored_copies_are_among_the_candidates_with_window_and_turn(thumbs):
    found = find_candidates(thumbs)
    pairs = {(int(part), int(whole)): i for i, (part, whole) in enumerate(zip(found.part, found.whole, strict=True))}
    for copy in range(10):
        row = pairs[copy, 40 + copy]
        assert WINDOWS[found.window[row]] == (0.25, 1.0, 0.25, 1.0)
        assert found.turn[row] == 1
        assert found.likeness[row] > 0.95


def test_each_pair_comes_once_and_no_picture_with_itself(thumbs):
    found = find_candidates(thumbs)
    pairs = [frozenset(pair) for pair in zip(found.whole.tolist(), found.part.tolist(), strict=True)]
    assert len(set(pairs)) == len(pairs)
    assert all(len(pair) == 2 for pair in pairs)
    assert len(pairs) <= candidates.N_KEPT * len(thumbs)


def test_size_of_the_blocks_does_not_matter(thumbs, monkeypatch):
    plain = find_candidates(thumbs)
    monkeypatch.setattr(candidates, "BLOCK", 7)
    blocked = find_candidates(thumbs)
    assert np.array_equal(plain.whole, blocked.whole)
    assert np.array_equal(plain.turn, blocked.turn)
