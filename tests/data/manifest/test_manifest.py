from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lentigo.data.manifest import COLUMNS, Manifest, check_leaks
from lentigo.errors import DataError, LeakageError, ManifestError


def make(n_images: int = 4, **columns: object) -> Manifest:
    table = pd.DataFrame(
        {"image_id": [f"i{i}" for i in range(n_images)], "target": (["NV", "MEL"] * n_images)[:n_images]}
    )
    table["path"] = "/data/" + table["image_id"] + ".jpg"
    return Manifest(table.assign(**columns), origin="metadata.csv")


def test_columns_of_the_contract_come_first_and_missing_is_none_never_empty() -> None:
    manifest = make(lesion_id=["L1", "", " ", None], rater=["a", "b", "", "a"], sex=["male", "NaN", "n/a", "female"])
    assert tuple(manifest.table.columns) == (*COLUMNS, "sex", "rater")
    assert manifest.table["lesion_id"].tolist() == ["L1", None, None, None]
    assert manifest.table["sex"].tolist() == ["male", None, None, "female"]
    assert manifest.table["split"].isna().all()


def test_ids_that_were_read_as_numbers_become_text_without_a_point() -> None:
    assert make(lesion_id=[1.0, 2.0, float("nan"), 7.0]).table["lesion_id"].tolist() == ["1", "2", None, "7"]


def test_classes_follow_the_codes_and_targets_index_them() -> None:
    manifest = make(target=["VASC", "MEL", "NV", "MEL"])
    assert manifest.classes == ("MEL", "NV", "VASC")
    assert manifest.targets.tolist() == [2, 0, 1, 0]
    assert make(target=["malignant", "benign"] * 2).classes == ("benign", "malignant")


def test_a_subset_keeps_the_classes_of_the_whole_so_that_targets_mean_the_same() -> None:
    manifest = make(target=["MEL", "NV", "NV", "NV"], split=["train", "train", "val", "val"])
    val = manifest.subset("val")
    assert val.classes == ("MEL", "NV")
    assert val.targets.tolist() == [1, 1]
    assert val.table.index.tolist() == [0, 1]


def test_a_subset_keeps_the_types_of_the_columns(tmp_path: Path) -> None:
    manifest = make(rater=["007", "1", "2", "3"], grade=[1.0, None, None, None], is_seen=[True, True, False, False])
    manifest.write(tmp_path / "m.csv")
    for whole in (manifest, Manifest.read(tmp_path / "m.csv")):
        part = whole.select(np.array([1, 2]))
        assert part.table.dtypes.equals(whole.table.dtypes)
        assert part.table["rater"].tolist() == ["1", "2"]


def test_an_unknown_or_empty_subset_is_refused() -> None:
    with pytest.raises(DataError, match=r"unknown split 'tets'\. Did you mean 'test'\?"):
        make().subset("tets")
    with pytest.raises(DataError, match=r"has no images in 'val'"):
        make().subset("val")


def test_the_table_given_is_not_changed() -> None:
    table = pd.DataFrame({"image_id": ["a"], "path": ["/a"], "target": ["NV"]})
    Manifest(table, origin="memory")
    assert table.columns.tolist() == ["image_id", "path", "target"]


def test_duplicate_ids_are_named_with_their_lines() -> None:
    with pytest.raises(ManifestError) as raised:
        make(image_id=["a", "b", "a", "c"])
    assert str(raised.value) == ("metadata.csv lines 2, 4: duplicate image_id: a. Every image needs an id of its own.")


@pytest.mark.parametrize("column", ["image_id", "path", "target"])
def test_a_missing_value_in_a_needed_column_is_named_with_its_line(column: str) -> None:
    values = make().table[column].tolist()
    values[2] = float("nan")
    with pytest.raises(ManifestError, match=rf"metadata\.csv line 4: no {column}"):
        make(**{column: values})


def test_all_problems_of_a_table_are_told_at_once_and_offenders_are_counted() -> None:
    with pytest.raises(ManifestError) as raised:
        make(9, target=["melanomma"] + ["NV"] * 8, split=["trian"] * 7 + ["test", None], age=[-1, 200] + [40] * 7)
    message = str(raised.value)
    assert message.startswith("metadata.csv has 4 problems:\n- ")
    assert "line 2: unknown target: melanomma." in message
    assert "lines 2, 3, 4, 5, 6 (+2): unknown split 'trian'. Did you mean 'train'?" in message
    assert "line 10: no split. Give every image a split, or none of them." in message
    assert "lines 2, 3: age is not a number of years from 0 to 120: -1, 200." in message


def test_an_age_that_is_no_number_is_refused_and_an_empty_one_is_not() -> None:
    with pytest.raises(ManifestError, match=r"line 3: age is not a number of years from 0 to 120: old"):
        make(age=["40", "old", "", None])
    assert make(age=["40", "", None, "7"]).table["age"].isna().tolist() == [False, True, True, False]
    assert make(age=[None] * 4).table["age"].dtype == float


def test_sides_among_codes_relative_paths_and_empty_tables_are_refused() -> None:
    with pytest.raises(ManifestError, match=r"benign/malignant among diagnosis codes"):
        make(target=["benign", "MEL", "NV", "NV"])
    with pytest.raises(ManifestError, match=r"path is not absolute: i0\.jpg"):
        make(path=["i0.jpg", "/1", "/2", "/3"])
    with pytest.raises(ManifestError, match=r"has no rows"):
        Manifest(pd.DataFrame({"image_id": []}), origin="memory")
    with pytest.raises(ManifestError, match=r"target NV is not among the classes"):
        Manifest(make().table, origin="memory", classes=("MEL", "BCC"))


def test_groups_are_patients_then_lesions_then_images() -> None:
    assert make().groups()[1] == "image"
    names, unit = make(lesion_id=["L1", "L1", None, "L2"]).groups()
    assert (names.tolist(), unit) == (["lesion:L1", "lesion:L1", "image:i2", "lesion:L2"], "lesion")
    names, unit = make(patient_id=["P1", None, "P1", None]).groups()
    assert (names.tolist(), unit) == (["patient:P1", "image:i1", "patient:P1", "image:i3"], "patient")


def test_a_lesion_under_two_patients_joins_all_their_images() -> None:
    # i0-i1 share P1, i1-i2 share L1, i2-i3 share P2: one chain
    manifest = make(patient_id=["P1", "P1", "P2", "P2"], lesion_id=["L0", "L1", "L1", "L2"])
    assert set(manifest.groups()[0].tolist()) == {"patient:P1"}
    assert manifest.groups("lesion")[0].tolist() == ["lesion:L0", "lesion:L1", "lesion:L1", "lesion:L2"]
    assert manifest.groups("patient")[0].tolist() == ["patient:P1"] * 2 + ["patient:P2"] * 2
    assert len(set(manifest.groups("image")[0].tolist())) == 4


def test_copies_join_the_groups_that_their_images_are_in() -> None:
    manifest = make(5, lesion_id=["L1", "L1", "L2", None, None])
    clusters = np.array([0, 1, 1, 2, -1])  # i1 and i2 are copies; -1 says nothing
    groups, unit = manifest.groups(clusters=clusters)
    assert unit == "lesion"
    assert groups.tolist() == ["lesion:L1", "lesion:L1", "lesion:L1", "image:i3", "image:i4"]
    assert make(2).groups(clusters=np.array([7, 7]))[0].tolist() == ["image:i0", "image:i0"]


def test_an_image_id_equal_to_a_lesion_id_is_another_group() -> None:
    manifest = make(image_id=["L1", "b", "c", "d"], lesion_id=[None, "L1", "L1", None])
    assert manifest.groups()[0].tolist() == ["image:L1", "lesion:L1", "lesion:L1", "image:d"]


def test_a_level_that_is_unknown_or_without_ids_is_refused() -> None:
    with pytest.raises(DataError, match=r"unknown group level 'leson'\. Did you mean 'lesion'"):
        make().groups("leson")  # type: ignore[arg-type]
    with pytest.raises(DataError, match=r"has no patient_id"):
        make().groups("patient")


ids = st.lists(st.tuples(st.sampled_from([None, "a", "b", "c"]), st.sampled_from([None, "x", "y", "z"])), min_size=1)


@settings(max_examples=40, deadline=None)
@given(ids, st.randoms(use_true_random=False))
def test_groups_do_not_depend_on_the_order_of_rows_and_respect_every_id(pairs: list, random) -> None:
    manifest = make(len(pairs), patient_id=[p for p, _ in pairs], lesion_id=[lesion for _, lesion in pairs])
    names = manifest.groups()[0]
    order = list(range(len(pairs)))
    random.shuffle(order)
    shuffled = manifest.select(np.array(order))
    assert shuffled.groups()[0].tolist() == names[order].tolist()
    for column in ("patient_id", "lesion_id"):
        groups_of_an_id = pd.Series(names).groupby(manifest.table[column].to_numpy()).nunique()
        assert (groups_of_an_id == 1).all()


def test_counts_are_classes_by_splits() -> None:
    counts = make(split=["train", "train", "test", "train"]).counts()
    assert counts.to_dict() == {"train": {"MEL": 2, "NV": 1}, "test": {"MEL": 0, "NV": 1}}
    assert make().counts()["all"].tolist() == [2, 2]


def test_what_is_written_is_read_back_the_same(tmp_path: Path) -> None:
    manifest = make(
        path=[str(tmp_path / "images" / "a b.jpg"), "/elsewhere/1.jpg", str(tmp_path / 'ü,"1".jpg'), "/2.jpg"],
        age=[0.1 + 0.2, None, 80, 5],
        sex=["male", None, "female", None],
        rater=["007", "1", "2", "3"],
        truth_is_ruler=[True, False, True, False],
        truth_diameter=[1.5, 1e-17, None, 3],
        split=["train", "val", "test", "test"],
    )
    manifest.write(tmp_path / "manifest.csv")
    again = Manifest.read(tmp_path / "manifest.csv")
    pd.testing.assert_frame_equal(again.table, manifest.table)
    assert again.classes == manifest.classes


def test_paths_below_the_csv_are_written_relative_so_that_the_folder_can_move(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    make(2, path=[str(folder / "images" / "a.jpg"), "/elsewhere/1.jpg"]).write(folder / "manifest.csv")
    moved = folder.rename(tmp_path / "there")
    assert "\ni0,images/a.jpg," in (moved / "manifest.csv").read_text()
    assert Manifest.read(moved / "manifest.csv").table["path"].tolist() == [
        str(moved / "images" / "a.jpg"),
        "/elsewhere/1.jpg",
    ]


def test_reading_something_else_as_a_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("image_id,dx\na,nv\n")
    with pytest.raises(ManifestError, match=r"is not a manifest: column 'path' is missing"):
        Manifest.read(tmp_path / "other.csv")
    with pytest.raises(ManifestError, match=r"does not exist"):
        Manifest.read(tmp_path / "nothing.csv")


def test_leaks_are_counted_named_and_come_with_the_remedy() -> None:
    lesions = [f"HAM_{i}" for i in range(7)] * 2
    manifest = make(14, lesion_id=lesions, split=["train"] * 7 + ["test"] * 7)
    with pytest.raises(LeakageError) as raised:
        check_leaks(manifest)
    assert str(raised.value) == (
        "7 lesions have images in both train and test: HAM_0, HAM_1, HAM_2, HAM_3, HAM_4 (+2). "
        "Run 'lentigo split DATA --out manifest.csv', which keeps a lesion together."
    )


def test_leaks_of_patients_and_across_three_splits_are_told() -> None:
    manifest = make(4, patient_id=["P1", "P1", "P1", "P2"], split=["train", "val", "test", "test"])
    with pytest.raises(
        LeakageError, match=r"1 patient has images in train, val and test: P1\. .* keeps a patient together"
    ):
        check_leaks(manifest)


def test_lesions_within_one_split_and_missing_ids_are_no_leak() -> None:
    check_leaks(make(lesion_id=["L1", "L1", None, None], split=["train", "train", "val", "test"]))
    check_leaks(make(lesion_id=["L1"] * 4))
