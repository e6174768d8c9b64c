"""Layouts as publishers and hosts deliver them, with invented rows in the published form and empty or tiny images."""

import io
import json
import tarfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from lentigo.data.manifest import Manifest
from lentigo.data.sources import read_data
from lentigo.errors import DataError

Tree = Callable[[Mapping[str, "str | bytes"]], Path]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    """A maker of folders: writes each text to its place; a name that ends in "/" only makes a folder."""
    monkeypatch.setenv("LENTIGO_CACHE", str(tmp_path / "cache"))

    def write(files: Mapping[str, "str | bytes"]) -> Path:
        for name, content in files.items():
            path = tmp_path / "set" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / "set"

    return write


def images(*names: str) -> dict[str, bytes]:
    return {name: b"\xff\xd8\xff" + name.encode() for name in names}


def column(manifest: Manifest, name: str) -> list[object]:
    return manifest.table[name].tolist()


MILK = ("AKIEC", "BCC", "BEN_OTH", "BKL", "DF", "INF", "MAL_OTH", "MEL", "NV", "SCCKA", "VASC")


def milk10k(tree: Tree, classes: Sequence[str] = MILK) -> Path:
    lesions = [f"IL_{number:07d}" for number in range(len(classes))]
    truth = [",".join(["lesion_id", *MILK])]
    truth += [
        ",".join([lesion, *("1.0" if name == shown else "0.0" for name in MILK)])
        for lesion, shown in zip(lesions, classes, strict=True)
    ]
    about, more, files = ["lesion_id,image_type,isic_id,age_approx,sex,site"], ["isic_id,diagnosis_confirm_type"], []
    for number, lesion in enumerate(lesions):
        for kind, isic in (("clinical: close-up", f"ISIC_8{number:06d}"), ("dermoscopic", f"ISIC_5{number:06d}")):
            about.append(f"{lesion},{kind},{isic},55.0,male,trunk")
            more.append(f"{isic},histopathology")
            files.append(f"MILK10k_Training_Input/{lesion}/{isic}.jpg")
    return tree({
        "MILK10k_Training_GroundTruth.csv": "\n".join(truth),
        "MILK10k_Training_Metadata.csv": "\n".join(about),
        "MILK10k_Training_Supplement.csv": "\n".join(more),
        "MILK10k_Test_Metadata.csv": "lesion_id,image_type,isic_id\nIL_9,dermoscopic,ISIC_9000000\n",
        **images(*files, "MILK10k_Test_Input/IL_9/ISIC_9000000.jpg"),
    })  # fmt: skip


def test_milk10k_has_eleven_classes_and_both_photographs_of_each_lesion(tree: Tree) -> None:
    manifest = read_data(milk10k(tree))
    expected = ("MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC", "SCC", "BEN_OTH", "MAL_OTH", "INF")
    assert manifest.classes == expected
    assert manifest.table.groupby("lesion_id").size().tolist() == [2] * 11
    assert set(column(manifest, "dx_type")) == {"histopathology"}
    assert set(column(manifest, "image_type")) == {"clinical: close-up", "dermoscopic"}
    assert {name for name in manifest.table.columns if name in MILK} == set()
    binary = read_data(milk10k(tree), task="binary")
    side_of = dict(zip(column(binary, "diagnosis"), column(binary, "target"), strict=True))
    assert [side_of[code] for code in ("BEN_OTH", "MAL_OTH", "INF")] == ["benign", "malignant", "benign"]


def test_a_lesion_of_a_truth_without_photographs_is_named(tree: Tree) -> None:
    folder = milk10k(tree)
    table = folder / "MILK10k_Training_Metadata.csv"
    table.write_text("\n".join(line for line in table.read_text().splitlines() if "IL_0000003" not in line))
    with pytest.raises(DataError, match=r"Metadata\.csv has no image of 1 lesion of MILK10k.*: IL_0000003"):
        read_data(folder)
    table.unlink()
    with pytest.raises(DataError, match=r"lists lesions, not images, and no table beside it links"):
        read_data(folder)


DERM7PT = "case_num,diagnosis,seven_point_score,location,sex,clinic,derm"


def derm7pt(tree: Tree, test: str = "3") -> Path:
    rows = [
        "1,basal cell carcinoma,0,back,male,NEL/Nel026c.jpg,NEL/Nel025.jpg",
        "2,melanosis,2,back,male,FAL/c.jpg,FAL/d.JPG",
        "3,miscellaneous,2,back,male,FAL/c2.jpg,FAL/d2.jpg",
        "4,melanoma (in situ),4,back,female,FAL/c3.jpg,FAL/d3.jpg",
    ]
    return tree({
        "meta/meta.csv": "\n".join([DERM7PT, *rows]),
        "meta/train_indexes.csv": "indexes\n0\n1\n",
        "meta/valid_indexes.csv": "indexes\n2\n",
        "meta/test_indexes.csv": f"indexes\n{test}\n",
        **images("images/Nel/Nel025.jpg", "images/NEL/Nel026c.jpg", "images/FAL/d.jpg", "images/FAL/d3.jpg"),
    })  # fmt: skip


def test_derm7pt_is_read_by_its_dermoscopic_half_and_its_lists(tree: Tree, caplog: pytest.LogCaptureFixture) -> None:
    folder = derm7pt(tree)
    for manifest in (read_data(folder), read_data(folder / "meta" / "meta.csv")):
        assert column(manifest, "image_id") == ["Nel025", "d", "d3"]
        assert column(manifest, "diagnosis") == ["BCC", "BEN_OTH", "MEL"]
        assert column(manifest, "split") == ["train", "train", "test"]
        assert set(column(manifest, "image_type")) == {"dermoscopic"}
        assert manifest.paths[0] == folder / "images/Nel/Nel025.jpg"
    assert "excluded 1 case whose diagnosis is 'miscellaneous'" in caplog.text
    assert "the clinical photographs are not" in caplog.text


def test_lists_of_derm7pt_that_leave_a_case_out_are_refused(tree: Tree) -> None:
    with pytest.raises(DataError, match="has lists for 4 of the 4 cases|lists 4 of the 4 cases"):
        read_data(derm7pt(tree, test="2"))
    with pytest.raises(DataError, match=r"test_indexes\.csv names rows that meta\.csv does not have"):
        read_data(derm7pt(tree, test="7"))


def test_ph2_is_read_by_its_text_file_and_without_its_masks(tree: Tree) -> None:
    lines = [
        "||   Name || Histological Diagnosis || Clinical Diagnosis || Asymmetry || Colors ||",
        "|| IMD003 ||                        ||                  0 ||         0 || 4     ||",
        "|| IMD058 || Melanoma               ||                  2 ||         2 || 3 4   ||",
        "Legends:",
    ]
    places = [f"PH2 Dataset images/{case}/{case}_{what}" for case in ("IMD003", "IMD058") for what in ("", "lesion")]
    files = [
        f"{place.removesuffix('_')}_Dermoscopic_Image/{place[19:25]}.bmp" if place.endswith("_") else f"{place}/x.bmp"
        for place in places
    ]
    folder = tree({"PH2Dataset/PH2_dataset.txt": "\n".join(lines)} | images(*(f"PH2Dataset/{file}" for file in files)))
    manifest = read_data(folder)
    assert column(manifest, "image_id") == ["IMD003", "IMD058"]
    assert column(manifest, "diagnosis") == ["NV", "MEL"]
    assert len(read_data(folder / "PH2Dataset" / "PH2_dataset.txt")) == 2


def test_ddi_is_benign_and_malignant_with_a_code_where_one_agrees(tree: Tree) -> None:
    rows = [
        ",DDI_ID,DDI_file,skin_tone,malignant,disease",
        "0,1,000001.png,56,True,melanoma-in-situ",
        "1,2,000002.png,12,False,verruca-vulgaris",
        "2,3,000003.png,34,True,mycosis-fungoides",
        "3,4,000004.png,34,False,melanocytic-nevi",
    ]
    folder = tree({"ddi_metadata.csv": "\n".join(rows)} | images(*(f"00000{n}.png" for n in range(1, 5))))
    manifest = read_data(folder)
    assert column(manifest, "target") == ["malignant", "benign", "malignant", "benign"]
    assert column(manifest, "diagnosis") == ["MEL", None, None, "NV"]
    assert column(manifest, "skin_type") == ["V-VI", "I-II", "III-IV", "III-IV"]
    assert column(manifest, "disease")[2] == "mycosis-fungoides"


def test_fitzpatrick17k_keeps_what_was_downloaded_and_says_what_counts_as_benign(
    tree: Tree, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [
        "md5hash,fitzpatrick_scale,fitzpatrick_centaur,label,nine_partition_label,three_partition_label,qc,url",
        "aa,3,3,psoriasis,inflammatory,non-neoplastic,,u",
        "bb,-1,4,melanoma,malignant melanoma,malignant,,u",
        "cc,5,5,lentigo maligna,malignant melanoma,malignant,,u",
    ]
    folder = tree({"fitzpatrick17k.csv": "\n".join(rows)} | images("data/finalfitz17k/aa.jpg", "data/bb.jpg"))
    manifest = read_data(folder)
    assert column(manifest, "target") == ["benign", "malignant"]
    assert column(manifest, "skin_type") == ["III", None]
    assert column(manifest, "diagnosis") == [None, "MEL"]
    assert "1 non-neoplastic images (inflammation and the like) count as benign" in caplog.text
    assert "excluded because not downloaded: 1 of 3 images" in caplog.text


def test_mra_midas_is_read_by_pathology_and_its_records_stay_together(
    tree: Tree, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [
        (
            ",midas_record_id,midas_file_name,midas_iscontrol,midas_distance,midas_location,midas_path,midas_gender"
            ",midas_age,midas_fitzpatrick"
        ),
        '0,7,s-prd-1.jpg,no,6in,back,malignant- bcc,female,61,"ii fair skin, blue eyes"',
        "1,7,s-prd-2.jpg,no,dscope,back,malignant- bcc,female,61,",
        "2,8,s-prd-3.jpeg,yes,1ft,arm,,male,40,",
        "3,9,s-prd-4.jpg,no,dscope,arm,benign-melanocytic nevus,male,40,",
        '4,9,s-prd-5.jpg,no,dscope,arm,"other- melanocytic lesion, possible re-excision (severe, spitz, aimp)",male,,',
        "5,9,s-prd-6.jpg,no,dscope,arm,malignant- ak,male,40,",
    ]
    rows[0] = rows[0].replace("AGE_TONE", "midas_age,midas_fitzpatrick")
    folder = tree({"release_midas.csv": "\n".join(rows)} | images(*(f"s-prd-{n}.jpg" for n in (1, 2, 4, 5, 6))))
    manifest = read_data(folder)
    assert column(manifest, "diagnosis") == ["BCC", "BCC", "NV", "AK"]
    assert column(manifest, "image_type") == ["clinical", "dermoscopic", "dermoscopic", "dermoscopic"]
    assert column(manifest, "lesion_id") == ["7", "7", "9", "9"]
    assert column(manifest, "skin_type")[0] == "II"
    assert "excluded 2 images of controls or without a clear pathology" in caplog.text


def test_bcn20000_is_read_by_its_training_table(tree: Tree, caplog: pytest.LogCaptureFixture) -> None:
    head = "bcn_filename,age_approx,anatom_site_general,diagnosis,lesion_id,capture_date,sex,split"
    rows = ["BCN_0.jpg,55.0,back,MEL,BCN_L1,2012-05-16,male,train", "BCN_1.jpg,50.0,arm,NV,BCN_L2,2012-05-16,,train"]
    folder = tree({
        "bcn_20k_train.csv": "\n".join([head, *rows]),
        "bcn_20k_test.csv": "bcn_filename,age_approx,anatom_site_general,sex,split\nBCN_2.jpg,40,arm,male,test",
        **images("BCN_20k_train/bcn_20k_train/BCN_0.jpg", "BCN_20k_train/bcn_20k_train/BCN_1.jpg"),
    })  # fmt: skip
    manifest = read_data(folder)
    assert column(manifest, "image_id") == ["BCN_0", "BCN_1"]
    assert (column(manifest, "diagnosis"), manifest.has_split) == (["MEL", "NV"], False)
    assert "bcn_20k_train.csv is read; not used: bcn_20k_test.csv" in caplog.text


def test_isic_2024_as_kaggle_has_it_is_read_by_the_only_table_with_classes(
    tree: Tree, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tree({
        "train-metadata.csv": "isic_id,target,patient_id\na,0,P1\nb,1,P2\n",
        "test-metadata.csv": "isic_id,patient_id\nz,P3\n",
        "sample_submission.csv": "isic_id,target\nz,0.3\n",
        "hmnist_8_8_L.csv": "pixel0000,label\n3,1\n",
        **images("train-image/image/a.jpg", "train-image/image/b.jpg"),
    })  # fmt: skip
    assert column(read_data(folder), "target") == ["benign", "malignant"]
    assert "sample_submission.csv (holds scores and no classes (0.3))" in caplog.text
    assert "test-metadata.csv (no column says what the images show)" in caplog.text


@pytest.mark.parametrize("kind", ["metadata.csv", "metadata.jsonl"])
def test_hugging_face_image_folders_are_read_by_the_table_in_each_split(tree: Tree, kind: str) -> None:
    def table(*rows: tuple[str, str]) -> str:
        if kind.endswith("csv"):
            return "file_name,label\n" + "".join(f"{name},{label}\n" for name, label in rows)
        return "".join(json.dumps({"file_name": name, "label": label}) + "\n" for name, label in rows)

    folder = tree({
        f"train/{kind}": table(("0.jpg", "nevus"), ("deep/1.jpg", "melanoma")),
        f"validation/{kind}": table(("0.jpg", "nevus"), ("1.jpg", "melanoma")),
        f"test/{kind}": table(("x.jpg", "nevus"), ("y.jpg", "melanoma")),
        "README.md": "# a card",
        **images("train/0.jpg", "train/deep/1.jpg", "validation/0.jpg", "validation/1.jpg", "test/x.jpg", "test/y.jpg"),
    })  # fmt: skip
    manifest = read_data(folder)
    assert column(manifest, "split") == ["train", "train", "val", "val", "test", "test"]
    assert column(manifest, "image_id") == ["train-0", "train-1", "val-0", "val-1", "x", "y"]
    assert column(manifest, "diagnosis") == ["NV", "MEL"] * 3


def test_a_file_per_split_is_read_as_splits_and_shards_of_parquet_as_one_set(tree: Tree) -> None:
    folder = tree({
        "train.csv": "image,dx\na.jpg,nv\nb.jpg,mel\n",
        "valid.csv": "image,dx\nc.jpg,nv\n",
        "test.csv": "image,dx\nd.jpg,mel\n",
        **images(*(f"images/{name}.jpg" for name in "abcd")),
    })  # fmt: skip
    assert column(read_data(folder), "split") == ["train", "train", "val", "test"]
    (folder / "other.csv").write_text("image,dx\na.jpg,nv\n")
    with pytest.raises(DataError, match="can be read in 4 ways"):
        read_data(folder)


def parquet(path: Path, labels: Sequence[int], *, first: int = 0, names: Sequence[str] = ("nevus", "melanoma")) -> None:
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    rows = [{"bytes": b"\xff\xd8\xff%d" % (first + n), "path": None} for n in range(len(labels))]
    feature = {"image": {"_type": "Image"}, "label": {"names": list(names), "_type": "ClassLabel"}}
    about = {"huggingface": json.dumps({"info": {"features": feature}})}
    table = pa.table({"image": rows, "label": pa.array(labels, pa.int64())}).replace_schema_metadata(about)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)


def test_images_in_parquet_become_files_of_their_content_with_class_names(tree: Tree, tmp_path: Path) -> None:
    folder = tree({"README.md": "a card"})
    parquet(folder / "data" / "train-00000-of-00002.parquet", [0, 1])
    parquet(folder / "data" / "train-00001-of-00002.parquet", [1], first=2)
    parquet(folder / "data" / "test-00000-of-00001.parquet", [0, 1], first=1)
    manifest = read_data(folder)
    assert column(manifest, "diagnosis") == ["NV", "MEL", "MEL", "NV", "MEL"]
    assert column(manifest, "split") == ["train"] * 3 + ["test"] * 2
    assert column(manifest, "image_id")[0] == "train-00000-of-00002-0"
    assert all(path.is_relative_to(tmp_path / "cache" / "extracted") for path in manifest.paths)
    assert manifest.paths[1] == manifest.paths[3]  # the same bytes are the same file
    manifest.write(tmp_path / "manifest.csv")
    assert read_data(tmp_path / "manifest.csv").paths == manifest.paths
    alone = read_data(folder / "data" / "train-00000-of-00002.parquet")
    assert (len(alone), alone.has_split) == (2, False)


def test_an_extracted_file_that_was_cut_is_written_again(tree: Tree) -> None:
    folder = tree({"README.md": "a card"})
    parquet(folder / "a.parquet", [0, 1])
    first = read_data(folder / "a.parquet").paths[0]
    whole = first.read_bytes()
    first.write_bytes(whole[:2])
    assert read_data(folder / "a.parquet").paths[0].read_bytes() == whole


def tar(path: Path, files: Mapping[str, bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def test_web_dataset_shards_are_read_by_the_names_of_their_samples(tree: Tree) -> None:
    folder = tree({"README.md": ""})
    meta = json.dumps({"lesion_id": "L1", "age": 55.0}).encode()
    tar(
        folder / "train-000000.tar",
        {"0.jpg": b"\xff\xd8\xffa", "0.cls": b"0", "1.jpg": b"\xff\xd8\xffb", "1.cls": b"1"},
    )
    tar(folder / "val-000000.tar", {"0.jpg": b"\xff\xd8\xffc", "0.cls": b"1", "0.json": meta, "./.DS_Store": b""})
    manifest = read_data(folder)
    assert column(manifest, "image_id") == ["train-000000-0", "train-000000-1", "val-000000-0"]
    assert column(manifest, "target") == ["benign", "malignant", "malignant"]
    assert column(manifest, "split") == ["train", "train", "val"]
    assert (column(manifest, "lesion_id")[2], column(manifest, "age")[2]) == ("L1", 55)
    assert manifest.paths[2].read_bytes() == b"\xff\xd8\xffc"
    (folder / "val-000000.tar").write_bytes(b"not a tar file")
    with pytest.raises(DataError, match=r"val-000000\.tar is damaged or is not a tar file"):
        read_data(folder)


def test_roboflow_versions_of_an_image_are_one_lesion(tree: Tree) -> None:
    head = "filename, melanoma, nevus"
    folder = tree({
        "train/_classes.csv": f"{head}\nA_jpg.rf.11.jpg, 1, 0\nA_jpg.rf.12.jpg, 1, 0\nB_jpg.rf.13.jpg, 0, 1\n",
        "valid/_classes.csv": f"{head}\nB_jpg.rf.14.jpg, 0, 1\nC_jpg.rf.15.jpg, 1, 0\n",
        "README.roboflow.txt": "",
        **images("train/A_jpg.rf.11.jpg", "train/A_jpg.rf.12.jpg", "train/B_jpg.rf.13.jpg", "valid/B_jpg.rf.14.jpg"),
        **images("valid/C_jpg.rf.15.jpg"),
    })  # fmt: skip
    manifest = read_data(folder)
    assert column(manifest, "diagnosis") == ["MEL", "MEL", "NV", "NV", "MEL"]
    assert column(manifest, "lesion_id") == ["A_jpg", "A_jpg", "B_jpg", "B_jpg", "C_jpg"]
    (folder / "valid" / "_classes.csv").write_text(f"{head}\nB_jpg.rf.14.jpg, 1, 1\n")
    with pytest.raises(DataError, match=r"1 image has no class or several: B_jpg\.rf\.14\.jpg"):
        read_data(folder)


def test_an_excel_table_beside_its_images_is_read(tree: Tree) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    folder = tree(images("images/0012.jpg", "images/0013.jpg"))
    book = openpyxl.Workbook()
    for row in (["image_id", "diagnosis", "age"], [12, "nv", "61,5"], [13, "mel", "70"]):
        book.active.append(row)
    book.save(folder / "data.xlsx")
    manifest = read_data(folder)
    assert column(manifest, "age") == [61.5, 70]
    assert [path.name for path in manifest.paths] == ["0012.jpg", "0013.jpg"]


def test_a_table_in_a_folder_of_its_own_is_read_when_it_is_the_only_one(
    tree: Tree, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tree({"labels/all.csv": "image_id,dx\na,nv\nb,mel\n", **images("pictures/a.jpg", "pictures/b.jpg")})
    assert column(read_data(folder), "diagnosis") == ["NV", "MEL"]
    assert "has no table of its own;" in caplog.text


def test_tables_that_are_not_understood_are_named_with_the_reason_and_the_setting(tree: Tree) -> None:
    folder = tree({
        "findings.csv": "number,finding\n1,mole\n",
        "deep/list.csv": "image_id,age\na,4\n",
        "old.xls": b"\xd0\xcf",
        **images("a.jpg", "b.jpg"),
    })  # fmt: skip
    with pytest.raises(DataError) as raised:
        read_data(folder)
    said = str(raised.value)
    assert "has no images" not in said
    assert "has 2 images, but no class folders around them and no table" in said
    assert "- findings.csv: no column names images; its columns: 'number', 'finding'" in said
    assert "- deep/list.csv: names images but has no column of diagnoses or labels" in said
    assert "- old.xls: .xls files are not read; save it as CSV or .xlsx" in said
    assert "--set data.columns.image_id=COLUMN --set data.columns.diagnosis=COLUMN" in said
