import logging
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lentigo.data.manifest import check_leaks
from lentigo.data.sources import read_data
from lentigo.errors import DataError
from lentigo.taxonomy import Taxonomy

Maker = Callable[..., Path]


def test_class_folders_without_splits(tiny_images: Maker) -> None:
    folder = tiny_images({"Benign": 2, "malignant": 3})
    manifest = read_data(folder)
    assert manifest.classes == ("benign", "malignant")
    assert manifest.targets.tolist() == [0, 0, 1, 1, 1]
    assert not manifest.has_split
    assert manifest.table["diagnosis"].isna().all()
    assert all(path.is_absolute() and path.is_file() for path in manifest.paths)


@pytest.mark.parametrize(
    "names",
    [("train", "val", "test"), ("Training", "validation", "testing"), ("train", "dev", "test"), ("train", "valid")],
)
def test_split_folders_under_their_usual_names(tiny_images: Maker, names: tuple[str, ...]) -> None:
    manifest = read_data(tiny_images({f"{name}/{side}": 1 for name in names for side in ("benign", "malignant")}))
    assert manifest.table["split"].unique().tolist() == ["train", "val", "test"][: len(names)]


def test_ids_that_collide_get_their_folders_in_front_and_others_stay_short(tiny_images: Maker, tmp_path: Path) -> None:
    collide = tiny_images({"train/benign": 1, "train/malignant": 1}, folder=tmp_path / "a")
    assert read_data(collide).table["image_id"].tolist() == ["train-benign-0", "train-malignant-0"]
    tiny_images({"benign": 1}, folder=tmp_path / "b", prefix="x")
    assert read_data(tiny_images({"malignant": 1}, folder=tmp_path / "b")).table["image_id"].tolist() == ["x0", "0"]


def test_one_stem_under_two_suffixes_stays_two_images(tiny_images: Maker) -> None:
    folder = tiny_images({"benign": 1, "malignant": 1})
    (folder / "benign" / "0.png").touch()
    assert read_data(folder).table["image_id"].is_unique


def test_folders_of_diagnoses_keep_the_diagnosis_and_choose_the_task(tiny_images: Maker, tmp_path: Path) -> None:
    three = read_data(tiny_images({"nv": 1, "melanoma": 1, "Seborrheic Keratosis": 1}, folder=tmp_path / "three"))
    assert three.classes == ("MEL", "NV", "BKL")
    two = tiny_images({"nv": 1, "melanoma": 1}, folder=tmp_path / "two")
    assert read_data(two).classes == ("benign", "malignant")
    assert read_data(two).table["diagnosis"].tolist() == ["MEL", "NV"]
    assert read_data(two, task="diagnosis").classes == ("MEL", "NV")
    same_side = tiny_images({"nv": 1, "bkl": 1}, folder=tmp_path / "same")
    assert read_data(same_side).classes == ("NV", "BKL")


def test_the_side_of_actinic_keratosis_follows_the_taxonomy(tiny_images: Maker) -> None:
    folder = tiny_images({"ak": 2, "mel": 1, "nv": 1})
    assert read_data(folder, task="binary").table["target"].tolist() == ["benign", "benign", "malignant", "benign"]
    switched = read_data(folder, task="binary", taxonomy=Taxonomy(ak="malignant"))
    assert switched.table["target"].tolist() == ["malignant", "malignant", "malignant", "benign"]


def test_images_nested_below_a_class_links_and_upper_case_suffixes_are_found(
    tiny_images: Maker, tmp_path: Path
) -> None:
    folder = tiny_images({"benign/clinic a/2020": 1, "malignant": 1})
    (folder / "benign" / "B.JPEG").touch()
    elsewhere = tiny_images({"more": 2}, folder=tmp_path / "elsewhere", prefix="m")
    (folder / "malignant" / "linked").symlink_to(elsewhere / "more")
    (folder / "malignant" / "loop").symlink_to(folder / "malignant")
    (folder / "malignant" / "one.jpg").symlink_to(elsewhere / "more" / "m0.jpg")
    assert read_data(folder).counts()["all"].tolist() == [2, 4]


def test_other_files_are_counted_in_a_warning_with_their_reasons(tiny_images: Maker, caplog) -> None:
    folder = tiny_images({"benign": 1, "malignant": 1, "empty": 0})
    for name in ("benign/notes.txt", "benign/Thumbs.db", "benign/.DS_Store", "malignant/._0.jpg", "stray.png"):
        (folder / name).touch()
    (folder / "__MACOSX" / "benign").mkdir(parents=True)
    (folder / "__MACOSX" / "benign" / "9.jpg").touch()
    with caplog.at_level(logging.WARNING):
        assert len(read_data(folder)) == 2
    text = caplog.text
    assert "5 files not used: 1 outside any class folder (stray.png)" in text
    assert "2 hidden (.DS_Store, ._0.jpg); 2 empty (Thumbs.db, notes.txt)" in text
    assert "empty holds no images and is ignored" in text


def test_links_that_lead_nowhere_are_counted_as_other_files(tiny_images: Maker, caplog) -> None:
    folder = tiny_images({"benign": 1, "malignant": 1})
    (folder / "benign" / "gone.jpg").symlink_to(folder / "nothing.jpg")
    assert len(read_data(folder)) == 2
    assert "1 file not used: 1 link that leads nowhere (gone.jpg)" in caplog.text


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux allows file names that are not Unicode")
def test_file_names_that_are_not_unicode_are_named_and_not_used(tiny_images: Maker, caplog) -> None:
    folder = tiny_images({"benign": 1, "malignant": 1})
    with open(os.fsencode(folder / "benign") + b"/n\xe6vus.jpg", "wb"):  # noqa: PTH123
        pass
    assert len(read_data(folder)) == 2
    assert re.search(r"1 file not used: 1 its name is not Unicode \('n.*vus\.jpg'\)", caplog.text)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere does not exist\. Give a folder of images, or a table"):
        read_data(tmp_path / "nowhere")


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"is empty\. Put one folder of images per class into it"):
        read_data(tmp_path)


def test_class_folders_without_images_are_refused(tmp_path: Path) -> None:
    (tmp_path / "benign").mkdir()
    (tmp_path / "malignant").mkdir()
    with pytest.raises(DataError, match=r"has no images\. Put them into one folder per class"):
        read_data(tmp_path)


def test_one_class_only_is_refused(tiny_images: Maker) -> None:
    with pytest.raises(DataError, match=r"every image is 'benign'\. A classifier needs images of two classes or more"):
        read_data(tiny_images({"benign": 3}))


def test_an_unknown_class_folder_is_refused_with_the_nearest_name(tiny_images: Maker) -> None:
    folder = tiny_images({"benign": 1, "malignent": 1, "melanomma": 1})
    with pytest.raises(DataError) as raised:
        read_data(folder)
    assert "has 2 problems" in str(raised.value)
    assert f"{folder}/melanomma: unknown diagnosis 'melanomma'. Did you mean 'melanoma' (MEL)?" in str(raised.value)
    taxonomy = Taxonomy(aliases={"malignent": "malignant", "melanomma": "malignant"})
    assert read_data(folder, taxonomy=taxonomy).counts()["all"].tolist() == [1, 2]


def test_images_without_classes_or_table_are_refused(tiny_images: Maker) -> None:
    with pytest.raises(DataError, match=r"has 2 images but no table of them .* 'images' is not a diagnosis"):
        read_data(tiny_images({"images": 2}))


def test_sides_beside_diagnoses_make_the_task_binary(tiny_images: Maker) -> None:
    folder = tiny_images({"benign": 1, "mel": 1})
    assert read_data(folder).table["target"].tolist() == ["benign", "malignant"]
    with pytest.raises(DataError, match=r"no diagnosis\. Fill it in, or train with --set data\.task=binary"):
        read_data(folder, task="diagnosis")


def test_split_folders_beside_class_folders_are_ambiguous(tiny_images: Maker) -> None:
    folder = tiny_images({"train/benign": 1, "train/malignant": 1, "benign": 1})
    with pytest.raises(DataError, match=r"read in two ways: folders of splits \(train\) or of classes \(benign\)"):
        read_data(folder)


def test_two_folders_for_one_split_are_refused(tiny_images: Maker) -> None:
    with pytest.raises(DataError, match=r"2 folders for the split 'val': val, validation\. Keep one"):
        read_data(tiny_images({"train/benign": 1, "val/benign": 1, "validation/malignant": 1}))


def test_a_folder_around_the_data_is_pointed_out(tiny_images: Maker, tmp_path: Path) -> None:
    tiny_images({"train/benign": 1, "train/malignant": 1}, folder=tmp_path / "archive" / "data")
    with pytest.raises(DataError, match=r"Or did you mean .*archive/data\?"):
        read_data(tmp_path / "archive")


def test_a_folder_that_cannot_be_listed_is_refused(tiny_images: Maker, monkeypatch) -> None:
    folder = tiny_images({"benign": 1, "malignant": 1})

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(DataError, match=r"cannot be listed: Permission denied\. Check its permissions"):
        read_data(folder)


def test_an_unknown_task_a_single_image_and_a_foreign_file_are_refused(tiny_images: Maker, tmp_path: Path) -> None:
    folder = tiny_images({"benign": 1, "malignant": 1})
    with pytest.raises(DataError, match=r"unknown task 'regression'"):
        read_data(folder, task="regression")  # type: ignore[arg-type]
    with pytest.raises(DataError, match=r"0\.jpg is one image"):
        read_data(folder / "benign" / "0.jpg")
    (tmp_path / "table.docx").touch()
    with pytest.raises(DataError, match=r"is not a table: its name must end in \.csv"):
        read_data(tmp_path / "table.docx")


@pytest.mark.real_data
def test_the_original_binary_set_has_its_split_and_ids_of_its_own(shared_data: Path) -> None:
    manifest = read_data(shared_data / "isic-binary")
    assert manifest.counts().to_dict() == {
        "train": {"benign": 1440, "malignant": 1197},
        "test": {"benign": 360, "malignant": 300},
    }
    assert manifest.table["image_id"][0].startswith("train-benign-")
    check_leaks(manifest)
