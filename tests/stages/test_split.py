import pytest

from lentigo.data.manifest import Manifest
from lentigo.phantoms import draw_phantom
from lentigo.stages import split
from lentigo.storage import read_json


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data") / "copies"
    return draw_phantom(
        folder,
        n_images=90,
        size=64,
        difficulty="easy",
        leaks=6,
        leak_kinds=("near", "exact"),
        hide_ids=True,
        split=False,
    )


def test_copies_stay_together_whatever_their_ids(copies, tmp_path):
    result = split(copies, tmp_path / "manifest.csv")
    split_of = dict(zip(result.manifest.table["image_id"], result.manifest.table["split"], strict=True))
    for pair in read_json(copies / "phantom.json")["leaks"]["pairs"]:
        assert split_of[pair["original"]] == split_of[pair["copy"]]
    assert result.n_joined >= 6
    assert len(result.dropped) == 0


def test_a_clean_split_keeps_one_of_each_picture_and_says_which(copies, tmp_path):
    result = split(copies, tmp_path / "manifest.csv", clean=True)
    left = set(Manifest.read(tmp_path / "manifest.csv").table["image_id"])
    for pair in read_json(copies / "phantom.json")["leaks"]["pairs"]:
        assert len({pair["original"], pair["copy"]} & left) <= 1  # none where a third one was kept
    assert set(result.dropped["kept"]) <= left
    assert not set(result.dropped["image_id"]) & left


def test_folds_are_a_column_and_the_same_again(copies, tmp_path):
    one = split(copies, tmp_path / "one.csv", n_folds=3)
    split(copies, tmp_path / "other.csv", n_folds=3)
    assert (tmp_path / "one.csv").read_text() == (tmp_path / "other.csv").read_text()
    assert one.fold_counts().columns.tolist() == [0, 1, 2]
    assert not one.manifest.has_split
