"""What `fetch` leaves of each known set is what `read_data` reads: with tiny files under the official names."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lentigo.data.fetching import _catalogue as catalogue
from lentigo.data.fetching import fetch, public_sets
from lentigo.data.sources import read_data

HEAD_2018, HEAD_2019 = "image,MEL,NV,BCC,AKIEC,BKL,DF,VASC\n", "image,MEL,NV,BCC,AK,BKL,DF,VASC,SCC,UNK\n"
A, B, C, D = (f"ISIC_000000{number}" for number in range(4))


def one_hot(head: str, *rows: tuple[str, str]) -> bytes:
    names = head.strip().split(",")[1:]
    lines = [",".join([image, *("1.0" if name == code else "0.0" for name in names)]) for image, code in rows]
    return (head + "\n".join(lines) + "\n").encode()


def arrays(side: int) -> bytes:
    stream = io.BytesIO()
    parts = {f"{split}_images": np.zeros((2, side, side, 3), np.uint8) for split in ("train", "val", "test")}
    np.savez(stream, **parts, **{name.replace("images", "labels"): np.array([[4], [5]]) for name in parts})
    return stream.getvalue()


def pictures(folder: str, *names: str, suffix: str = ".jpg") -> dict[str, bytes]:
    return {f"{folder}{name}{suffix}": name.encode() for name in names}


def ham10000(zipped: Callable) -> dict[str, bytes]:
    head = "lesion_id,image_id,dx,dx_type,age,sex,localization,dataset\n"
    table = f"{head}L1,{A},nv,histo,5,male,ear,x\nL2,{B},mel,histo,,,,x\n"
    return {
        "HAM10000_metadata.csv": table.encode(),
        "HAM10000_images_part_1.zip": zipped(pictures("", A)),
        "HAM10000_images_part_2.zip": zipped(pictures("", B)),
    }


def isic2016(zipped: Callable) -> dict[str, bytes]:
    name = "ISBI2016_ISIC_Part3"
    return {
        f"{name}_Training_GroundTruth.csv": f"{A},benign\n{B},malignant\n".encode(),
        f"{name}_Test_GroundTruth.csv": f"{C},0.0\n{D},1.0\n".encode(),
        f"{name}_Training_Data.zip": zipped(pictures(f"{name}_Training_Data/", A, B)),
        f"{name}_Test_Data.zip": zipped(pictures(f"{name}_Test_Data/", C, D)),
    }


def isic2017(zipped: Callable) -> dict[str, bytes]:
    found, head = {}, "image_id,melanoma,seborrheic_keratosis\n"
    for part, image, row in (("Training", A, "1.0,0.0"), ("Validation", B, "0.0,1.0"), ("Test_v2", C, "0.0,0.0")):
        folder = f"ISIC-2017_{part}_Data"
        found[f"ISIC-2017_{part}_Part3_GroundTruth.csv"] = f"{head}{image},{row}\n".encode()
        ages = {f"{folder}/{folder}_metadata.csv": f"image_id,age_approximate,sex\n{image},50,male\n".encode()}
        members = pictures(f"{folder}/", image) | pictures(f"{folder}/", f"{image}_superpixels", suffix=".png") | ages
        found[f"{folder}.zip"] = zipped(members)
    return found


def isic2018(zipped: Callable) -> dict[str, bytes]:
    lesions = f"image,lesion_id,diagnosis_confirm_type\n{A},HAM_1,histopathology\n"
    found = {"ISIC2018_Task3_Training_LesionGroupings.csv": lesions.encode()}
    for part, image, code in (("Training", A, "MEL"), ("Validation", B, "NV"), ("Test", C, "AKIEC")):
        name = f"ISIC2018_Task3_{part}"
        truth = {f"{name}_GroundTruth/{name}_GroundTruth.csv": one_hot(HEAD_2018, (image, code))}
        found[f"{name}_GroundTruth.zip"] = zipped(truth | {f"{name}_GroundTruth/LICENSE.txt": b"CC"})
        found[f"{name}_Input.zip"] = zipped(
            pictures(f"{name}_Input/", image) | {f"{name}_Input/ATTRIBUTION.txt": b"us"}
        )
    return found


def isic2019(zipped: Callable) -> dict[str, bytes]:
    ages = "image,age_approx,anatom_site_general,lesion_id,sex\n"
    return {
        "ISIC_2019_Training_GroundTruth.csv": one_hot(HEAD_2019, (A, "MEL"), (B, "SCC")),
        "ISIC_2019_Training_Metadata.csv": f"{ages}{A},50,,BCN_1,male\n{B},,,,\n".encode(),
        "ISIC_2019_Test_GroundTruth.csv": one_hot(HEAD_2019, (C, "NV"), (D, "UNK")),
        "ISIC_2019_Test_Metadata.csv": f"image,age_approx,anatom_site_general,sex\n{C},9,,\n{D},9,,\n".encode(),
        "ISIC_2019_Training_Input.zip": zipped(pictures("ISIC_2019_Training_Input/", A, B)),
        "ISIC_2019_Test_Input.zip": zipped(pictures("ISIC_2019_Test_Input/", C, D)),
    }


def isic2020(zipped: Callable) -> dict[str, bytes]:
    head = "image_name,patient_id,lesion_id,sex,age_approx,anatom_site_general_challenge,diagnosis,"
    rows = f"{A},IP_1,IL_1,male,45,torso,unknown,benign,0\n{B},IP_2,IL_2,male,45,torso,melanoma,malignant,1\n"
    return {
        "ISIC_2020_Training_GroundTruth_v2.csv": f"{head}benign_malignant,target\n{rows}".encode(),
        "ISIC_2020_Training_Duplicates.csv": f"image_name_1,image_name_2\n{A},{B}\n".encode(),
        "ISIC_2020_Training_JPEG.zip": zipped(pictures("train/", A, B)),
    }


def isic2024(zipped: Callable) -> dict[str, bytes]:
    people = f"isic_id,patient_id,age_approx,sex\n{A},IP_1,60,male\n{B},IP_2,60,male\n".encode()
    folder = "ISIC_2024_Training_Input/"
    return {
        "ISIC_2024_Training_GroundTruth.csv": f"isic_id,malignant\n{A},0.0\n{B},1.0\n".encode(),
        "ISIC_2024_Training_Supplement.csv": f"isic_id,lesion_id,iddx_1\n{A},,Benign\n{B},IL_1,Malignant\n".encode(),
        "ISIC_2024_Training_Input.zip": zipped(pictures(folder, A, B) | {f"{folder}metadata.csv": people}),
    }


def milk10k(zipped: Callable) -> dict[str, bytes]:
    folder = "MILK10k_Training_Input/"
    about = f"lesion_id,image_type,isic_id\nIL_1,dermoscopic,{A}\nIL_1,clinical: close-up,{B}\nIL_2,dermoscopic,{C}\n"
    return {
        "MILK10k_Training_GroundTruth.csv": b"lesion_id,BEN_OTH,MEL\nIL_1,1.0,0.0\nIL_2,0.0,1.0\n",
        "MILK10k_Training_Metadata.csv": about.encode(),
        "MILK10k_Training_Supplement.csv": f"isic_id,diagnosis_confirm_type\n{A},histopathology\n".encode(),
        "MILK10k_Training_Input.zip": zipped(pictures(f"{folder}IL_1/", A, B) | pictures(f"{folder}IL_2/", C)),
    }


def pad_ufes_20(zipped: Callable) -> dict[str, bytes]:
    rows = "".join(f"PAT_{i},{i},{dx},PAT_{i}_{i}_1.png,True,3.0\n" for i, dx in ((1, "ACK"), (2, "MEL"), (3, "SEK")))
    found = {"metadata.csv": f"patient_id,lesion_id,diagnostic,img_id,biopsed,fitspatrick\n{rows}".encode()}
    for i in (1, 2, 3):
        found[f"imgs_part_{i}.zip"] = zipped(pictures(f"imgs_part_{i}/", f"PAT_{i}_{i}_1", suffix=".png"))
    return found


CONTENTS = {
    "ham10000": (ham10000, {"all": 2}),
    "isic2016": (isic2016, {"train": 2, "test": 2}),
    "isic2017": (isic2017, {"train": 1, "val": 1, "test": 1}),
    "isic2018": (isic2018, {"train": 1, "val": 1, "test": 1}),
    "isic2019": (isic2019, {"train": 2, "test": 1}),
    "isic2020": (isic2020, {"all": 2}),
    "isic2024": (isic2024, {"all": 2}),
    "milk10k": (milk10k, {"all": 3}),
    "pad-ufes-20": (pad_ufes_20, {"all": 3}),
    "dermamnist": (lambda _: {"dermamnist.npz": arrays(28)}, {"train": 2, "val": 2, "test": 2}),
    "dermamnist-224": (lambda _: {"dermamnist_224.npz": arrays(224)}, {"train": 2, "val": 2, "test": 2}),
}


def test_every_known_set_of_files_is_tried() -> None:
    """Collections of the archive are tried in `test_archive.py`."""
    assert set(CONTENTS) == {name for name, about in public_sets().items() if about.files}


@pytest.mark.parametrize("name", CONTENTS)
def test_what_is_fetched_can_be_read(name: str, server, make_zip, tmp_path: Path, monkeypatch) -> None:
    make, expected = CONTENTS[name]
    about = public_sets()[name]
    contents = make(make_zip)
    assert set(contents) == {file.name for file in about.files}
    server.files = {f"m/{file}": content for file, content in contents.items()}
    tiny = replace(about, files=tuple(replace(file, checksum="", bytes=1) for file in about.files))
    monkeypatch.setattr(catalogue, "public_sets", lambda: {name: tiny})
    done = fetch(name, tmp_path / name, mirror=f"{server.address}/m")
    manifest = read_data(done.folder, task="binary")
    assert manifest.counts().sum().to_dict() == expected
    assert not list(done.folder.rglob("*superpixels*"))
    assert all(path.is_file() for path in manifest.paths)
