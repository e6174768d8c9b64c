"""Which pairs are shown: the gravest first, no group crowded out, new images before known ones."""

from dataclasses import replace

import pytest

from lentigo.study.auditing._findings import DuplicatePair
from lentigo.study.reporting._audit.pairs import LEAST, SHOWN, pair_groups, side_of
from lentigo.study.reporting._pictures import Thumbnails

SILENT = Thumbnails({}, with_pictures=False)
SPLITS = {"leak": ("train", "test"), "conflict": ("train", "train"), "copy": ("train", "train")}


def pairs_of(kind: str, n_pairs: int) -> tuple[DuplicatePair, ...]:
    targets = ("benign", "malignant" if kind == "conflict" else "benign")
    return tuple(
        DuplicatePair(f"{kind}{i}a", f"{kind}{i}b", "near", 0.9, "", SPLITS[kind], targets) for i in range(n_pairs)
    )


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ((3, 2, 1), (3, 2, 1)),
        ((100, 0, 0), (60,)),
        ((100, 100, 100), (36, 12, 12)),
        ((10, 100, 100), (10, 38, 12)),
        ((100, 4, 100), (44, 4, 12)),
        ((0, 0, 61), (60,)),
    ],
)
def test_sixty_pairs_are_shared_out_with_a_dozen_for_each_group(audit, sizes, expected) -> None:
    kinds = ("leak", "conflict", "copy")
    pairs = tuple(pair for kind, n in zip(kinds, sizes, strict=True) for pair in pairs_of(kind, n))
    groups = pair_groups(replace(audit, pairs=pairs), SILENT)
    assert tuple(len(group.pairs) for group in groups) == expected
    assert tuple(group.n_pairs for group in groups) == tuple(n for n in sizes if n)
    assert sum(expected) <= SHOWN
    assert LEAST == 12


def test_images_not_yet_shown_come_first(audit) -> None:
    """Of a cluster of three, the third pair waits until another picture has been shown."""
    ids = (("a", "b"), ("a", "c"), ("d", "e"))
    pairs = tuple(DuplicatePair(*both, "near", 0.9, "", ("train", "test"), ("benign", "benign")) for both in ids)
    (group,) = pair_groups(replace(audit, pairs=pairs), SILENT)
    assert [pair.shots[1].picture.image for pair in group.pairs] == ["b", "e", "c"]


def test_leak_under_two_labels_is_a_leak_and_says_both(audit) -> None:
    pair = DuplicatePair("a", "b", "bytes", 1.0, "", ("train", "test"), ("benign", "malignant"))
    (group,) = pair_groups(replace(audit, pairs=(pair,)), SILENT)
    assert group.title == "In two splits"
    assert group.pairs[0].is_conflict
    assert group.pairs[0].similarity == ""
    assert [shot.side for shot in group.pairs[0].shots] == ["benign", "malignant"]


def test_copies_without_splits_are_not_said_to_be_in_one(audit) -> None:
    pair = DuplicatePair("a", "b", "pixels", 1.0, "", (None, None), ("benign", "benign"))
    (group,) = pair_groups(replace(audit, pairs=(pair,)), SILENT)
    assert group.title == "Copies"


def test_class_of_nothing_has_no_side(audit) -> None:
    assert side_of("", audit) == ""
