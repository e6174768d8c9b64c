from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lentigo.data.sources import read_data
from lentigo.errors import DataError

LABELS = {"train": [[0], [1], [2], [3], [4], [5], [6]], "val": [[5], [4]], "test": [[5], [4]]}


@pytest.fixture
def derma(tmp_path: Path) -> Path:
    return save(tmp_path / "dermamnist.npz")


def save(path: Path, *, labels: dict = LABELS, seed: int = 0, **changed: np.ndarray) -> Path:
    rng = np.random.default_rng(seed)
    arrays = {f"{split}_labels": np.array(values, np.uint8) for split, values in labels.items()}
    for split, values in labels.items():
        arrays[f"{split}_images"] = rng.integers(0, 256, (len(values), 28, 28, 3), np.uint8)
    np.savez(path, **{**arrays, **changed})
    return path


def test_labels_are_in_the_order_of_medmnist_and_pixels_are_kept(derma: Path) -> None:
    manifest = read_data(derma)
    table = manifest.table
    assert table["diagnosis"].tolist()[:7] == ["AKIEC", "BCC", "BKL", "DF", "MEL", "NV", "VASC"]
    assert table["split"].tolist() == ["train"] * 7 + ["val"] * 2 + ["test"] * 2
    assert table["image_type"].unique().tolist() == ["dermoscopic"]
    with np.load(derma) as arrays:
        for number in (0, 6):
            with Image.open(manifest.paths[number]) as image:
                np.testing.assert_array_equal(np.asarray(image), arrays["train_images"][number])
    assert [path.name for path in sorted(derma.parent.iterdir())] == ["dermamnist.npz", "dermamnist_images"]


def test_the_folder_of_the_file_reads_as_the_file_and_is_unpacked_once(derma: Path) -> None:
    first = read_data(derma.parent)
    before = first.paths[0].stat().st_mtime_ns
    again = read_data(derma.parent)
    assert again.table["image_id"].tolist() == first.table["image_id"].tolist()
    assert again.paths[0].stat().st_mtime_ns == before


def test_another_file_under_the_name_is_unpacked_anew(derma: Path) -> None:
    read_data(derma)
    save(derma, labels={**LABELS, "val": [[5]]})
    assert len(read_data(derma)) == 10


def test_images_of_somebody_else_are_not_replaced(derma: Path) -> None:
    (derma.parent / "dermamnist_images").mkdir()
    (derma.parent / "dermamnist_images" / "mine.txt").touch()
    with pytest.raises(Exception, match=r"dermamnist_images exists already"):
        read_data(derma)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"val_labels": np.array([[7], [0]])}, "val_labels has 2 labels. Expected are"),
        ({"val_labels": np.array([[1]])}, "val_labels has 1 labels"),
        ({"train_images": np.zeros((7, 28, 28), np.uint8)}, r"train_images has shape \(7, 28, 28\)"),
        ({"test_images": np.zeros((2, 28, 28, 3))}, "test_images has shape"),
    ],
)
def test_arrays_of_another_form_are_refused_and_leave_nothing(tmp_path: Path, changed: dict, message: str) -> None:
    path = save(tmp_path / "dermamnist_64.npz", **changed)
    with pytest.raises(DataError, match=message):
        read_data(path)
    assert [each.name for each in tmp_path.iterdir()] == ["dermamnist_64.npz"]


def test_other_sets_damaged_files_and_pickles_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"not a DermaMNIST file: its name must contain 'dermamnist'"):
        read_data(save(tmp_path / "pathmnist.npz"))
    (tmp_path / "dermamnist.npz").write_bytes(b"PK\3\4 and then nothing")
    with pytest.raises(
        DataError, match=r"is not a \.npz file or damaged\. Download it again: lentigo fetch dermamnist"
    ):
        read_data(tmp_path / "dermamnist.npz")
    np.savez(tmp_path / "dermamnist.npz", train_images=np.zeros(3))
    with pytest.raises(DataError, match="it lacks test_images, test_labels, train_labels"):
        read_data(tmp_path / "dermamnist.npz")
    objects = np.array([{"a": 1}], dtype=object)
    with pytest.raises(DataError, match="damaged at train"):
        read_data(save(tmp_path / "dermamnist.npz", train_labels=objects))
