from pathlib import Path

import pytest

from lentigo.data.sources import read_data
from lentigo.data.sources._challenge import find_truths
from lentigo.errors import DataError

HEAD = "image,MEL,NV\n"


def test_ground_truths_are_found_two_folders_deep_and_not_deeper(tmp_path: Path) -> None:
    for place in (".", "a", "a/b", "a/b/c", ".hidden"):
        (tmp_path / place).mkdir(exist_ok=True)
        (tmp_path / place / "ISIC_GroundTruth.csv").write_text(HEAD)
    found = [path.relative_to(tmp_path).as_posix() for path in find_truths(tmp_path)]
    assert found == ["ISIC_GroundTruth.csv", "a/ISIC_GroundTruth.csv", "a/b/ISIC_GroundTruth.csv"]


def test_two_ground_truths_for_one_split_that_differ_are_ambiguous_and_twins_are_not(tmp_path: Path) -> None:
    for name, row in (("x.jpg", "x,1,0"), ("y.jpg", "y,0,1")):
        (tmp_path / name).touch()
        (tmp_path / f"Training_GroundTruth_{name[0]}.csv").write_text(f"{HEAD}{row}\n")
    with pytest.raises(DataError, match=r"read in 2 ways: by Training_GroundTruth_x\.csv, or by .*_y\.csv"):
        read_data(tmp_path)
    for name in "xy":
        (tmp_path / f"Training_GroundTruth_{name}.csv").write_text(f"{HEAD}x,1,0\ny,0,1\n")
    assert read_data(tmp_path).table["image_id"].tolist() == ["x", "y"]


def test_a_ground_truth_without_a_split_beside_one_with_is_ambiguous(tmp_path: Path) -> None:
    (tmp_path / "GroundTruth.csv").write_text(f"{HEAD}x,1,0\n")
    (tmp_path / "Test_GroundTruth.csv").write_text(f"{HEAD}y,1,0\n")
    with pytest.raises(DataError, match="can be read in 2 ways"):
        read_data(tmp_path)


def test_a_metadata_table_with_labels_is_preferred_to_a_ground_truth(tmp_path: Path) -> None:
    for name in "xy":
        (tmp_path / f"{name}.jpg").touch()
    (tmp_path / "Training_GroundTruth.csv").write_text(f"{HEAD}x,1,0\n")
    (tmp_path / "metadata.csv").write_text("image,dx,lesion_id\nx,mel,1\ny,nv,2\n")
    assert read_data(tmp_path).table["image_id"].tolist() == ["x", "y"]
