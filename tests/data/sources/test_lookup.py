from collections.abc import Callable
from pathlib import Path

import pytest

from lentigo.data.sources import read_data
from lentigo.errors import DataError

Writer = Callable[..., Path]
TABLE = ["image_id,dx", "a,nv", "b,mel"]


def names(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in read_data(folder).paths]


def test_equal_bytes_in_two_folders_are_one_picture(write_set: Writer, caplog: pytest.LogCaptureFixture) -> None:
    # Kaggle's HAM10000 has every image twice, and no right to delete one of them.
    folder = write_set(TABLE, images=("part_1/a.jpg", "PART_1/a.jpg", "part_1/b.jpg"))
    assert names(folder) == ["PART_1/a.jpg", "part_1/b.jpg"]
    assert "1 image is there more than once, byte for byte the same" in caplog.text


def test_different_pictures_of_one_name_are_named(write_set: Writer) -> None:
    folder = write_set(TABLE, images=("part_1/a.jpg", "part_2/a.jpg", "b.jpg"))
    (folder / "part_2/a.jpg").write_bytes(b"x")
    with pytest.raises(
        DataError, match=r"line 2: different images with the same name: a\. a is at part_1/a\.jpg, part_2/a"
    ):
        read_data(folder)


def test_a_dicom_file_gives_way_to_a_jpeg_of_the_same_image(write_set: Writer) -> None:
    # SIIM-ISIC 2020 on Kaggle: train/ISIC_0000001.dcm and jpeg/train/ISIC_0000001.jpg.
    folder = write_set(TABLE, images=("jpeg/train/a.jpg", "train/a.dcm", "jpeg/train/b.jpg"))
    (folder / "train/a.dcm").write_bytes(b"DICM")
    assert names(folder) == ["jpeg/train/a.jpg", "jpeg/train/b.jpg"]


@pytest.mark.parametrize(
    ("ids", "images", "rule"),
    [
        (("ISIC_1", "isic_2"), ("isic_1.JPG", "ISIC_2.jpg"), "by case"),
        (("7", "12"), ("007.png", "012.png"), "by leading zeros"),
        (("000051", "000008"), ("51.png", "8.png"), "by leading zeros"),
    ],
)
def test_ids_that_differ_from_file_names_by_case_or_zeros_are_found(
    write_set: Writer, caplog: pytest.LogCaptureFixture, ids: tuple[str, ...], images: tuple[str, ...], rule: str
) -> None:
    folder = write_set(["image_id,dx", f"{ids[0]},nv", f"{ids[1]},mel"], images=images)
    assert names(folder) == list(images)
    assert read_data(folder).table["image_id"].tolist() == list(ids)
    assert f"2 ids differ from their file names {rule}" in caplog.text


def test_an_id_that_could_be_two_files_is_not_guessed(write_set: Writer) -> None:
    folder = write_set(["image_id,dx", "7,nv", "b,mel"], images=("007.png", "07.png", "b.png"))
    with pytest.raises(DataError, match="line 2: 1 image is not found: 7"):
        read_data(folder)
    (folder / "metadata.csv").write_text("image_id,dx\nA,nv\na,mel\n")  # two ids, one file
    (folder / "a.png").touch()
    with pytest.raises(DataError, match="line 2: 1 image is not found: A"):
        read_data(folder)


def test_ids_with_folders_are_paths_from_the_tables_folder_or_ends_of_paths(write_set: Writer) -> None:
    lines = ["file_name,label", "train/1.jpg,nv", "val\\1.jpg,mel", "elsewhere/2.jpg,bkl"]
    folder = write_set(lines, images=("images/train/1.jpg", "images/val/1.jpg", "images/2.jpg"))
    assert names(folder) == ["images/train/1.jpg", "images/val/1.jpg", "images/2.jpg"]
    assert read_data(folder).table["image_id"].tolist() == ["train-1", "val-1", "elsewhere-2"]


def test_images_in_an_hdf5_file_are_found_by_their_id(
    write_set: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    h5py = pytest.importorskip("h5py")
    import numpy as np

    monkeypatch.setenv("LENTIGO_CACHE", str(tmp_path / "cache"))
    folder = write_set(["isic_id,target", "a,0", "b,1", "c,1"], images=("c.jpg",), name="train-metadata.csv")
    with h5py.File(folder / "train-image.hdf5", "w") as file:
        for name in "abd":
            file[name] = np.void(b"\xff\xd8\xff" + name.encode() + b"\0")
    a, b, c = read_data(folder).paths
    assert a.read_bytes() == b"\xff\xd8\xffa\0"
    assert (a.suffix, c) == (".jpg", folder / "c.jpg")
    assert b.is_relative_to(tmp_path / "cache" / "extracted")
    assert len(list((tmp_path / "cache").rglob("*.jpg"))) == 2  # d is asked for by nobody


def test_without_h5py_the_extra_is_named(write_set: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    from lentigo.errors import MissingExtraError

    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    folder = write_set(TABLE, images=("train-image.hdf5",))
    with pytest.raises(MissingExtraError, match=r"h5py is needed to read the images in train-image\.hdf5.*\[hdf5\]"):
        read_data(folder)
