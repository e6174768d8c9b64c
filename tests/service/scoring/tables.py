"""What the tables of a folder of scores say, together."""

import csv
from pathlib import Path

import numpy as np

NUMBERS = ("benign", "malignant", "malignant_probability", "threshold")


def rows_of(place: Path) -> list[dict[str, str]]:
    paths = sorted(place.glob("part-*.csv")) if place.is_dir() else [place]
    rows = []
    for path in paths:
        with path.open(newline="") as stream:
            rows += list(csv.DictReader(stream))
    return rows


def assert_same(found: list[dict[str, str]], expected: list[dict[str, str]]) -> None:
    """Words are equal; numbers are as equal as float32 sums in another order and batch can be."""
    assert [list(row) for row in found] == [list(row) for row in expected]
    for name in expected[0]:
        one, other = [row[name] for row in found], [row[name] for row in expected]
        if name in NUMBERS:
            assert [value == "" for value in one] == [value == "" for value in other]
            pair = [np.array([float(value or 0) for value in values]) for values in (one, other)]
            np.testing.assert_allclose(*pair, atol=1e-6)
        else:
            assert one == other, name
