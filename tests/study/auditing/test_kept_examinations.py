"""An audit is kept by content: a second one of the same images asks nothing again, and says the same."""

import os
from pathlib import Path

import pandas as pd
import pytest

from lentigo.data.sources import read_data
from lentigo.storage import json_bytes
from lentigo.study.auditing import _examining as examining
from lentigo.study.auditing import _kept_surveys as surveys

MALIGNANT = ("MEL", "BCC")


@pytest.fixture
def manifest(phantom: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LENTIGO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(surveys, "WORTH_KEEPING", 3)
    return read_data(phantom).subset("test")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions that were asked, one entry each time."""
    found: list[str] = []
    for name in ("survey", "find_duplicates", "measure_shortcuts", "find_doubts"):
        function = getattr(examining, name)

        def counted(*given, name=name, function=function, **options):
            found.append(name)
            return function(*given, **options)

        monkeypatch.setattr(examining, name, counted)
    return found


def test_a_second_audit_of_the_same_images_asks_nothing_and_says_the_same(manifest, asked) -> None:
    first, second = (examining.examine(manifest, malignant=MALIGNANT) for _ in range(2))
    assert sorted(asked) == ["find_doubts", "find_duplicates", "measure_shortcuts", "survey"]
    assert json_bytes(first.audit.json()) == json_bytes(second.audit.json())
    assert repr(first.audit) == repr(second.audit)  # NaN included
    assert first.groups.tolist() == second.groups.tolist()
    pd.testing.assert_frame_equal(first.columns, second.columns)
    assert second.problems == {}
    added = first.added_to(manifest).table, second.added_to(manifest).table
    pd.testing.assert_frame_equal(*added)


def test_another_question_is_asked(manifest, asked) -> None:
    examining.examine(manifest, malignant=MALIGNANT)
    n_asked = len(asked)
    examining.examine(manifest, malignant=("MEL",))
    examining.examine(manifest, malignant=MALIGNANT, seed=1)
    assert len(asked) == 3 * n_asked


def test_changed_images_are_audited_again(manifest, asked) -> None:
    examining.examine(manifest, malignant=MALIGNANT)
    n_asked = len(asked)
    path = manifest.paths[0]
    before = path.read_bytes()
    try:
        path.write_bytes(before + b"\0")
        examining.examine(manifest, malignant=MALIGNANT)
    finally:
        path.write_bytes(before)
    assert len(asked) == 2 * n_asked


@pytest.mark.parametrize("poison", ["cut", "open to others"])
def test_a_kept_audit_that_is_not_to_be_trusted_is_not_used(poison: str, manifest, asked) -> None:
    examining.examine(manifest, malignant=MALIGNANT)
    n_asked = len(asked)
    (place,) = Path(os.environ["LENTIGO_CACHE"]).glob("examined-*.npz")
    assert place.stat().st_mode & 0o077 == 0
    if poison == "cut":
        place.write_bytes(place.read_bytes()[:200])
    else:
        place.chmod(0o666)
    examining.examine(manifest, malignant=MALIGNANT)
    assert len(asked) == 2 * n_asked
