"""Small copies of published layouts, as `lentigo fetch` leaves them and as people have them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lentigo.data.sources import read_data
from lentigo.errors import DataError

Maker = Callable[..., Path]


@pytest.fixture
def lay_out(tmp_path: Path) -> Maker:
    """A maker of folders: `lay_out({"a.csv": "x,y\\n1,2\\n"}, ["images/1.jpg"])`; images are empty files."""

    def make(tables: dict[str, str], images: list[str]) -> Path:
        for name, text in tables.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        for name in images:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        return tmp_path

    return make


def isic(*numbers: int) -> list[str]:
    return [f"ISIC_{number:07d}" for number in numbers]


def test_ham10000_of_the_dataverse_names_the_source_of_each_image(lay_out: Maker) -> None:
    a, b, c = isic(1, 2, 3)
    rows = f"HAM_1,{a},bkl,histo,80.0,male,scalp,vidir_modern\nHAM_1,{b},bkl,histo,80.0,male,scalp,vidir_modern\n"
    table = (
        "lesion_id,image_id,dx,dx_type,age,sex,localization,dataset\n"
        + rows
        + f"HAM_2,{c},nv,follow_up,45,f,,rosendahl\n"
    )
    parts = [f"HAM10000_images_part_1/{a}.jpg", f"HAM10000_images_part_1/{b}.jpg", f"HAM10000_images_part_2/{c}.jpg"]
    manifest = read_data(lay_out({"HAM10000_metadata.csv": table}, parts))
    assert manifest.table["source"].tolist() == ["vidir_modern", "vidir_modern", "rosendahl"]
    assert manifest.table["diagnosis"].tolist() == ["BKL", "BKL", "NV"]


def test_isic_2016_has_no_header_and_says_malignant_in_two_ways(lay_out: Maker) -> None:
    a, b, c, d = isic(0, 2, 3, 12)
    tables = {
        "ISBI2016_ISIC_Part3_Training_GroundTruth.csv": f"{a},benign\n{b},malignant\n",
        "ISBI2016_ISIC_Part3_Test_GroundTruth.csv": f"{c},0.0\n{d},1.0\n",
    }
    train, test = "ISBI2016_ISIC_Part3_Training_Data", "ISBI2016_ISIC_Part3_Test_Data"
    manifest = read_data(
        lay_out(tables, [f"{train}/{a}.jpg", f"{train}/{b}.jpg", f"{test}/{c}.jpg", f"{test}/{d}.jpg"])
    )
    assert manifest.table["image_id"].tolist() == [a, b, c, d]
    assert manifest.table["target"].tolist() == ["benign", "malignant", "benign", "malignant"]
    assert manifest.table["split"].tolist() == ["train", "train", "test", "test"]


def test_a_problem_in_a_table_without_header_is_named_with_its_line(lay_out: Maker) -> None:
    a, b = isic(0, 2)
    tables = {"ISBI2016_ISIC_Part3_Training_GroundTruth.csv": f"{a},benign\n{b},malignant\n"}
    with pytest.raises(DataError, match=r"Training_GroundTruth\.csv line 1: 1 image is not found: ISIC_0000000"):
        read_data(lay_out(tables, [f"{b}.jpg"]))


def test_isic_2017_joins_the_metadata_in_the_image_folders_and_ignores_superpixels(lay_out: Maker) -> None:
    a, b, c, d = isic(0, 1, 2, 3)
    head, ages = "image_id,melanoma,seborrheic_keratosis\n", "image_id,age_approximate,sex\n"
    tables = {
        "ISIC-2017_Training_Part3_GroundTruth.csv": f"{head}{a},0.0,0.0\n{b},1.0,0.0\n",
        "ISIC-2017_Validation_Part3_GroundTruth.csv": f"{head}{c},0.0,1.0\n",
        "ISIC-2017_Test_v2_Part3_GroundTruth.csv": f"{head}{d},0.0,0.0\n",
        "ISIC-2017_Training_Data/ISIC-2017_Training_Data_metadata.csv": f"{ages}{a},55,female\n{b},unknown,unknown\n",
        "ISIC-2017_Test_v2_Data/ISIC-2017_Test_v2_Data_metadata.csv": f"{ages}{d},60,male\n",
    }
    images = [f"ISIC-2017_Training_Data/{a}.jpg", f"ISIC-2017_Training_Data/{a}_superpixels.png"]
    images += [f"ISIC-2017_Training_Data/{b}.jpg", f"ISIC-2017_Validation_Data/{c}.jpg"]
    manifest = read_data(lay_out(tables, [*images, f"ISIC-2017_Test_v2_Data/{d}.jpg"]))
    assert manifest.table["diagnosis"].tolist() == ["NV", "MEL", "BKL", "NV"]
    assert manifest.table["split"].tolist() == ["train", "train", "val", "test"]
    assert manifest.table["age"].fillna(-1).tolist() == [55, -1, -1, 60]
    assert manifest.table["sex"].tolist() == ["female", None, None, "male"]


def test_isic_2018_has_each_ground_truth_in_a_folder_and_lesions_for_training(lay_out: Maker) -> None:
    a, b, c, d = isic(24306, 24307, 34321, 34524)
    head, name = (
        "image,MEL,NV,BCC,AKIEC,BKL,DF,VASC\n",
        "ISIC2018_Task3_{}_GroundTruth/ISIC2018_Task3_{}_GroundTruth.csv",
    )
    tables = {
        name.format(
            "Training", "Training"
        ): f"{head}{a},0.0,1.0,0.0,0.0,0.0,0.0,0.0\n{b},1.0,0.0,0.0,0.0,0.0,0.0,0.0\n",
        name.format("Validation", "Validation"): f"{head}{c},0.0,0.0,0.0,0.0,0.0,1.0,0.0\n",
        name.format("Test", "Test"): f"{head}{d},0.0,0.0,0.0,1.0,0.0,0.0,0.0\n",
        "ISIC2018_Task3_Training_LesionGroupings.csv": (
            f"image,lesion_id,diagnosis_confirm_type\n{a},HAM_0000550,serial imaging showing no change\n"
            f"{b},HAM_0003577,histopathology\n"
        ),
    }
    images = [f"ISIC2018_Task3_Training_Input/{a}.jpg", f"ISIC2018_Task3_Training_Input/{b}.jpg"]
    images += [f"ISIC2018_Task3_Validation_Input/{c}.jpg", f"ISIC2018_Task3_Test_Input/{d}.jpg"]
    manifest = read_data(lay_out(tables, images))
    assert manifest.table["diagnosis"].tolist() == ["NV", "MEL", "DF", "AKIEC"]
    assert manifest.table["split"].tolist() == ["train", "train", "val", "test"]
    assert manifest.table["lesion_id"].tolist() == ["HAM_0000550", "HAM_0003577", None, None]
    assert manifest.table["dx_type"].tolist()[1] == "histopathology"


@pytest.fixture
def isic2019(lay_out: Maker) -> Maker:
    a, b, c, d, e = isic(0, 1, 34321, 34322, 34323)
    head = "image,MEL,NV,BCC,AK,BKL,DF,VASC,SCC,UNK"
    zeros = ",0.0" * 6

    def make(extra: dict[str, str] | None = None) -> Path:
        tables = {
            "ISIC_2019_Training_GroundTruth.csv": (
                f"{head}\n{a},1.0,0.0{zeros},0.0\n{b}_downsampled,0.0,1.0{zeros},0.0\n{c},0.0,0.0,1.0,0.0{',0.0' * 5}\n"
            ),
            "ISIC_2019_Training_Metadata.csv": (
                "image,age_approx,anatom_site_general,lesion_id,sex\n"
                f"{a},55.0,anterior torso,,female\n{b}_downsampled,30.0,,BCN_1,male\n{c},80.0,head/neck,HAM_2,male\n"
            ),
            "ISIC_2019_Test_GroundTruth.csv": (
                f"{head},score_weight,validation_weight\n{d},1.0,0.0{zeros},0.0,1.0,0.0\n{e},0.0,0.0{zeros},1.0,1.0,0.0\n"
            ),
            "ISIC_2019_Test_Metadata.csv": f"image,age_approx,anatom_site_general,sex\n{d},65.0,,male\n{e},5,,female\n",
            **(extra or {}),
        }
        train = [f"ISIC_2019_Training_Input/{name}.jpg" for name in (a, f"{b}_downsampled", c)]
        return lay_out(tables, [*train, *(f"ISIC_2019_Test_Input/{name}.jpg" for name in (d, e))])

    return make


def test_isic_2019_leaves_out_test_images_of_no_class_and_says_so(isic2019: Maker, caplog) -> None:
    manifest = read_data(isic2019())
    assert manifest.table["diagnosis"].tolist() == ["MEL", "NV", "BCC", "MEL"]
    assert manifest.table["split"].tolist() == ["train", "train", "train", "test"]
    assert manifest.table["lesion_id"].tolist() == [None, "BCN_1", "HAM_2", None]
    assert manifest.table["age"].tolist() == [55, 30, 80, 65]
    assert manifest.table["site"].tolist()[2] == "head/neck"
    assert "excluded 1 image outside the training set, of a class that is not in it (UNK)" in caplog.text


def test_one_ground_truth_alone_is_read_without_a_split(isic2019: Maker) -> None:
    folder = isic2019()
    (folder / "ISIC_2019_Test_GroundTruth.csv").unlink()
    manifest = read_data(folder)
    assert not manifest.has_split
    assert manifest.table["lesion_id"].tolist() == [None, "BCN_1", "HAM_2"]


def test_an_image_in_two_ground_truths_is_refused(isic2019: Maker) -> None:
    head = "image,MEL,NV\n"
    extra = {"ISIC_2019_Test_GroundTruth.csv": f"{head}ISIC_0000000,0,1\n"}
    with pytest.raises(DataError, match=r"1 image is in two ground truths: ISIC_0000000"):
        read_data(isic2019(extra))


def test_two_challenges_in_one_folder_are_ambiguous(isic2019: Maker) -> None:
    extra = {"ISIC-2017_Validation_Part3_GroundTruth.csv": "image_id,melanoma,seborrheic_keratosis\nISIC_0000009,0,0\n"}
    with pytest.raises(DataError, match=r"can be read in 3 ways: by ISIC-2017_Validation"):
        read_data(isic2019(extra))


def test_isic_2020_takes_the_newer_table_with_the_lesions(lay_out: Maker) -> None:
    a, b = isic(2637011, 15719)
    rows = "{0},{2}male,45.0,head/neck,unknown,benign,0\n{1},{2}female,45.0,upper extremity,melanoma,malignant,1\n"
    head = "image_name,patient_id,{}sex,age_approx,anatom_site_general_challenge,diagnosis,benign_malignant,target\n"
    tables = {
        "ISIC_2020_Training_GroundTruth.csv": head.format("") + rows.format(a, b, "IP_7,"),
        "ISIC_2020_Training_GroundTruth_v2.csv": head.format("lesion_id,") + rows.format(a, b, "IP_7,IL_1,"),
        "ISIC_2020_Training_Duplicates.csv": f"image_name_1,image_name_2\n{a},{b}\n",
    }
    manifest = read_data(lay_out(tables, [f"ISIC_2020_Training_JPEG/{a}.jpg", f"ISIC_2020_Training_JPEG/{b}.jpg"]))
    assert manifest.table["target"].tolist() == ["benign", "malignant"]
    assert manifest.table["lesion_id"].tolist() == ["IL_1", "IL_1"]
    assert manifest.table["patient_id"].tolist() == ["IP_7", "IP_7"]


def test_isic_2024_joins_supplement_and_metadata_of_the_image_folder(lay_out: Maker) -> None:
    a, b, c = isic(15670, 15845, 15864)
    adnexal = "Malignant adnexal epithelial proliferations - Follicular"
    tables = {
        "ISIC_2024_Training_GroundTruth.csv": f"isic_id,malignant\n{a},0.0\n{b},1.0\n{c},0.0\n",
        "ISIC_2024_Training_Supplement.csv": (
            "isic_id,attribution,copyright_license,lesion_id,iddx_full,iddx_1,iddx_2,iddx_3\n"
            f"{a},MSKCC,CC-BY,,Benign,Benign,,\n"
            f"{b},MSKCC,CC-BY,IL_1,x,Malignant,{adnexal},Basal cell carcinoma\n"
            f"{c},Basel,CC-BY-NC,,Benign,Benign,,\n"
        ),
        "ISIC_2024_Training_Input/metadata.csv": (
            "isic_id,patient_id,age_approx,sex,anatom_site_general,image_type,tbp_lv_A\n"
            f"{a},IP_1,60,male,lower extremity,TBP tile: close-up,20.2\n{b},IP_2,65,male,,TBP tile: close-up,31.7\n"
            f"{c},IP_1,60,male,posterior torso,TBP tile: close-up,17.6\n"
        ),
    }
    manifest = read_data(lay_out(tables, [f"ISIC_2024_Training_Input/{name}.jpg" for name in (a, b, c)]))
    assert manifest.table["target"].tolist() == ["benign", "malignant", "benign"]
    assert manifest.table["diagnosis"].tolist() == [None, "BCC", None]
    assert manifest.table["patient_id"].tolist() == ["IP_1", "IP_2", "IP_1"]
    assert manifest.table["lesion_id"].tolist() == [None, "IL_1", None]
    assert manifest.table["tbp_lv_A"].tolist() == [20.2, 31.7, 17.6]


def test_isic_2024_unpacked_into_one_folder_with_its_metadata_reads_too(lay_out: Maker) -> None:
    a, b = isic(15670, 15845)
    tables = {
        "ISIC_2024_Training_GroundTruth.csv": f"isic_id,malignant\n{a},0.0\n{b},1.0\n",
        "metadata.csv": f"isic_id,patient_id,age_approx\n{a},IP_1,60\n{b},IP_2,65\n",
    }
    manifest = read_data(lay_out(tables, [f"image/{a}.jpg", f"image/{b}.jpg"]))
    assert manifest.table["target"].tolist() == ["benign", "malignant"]
    assert manifest.table["patient_id"].tolist() == ["IP_1", "IP_2"]


PAD_HEAD = (
    "patient_id,lesion_id,smoke,drink,background_father,background_mother,age,pesticide,gender,skin_cancer_history,"
    "cancer_history,has_piped_water,has_sewage_system,fitspatrick,region,diameter_1,diameter_2,diagnostic,itch,grew,hurt,"
    "changed,bleed,elevation,img_id,biopsed\n"
)


def test_pad_ufes_20_is_clinical_with_skin_types_and_biopsies(lay_out: Maker) -> None:
    pom = "False,False,POMERANIA,POMERANIA"
    table = PAD_HEAD + (
        "PAT_1516,1765,,,,,8,,,,,,,,ARM,,,NEV,FALSE,FALSE,FALSE,FALSE,FALSE,FALSE,PAT_1516_1765_530.png,FALSE\n"
        f"PAT_46,881,{pom},55,False,FEMALE,True,True,True,True,3.0,NECK,6.0,5.0,BCC,True,True,False,True,True,True,PAT_46_881_939.png,True\n"
        f"PAT_46,882,{pom},55,False,FEMALE,True,True,True,True,3.0,NOSE,6.0,5.0,ACK,True,UNK,False,True,True,True,PAT_46_882_14.png,False\n"
        f"PAT_9,40,{pom},77,True,MALE,True,True,True,True,1.0,FACE,6.0,5.0,SCC,True,True,False,True,True,True,PAT_9_40_7.png,True\n"
        f"PAT_10,41,{pom},77,True,MALE,True,True,True,True,,FACE,,,SEK,True,True,False,True,True,True,PAT_10_41_8.png,False\n"
        f"PAT_11,42,{pom},77,True,MALE,True,True,True,True,2,FACE,,,MEL,True,True,False,True,True,True,PAT_11_42_9.png,True\n"
    )
    images = ["imgs_part_1/PAT_1516_1765_530.png", "imgs_part_1/PAT_46_881_939.png", "imgs_part_2/PAT_46_882_14.png"]
    images += ["imgs_part_3/PAT_9_40_7.png", "imgs_part_3/PAT_10_41_8.png", "imgs_part_3/PAT_11_42_9.png"]
    manifest = read_data(lay_out({"metadata.csv": table}, images))
    found = manifest.table
    assert found["diagnosis"].tolist() == ["NV", "BCC", "AK", "SCC", "BKL", "MEL"]
    assert found["image_type"].unique().tolist() == ["clinical"]
    assert found["source"].unique().tolist() == ["PAD-UFES-20"]
    assert found["skin_type"].tolist() == [None, "III", "III", "I", None, "II"]
    assert found["dx_type"].tolist()[:2] == ["clinical consensus", "histopathology"]
    assert found["sex"].tolist()[:2] == [None, "female"]
    assert found["site"].tolist()[1] == "neck"
    assert manifest.groups()[1] == "patient"
    assert found["image_id"][1] == "PAT_46_881_939"
    assert read_data(manifest.paths[0].parent.parent, task="binary").targets.tolist() == [0, 1, 0, 1, 0, 1]
