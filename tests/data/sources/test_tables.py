import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from lentigo.data.manifest import Manifest, check_leaks
from lentigo.data.sources import read_data
from lentigo.errors import DataError, LeakageError, ManifestError, MissingExtraError
from lentigo.taxonomy import Taxonomy

Writer = Callable[..., Path]
ABC = ("a.jpg", "b.jpg", "c.jpg")


def test_a_ham10000_folder_as_published_in_two_parts(write_set: Writer) -> None:
    lines = [
        "lesion_id,image_id,dx,dx_type,age,sex,localization",
        "HAM_1,ISIC_1,bkl,histo,80.0,male,scalp",
        "HAM_1,ISIC_2,bkl,histo,,unknown,unknown",
        "HAM_2,ISIC_3,akiec,follow_up,40.0,female,back",
        "HAM_3,ISIC_4,nv,consensus,0.0,female,ear",
    ]
    images = ["HAM10000_images_part_1/ISIC_1.jpg", "HAM10000_images_part_1/ISIC_2.jpg"]
    images += ["HAM10000_images_part_2/ISIC_3.jpg", "HAM10000_images_part_2/ISIC_4.jpg"]
    folder = write_set(lines, images=images, name="HAM10000_metadata.csv")
    manifest = read_data(folder)
    assert manifest.classes == ("NV", "AKIEC", "BKL")
    assert manifest.table["site"].tolist() == ["scalp", None, "back", "ear"]
    assert manifest.table["sex"].tolist() == ["male", None, "female", "female"]
    assert manifest.table["age"].tolist()[3] == 0
    assert manifest.paths[2] == folder / images[2]
    assert len(set(manifest.groups()[0])) == 3
    assert read_data(folder, task="binary").targets.tolist() == [0, 0, 1, 0]


def test_the_ham10000_table_without_a_suffix_is_recognised(write_set: Writer) -> None:
    lines = ["image_id,dx", "a,nv", "b,mel", "c,xx"]
    folder = write_set(lines, images=ABC, name="HAM10000_metadata")
    with pytest.raises(DataError, match=r"HAM10000_metadata line 4: unknown diagnosis 'xx'"):
        read_data(folder)


def test_an_isic_archive_folder_with_its_hierarchy_of_diagnoses(write_set: Writer) -> None:
    lines = [
        "isic_id,age_approx,sex,anatom_site_general,lesion_id,patient_id,diagnosis_1,diagnosis_2,diagnosis_3,diagnosis_4",
        'a,45,f,head/neck,IL_1,IP_1,Malignant,Malignant melanocytic proliferations (Melanoma),Melanoma Invasive,"x, y"',
        "b,30,m,lower extremity,IL_2,IP_1,Benign,Benign melanocytic proliferations,Nevus,Unheard of",
        "c,30,m,,IL_3,IP_2,Benign,Benign soft tissue proliferations - Adipocytic,Lipoma,",
        "d,30,m,,IL_4,IP_3,Benign,,,",
        "e,30,m,,IL_5,IP_4,Indeterminate,Indeterminate epidermal proliferations,Solar or actinic keratosis,",
    ]
    images = ["images/a.jpg", "train/nevus/b.PNG", "c.jpeg", "x/y/d.tiff", "e.webp"]
    manifest = read_data(write_set(lines, images=images))
    assert manifest.table["diagnosis"].tolist() == ["MEL", "NV", "UNK", None, "AK"]
    assert manifest.table["target"].tolist() == ["malignant", "benign", "benign", "benign", "benign"]
    assert manifest.table["sex"].tolist() == ["female", "male", "male", "male", "male"]
    assert manifest.groups()[1] == "patient"


def test_isic_2020_states_the_target_as_0_and_1(write_set: Writer) -> None:
    lines = [
        "image_name,patient_id,sex,age_approx,anatom_site_general_challenge,diagnosis,benign_malignant,target",
        "a,IP_1,male,45.0,torso,unknown,benign,0",
        "b,IP_2,female,45.0,torso,melanoma,malignant,1",
        "c,IP_3,female,45.0,torso,nevus,benign,0",
    ]
    manifest = read_data(write_set(lines, images=ABC, name="train.csv"))
    assert manifest.classes == ("benign", "malignant")
    assert manifest.targets.tolist() == [0, 1, 0]
    assert manifest.table["diagnosis"].tolist() == ["UNK", "MEL", "NV"]


def test_a_one_hot_ground_truth_is_joined_with_the_metadata_beside_it(write_set: Writer) -> None:
    write_set(["image,age_approx,lesion_id", "a,30,L1", "c,50,L1"], name="ISIC_2019_Training_Metadata.csv")
    truth = ["image,MEL,NV,BCC,UNK", "a,1.0,0.0,0.0,0.0", "b,0.0,1.0,0.0,0.0", "c,0.0,0.0,1.0,0.0"]
    manifest = read_data(
        write_set(truth, images=[f"input/{n}" for n in ABC], name="ISIC_2019_Training_GroundTruth.csv")
    )
    assert manifest.table["diagnosis"].tolist() == ["MEL", "NV", "BCC"]
    assert manifest.table["lesion_id"].tolist() == ["L1", None, "L1"]
    assert manifest.table["age"].isna().tolist() == [False, True, False]
    assert "MEL" not in manifest.table.columns


def test_isic_2017_ground_truth_calls_what_is_neither_a_nevus(write_set: Writer) -> None:
    lines = ["image_id,melanoma,seborrheic_keratosis", "a,1.0,0.0", "b,0.0,1.0", "c,0.0,0.0"]
    folder = write_set(lines, images=ABC, name="ISIC-2017_Training_Part3_GroundTruth.csv")
    assert read_data(folder).table["diagnosis"].tolist() == ["MEL", "BKL", "NV"]


def test_predictions_are_not_taken_for_a_ground_truth(write_set: Writer) -> None:
    folder = write_set(["image,MEL,NV", "a,0.7,0.3", "b,0,1", "c,1,1"], images=ABC)
    with pytest.raises(
        DataError, match=r"lines 2, 4: the columns MEL, NV do not mark exactly one diagnosis\. Predictions are no"
    ):
        read_data(folder)


def test_labels_of_sides_become_targets_and_others_diagnoses(write_set: Writer) -> None:
    sides = write_set(["image,label", "a.jpg,benign", "b.jpg,Malignant", "c.jpg,benign"], images=ABC)
    assert read_data(sides).targets.tolist() == [0, 1, 0]
    assert read_data(sides).table["image_id"].tolist() == ["a", "b", "c"]
    codes = write_set(["image;class;Subject ID", "a;nv;1", "b;mel;1", "c;bkl;2"], images=ABC)
    assert read_data(codes).classes == ("MEL", "NV", "BKL")
    assert read_data(codes).table["patient_id"].tolist() == ["1", "1", "2"]
    named_diagnosis = write_set(["image,diagnosis", "a,benign", "b,malignant", "c,benign"], images=ABC)
    assert read_data(named_diagnosis).targets.tolist() == [0, 1, 0]


def test_a_manifest_reads_back_with_the_task_it_was_written_for(write_set: Writer, tmp_path: Path) -> None:
    folder = write_set(["image_id,dx,split", "a,nv,Training", "b,mel,valid", "c,bkl,test"], images=ABC)
    for task in ("binary", "diagnosis"):
        manifest = read_data(folder, task=task)
        manifest.write(tmp_path / task / "manifest.csv")
        again = read_data(tmp_path / task)
        pd.testing.assert_frame_equal(again.table, manifest.table)
        assert again.table["split"].tolist() == ["train", "val", "test"]


def test_a_parquet_table_reads_like_the_csv(write_set: Writer, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    folder = write_set(["image_id,dx,age,lesion_id", "a,nv,30,1", "b,mel,,", "c,bkl,7,2"], images=ABC)
    expected = read_data(folder).table
    pd.read_csv(folder / "metadata.csv").to_parquet(folder / "metadata.parquet")  # numbers, with NaN in lesion_id
    (folder / "metadata.csv").unlink()
    pd.testing.assert_frame_equal(read_data(folder).table, expected)
    pd.testing.assert_frame_equal(read_data(folder / "metadata.parquet").table, expected)


def test_parquet_without_pyarrow_names_the_extra(write_set: Writer, monkeypatch) -> None:
    folder = write_set([], images=ABC, name="metadata.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pip install .*\[parquet\]'"):
        read_data(folder)


def test_a_broken_parquet_file_and_its_rows_are_named(write_set: Writer) -> None:
    pytest.importorskip("pyarrow")
    folder = write_set(["this is not a parquet"], name="metadata.parquet")
    with pytest.raises(ManifestError, match=r"is not a Parquet table: .*Write it again, or give a CSV"):
        read_data(folder)
    frame = pd.DataFrame({"image_id": ["a", "b", "c"], "dx": ["nv", "melanomma", "mel"]})
    for name in ABC:
        (folder / name).touch()
    frame.to_parquet(folder / "metadata.parquet")
    with pytest.raises(DataError, match=r"metadata\.parquet row 2: unknown diagnosis 'melanomma'"):
        read_data(folder)


def test_all_problems_of_a_table_are_told_at_once_with_their_lines(write_set: Writer) -> None:
    lines = [
        "image_id,path,dx,age,split",
        "a,a.jpg,melanomma,30,train",
        "a,b.jpg,nv,-3,trian",
        ",../c.jpg,nv,30,train",
        "d,gone.jpg,,30,train",
        "e,,mel,30,train",
    ]
    with pytest.raises(DataError) as raised:
        read_data(write_set(lines, images=ABC))
    message = str(raised.value)
    assert "metadata.csv has 9 problems" in message
    for part in (
        "line 2: unknown diagnosis 'melanomma'. Did you mean 'melanoma' (MEL)?",
        "lines 2, 3: duplicate image_id: a.",
        "line 3: unknown split 'trian'. Did you mean 'train'?",
        "line 3: age is not a number of years from 0 to 120: -3.",
        "line 4: no image_id.",
        "line 4: path leads outside the table's folder: ../c.jpg.",
        "line 5: 1 image file does not exist: gone.jpg.",
        "line 6: no path.",
    ):
        assert part in message


def test_lines_are_right_after_blank_lines_and_line_breaks_in_quotes(write_set: Writer) -> None:
    lines = ["image_id,dx,note", "a,nv,x", "", ",,", 'b,mel,"two', 'lines"', "c,melanomma,x"]
    with pytest.raises(DataError, match=r"metadata\.csv line 7: unknown diagnosis"):
        read_data(write_set(lines, images=ABC))


def test_duplicate_ids_are_refused(write_set: Writer) -> None:
    with pytest.raises(DataError, match=r"metadata\.csv lines 2, 4: duplicate image_id: a\. Every image needs"):
        read_data(write_set(["image_id,dx", "a,nv", "b,mel", "a.jpg,nv"], images=ABC))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (",nv", "line 3: no image_id"),
        ("NaN,nv", "line 3: no image_id"),
        ("b,", r"line 3: 1 image without a diagnosis or a label: empty \(1\)"),
        ("b,nan", r"line 3: 1 image without a diagnosis or a label: 'nan' \(1\)"),
        ("b,N/A", r"line 3: 1 image without a diagnosis or a label: 'N/A' \(1\)"),
        ("b,-", r"line 3: 1 image without a diagnosis or a label: '-' \(1\)"),
    ],
)
def test_nan_in_an_id_or_a_diagnosis_is_refused(write_set: Writer, row: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_data(write_set(["image_id,dx", "a,nv", row, "c,mel"], images=ABC))


def test_nan_in_a_label_or_in_a_diagnosis_that_the_task_needs_is_refused(write_set: Writer) -> None:
    with pytest.raises(
        DataError, match=r"line 3: 1 image without a diagnosis or a label: empty \(1\)\. Fill in a column 'diag"
    ):
        read_data(write_set(["image_id,label", "a,benign", "b,", "c,malignant"], images=ABC))
    folder = write_set(["image_id,dx", "a,nv", "b,", "c,mel"], images=ABC)
    with pytest.raises(DataError, match=r"line 3: no diagnosis\. Fill it in, or train with --set data\.task=binary"):
        read_data(folder, task="diagnosis")


def test_a_diagnosis_on_neither_side_needs_a_label_for_the_binary_task(write_set: Writer) -> None:
    folder = write_set(["image_id,dx", "a,scar", "b,nv", "c,mel"], images=ABC)
    with pytest.raises(
        DataError, match=r"line 2: neither benign nor malignant by the diagnosis \(UNK\): 'scar' \(1\)\. Fill in"
    ):
        read_data(folder)
    assert read_data(folder, task="diagnosis").classes == ("MEL", "NV", "UNK")
    labelled = write_set(["image_id,dx,benign_malignant", "a,scar,benign", "b,nv,", "c,mel,malignant"], images=ABC)
    assert read_data(labelled).targets.tolist() == [0, 0, 1]
    typo = write_set(["image_id,dx,benign_malignant", "a,scar,bening", "b,nv,", "c,mel,malignant"], images=ABC)
    with pytest.raises(DataError, match=r"line 2: neither benign nor malignant: bening\. Write benign or malignant"):
        read_data(typo)


def test_labels_that_contradict_the_diagnosis_are_refused(write_set: Writer) -> None:
    folder = write_set(
        ["image_id,dx,benign_malignant", "a,nv,malignant", "b,ak,malignant", "c,mel,malignant"], images=ABC
    )
    with pytest.raises(DataError, match=r"line 2: label contradicts the diagnosis: NV labelled malignant\."):
        read_data(folder)
    # `target` is stated by the user, so that there the side of AK has to agree as well
    folder = write_set(["image_id,dx,target", "a,nv,benign", "b,ak,malignant", "c,mel,1"], images=ABC)
    with pytest.raises(DataError, match=r"line 3: label contradicts the diagnosis: AK labelled malignant.*data\.ak="):
        read_data(folder)
    assert read_data(folder, taxonomy=Taxonomy(ak="malignant")).targets.tolist() == [0, 1, 1]
    folder = write_set(["image_id,dx,target", "a,nv,nv", "b,mel,nv", "c,bkl,bkl"], images=ABC)
    with pytest.raises(DataError, match=r"line 3: target contradicts the diagnosis: MEL with target NV"):
        read_data(folder)


def test_one_class_only_is_refused(write_set: Writer) -> None:
    with pytest.raises(DataError, match=r"every image is 'NV'|every image is 'benign'"):
        read_data(write_set(["image_id,dx", "a,nv", "b,nv", "c,nv"], images=ABC))


def test_paths_outside_missing_or_absolute(write_set: Writer, tmp_path: Path) -> None:
    (tmp_path / "other.jpg").touch()
    outside = write_set(["path,dx", "a.jpg,nv", "x/../../other.jpg,mel"], images=ABC)
    with pytest.raises(
        DataError, match=r"line 3: path leads outside the table's folder: x/\.\./\.\./other\.jpg\. Paths are"
    ):
        read_data(outside)
    absolute = write_set(["path,dx", "a.jpg,nv", f"{tmp_path}/other.jpg,mel"], images=ABC)
    assert read_data(absolute).table["image_id"].tolist() == ["a", "other"]
    missing = write_set(["path,dx", "a.jpg,nv", "gone/b.jpg,mel", "images,mel"], images=ABC)
    with pytest.raises(
        DataError, match=r"lines 3, 4: 2 image files do not exist: gone/b\.jpg, images\. Paths are relative"
    ):
        read_data(missing)


def test_columns_without_any_value_are_an_error_and_no_crash(write_set: Writer) -> None:
    with pytest.raises(DataError, match=r"lines 2, 3: no path"):
        read_data(write_set(["image_id,path,dx", "a,,nv", "b,,mel"], images=ABC))
    with pytest.raises(DataError, match=r"has no labels"):
        read_data(write_set(["image_id,diagnosis_1,target,sex,age,split", "a,,,,,", "b,,,,,"], images=ABC))
    table = read_data(
        write_set(["image_id,dx,lesion_id,sex,age,split,note", "a,nv,,,,,", "b,mel,,,,,"], images=ABC)
    ).table
    assert table[["lesion_id", "sex", "age", "split", "note"]].isna().all(axis=None)


def test_paths_alone_give_the_ids_and_backslashes_are_understood(write_set: Writer) -> None:
    images = ("x/1.jpg", "y/1.jpg", "y/2.jpg")
    manifest = read_data(write_set(["path,dx", "x\\1.jpg,nv", "y\\1.jpg,mel", "y/2.jpg,mel"], images=images))
    assert manifest.table["image_id"].tolist() == ["x-1", "y-1", "y-2"]


def test_images_that_are_not_found_or_found_twice_are_named(write_set: Writer) -> None:
    lines = ["image_id,dx", "a,nv", "b,mel", "z,mel"]
    folder = write_set(lines, images=(*ABC, "part_2/b.png"))
    (folder / "part_2/b.png").write_bytes(b"another picture")
    with pytest.raises(DataError) as raised:
        read_data(folder)
    assert "line 4: 1 image is not found: z. An image is searched for below" in str(raised.value)
    assert "line 3: different images with the same name: b. b is at b.jpg, part_2/b.png, which differ." in str(
        raised.value
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"metadata\.csv is empty\. Its first line must name the columns"),
        (b"\n\n", r"metadata\.csv is empty"),
        (b"image_id,dx\n", "has a header and no rows"),
        (b"image_id,dx\na,n\x81vus\n", r"is not a text table\. Save it as CSV in UTF-8"),
        (b"image_id,dx\x00\na,nv\n", "is not a text table"),
        (b"image_id,dx\na,nv\nb,mel,extra\nc\n", r"is not a table: lines 3, 4 should have 2 fields"),
        (b'image_id,dx\na,"nv\n', r"is not a table: line 2: unexpected end of data"),
        (b"image_id,dx,dx\na,nv,nv\n", "has the column 'dx' twice"),
        (
            b"name,dx\na,nv\n",
            r"is not a table of images: it has no column 'image_id' \(or isic_id, .*Its columns are: name, dx",
        ),
        (b"image_id,age\na,3\nb,3\nc,4\n", "has no labels"),
        (b"image_id,dx\na,\nb,\nc,\n", "has no labels"),
        (b"Just some prose.\nAnd more of it.\n", "is not a table of images"),
        (
            b"image_id,image,dx\na,b,nv\n",
            r"columns 'image_id' and 'image' both mean 'image_id', but their values differ",
        ),
    ],
)
def test_files_that_are_no_table_are_refused(write_set: Writer, content: bytes, message: str) -> None:
    folder = write_set([], images=ABC)
    (folder / "metadata.csv").write_bytes(content)
    with pytest.raises(ManifestError if "text table" in message else DataError, match=message):
        read_data(folder / "metadata.csv")


def test_a_byte_order_mark_and_semicolons_from_a_spreadsheet_are_understood(write_set: Writer) -> None:
    folder = write_set([], images=ABC)
    (folder / "metadata.csv").write_bytes("\ufeffimage_id;dx\r\na;nv\r\nb;mel\r\nc;bkl\r\n".encode())
    assert read_data(folder).table["diagnosis"].tolist() == ["NV", "MEL", "BKL"]


def test_further_columns_are_kept_and_typed(write_set: Writer) -> None:
    lines = ["image_id,dx,side,truth_hair,truth_mm,rater", "a,nv,left,True,1.5,007", "b,mel,right,False,2,1"]
    table = read_data(write_set(lines, images=ABC)).table
    assert table["side_given"].tolist() == ["left", "right"]
    assert (table["truth_hair"].dtype, table["truth_mm"].dtype) == (bool, float)
    assert table["rater"].tolist() == ["007", "1"]


def test_two_tables_that_both_describe_the_folder_are_ambiguous(write_set: Writer) -> None:
    lines = ["image_id,dx", "a,nv", "b,mel"]
    write_set(lines, images=ABC, name="HAM10000_metadata.csv")
    folder = write_set(lines)
    with pytest.raises(
        DataError, match=r"read in 2 ways: by HAM10000_metadata\.csv, or by metadata\.csv\. Give the one"
    ):
        read_data(folder)
    assert len(read_data(folder / "metadata.csv")) == 2


def test_tables_of_other_names_are_ambiguous_beside_each_other_and_beside_class_folders(write_set: Writer) -> None:
    lines = ["image_id,dx", "a,nv", "b,mel"]
    folder = write_set(lines, images=ABC, name="my study.csv")
    assert len(read_data(folder)) == 2
    write_set(["step,loss", "1,0.1"], name="log.csv")  # no table of images, so no rival
    assert len(read_data(folder)) == 2
    write_set(lines, name="other.csv")
    with pytest.raises(DataError, match=r"by my study\.csv, or by other\.csv"):
        read_data(folder)
    (folder / "other.csv").unlink()
    write_set(lines, images=["benign/1.jpg", "malignant/2.jpg"], name="my study.csv")
    with pytest.raises(DataError, match=r"by my study\.csv, or by the folders benign, malignant"):
        read_data(folder)


@pytest.mark.real_data
def test_ham10000_is_read_whole(shared_data: Path) -> None:
    manifest = read_data(shared_data / "ham10000")
    counts = {"MEL": 1113, "NV": 6705, "BCC": 514, "AKIEC": 327, "BKL": 1099, "DF": 115, "VASC": 142}
    assert manifest.counts()["all"].to_dict() == counts
    groups, unit = manifest.groups()
    assert (unit, len(set(groups))) == ("lesion", 7470)
    assert manifest.table["age"].isna().sum() == manifest.table["sex"].isna().sum() == 57


@pytest.mark.real_data
def test_isic2017_keeps_the_official_split_and_its_shared_lesions_are_found(shared_data: Path, tmp_path: Path) -> None:
    manifest = read_data(shared_data / "isic2017")
    assert manifest.counts().sum().to_dict() == {"train": 2000, "val": 150, "test": 595}
    assert manifest.classes == ("MEL", "NV", "BKL")
    with pytest.raises(
        LeakageError, match=r"2 lesions have images in both train and val: .* 4 lesions .* train and test: "
    ):
        check_leaks(manifest)
    manifest.write(tmp_path / "manifest.csv")
    pd.testing.assert_frame_equal(Manifest.read(tmp_path / "manifest.csv").table, manifest.table)


def test_what_a_table_may_be_is_said_alike_everywhere(tmp_path: Path) -> None:
    from lentigo.data.sources import GIVE_DATA

    assert GIVE_DATA == "Give a folder of images, or a table of them (CSV, Excel, Parquet or JSON Lines)."
    with pytest.raises(DataError) as raised:
        read_data(tmp_path / "none.csv")
    assert str(raised.value).endswith(f"none.csv does not exist. {GIVE_DATA}")
    (tmp_path / "one.jpg").touch()
    with pytest.raises(DataError, match=r"one\.jpg is one image\. Give a folder of images, or a table of them \(CSV"):
        read_data(tmp_path / "one.jpg")
