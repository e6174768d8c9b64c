from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lentigo.data.manifest import Manifest, check_leaks
from lentigo.data.sources import read_data
from lentigo.data.splits import cut_fold, cut_validation, k_folds, split_manifest
from lentigo.errors import ConfigError, DataError

# The classes and views of HAM10000: 10,015 images, 7 diagnoses, most lesions once, some up to six times.
HAM_COUNTS = {"MEL": 1113, "NV": 6705, "BCC": 514, "AKIEC": 327, "BKL": 1099, "DF": 115, "VASC": 142}


def make(target: list[str], **columns: object) -> Manifest:
    table = pd.DataFrame({"image_id": [f"i{i:06}" for i in range(len(target))], "target": target})
    return Manifest(table.assign(path="/" + table["image_id"], **columns), origin="made.csv")


def ham_like(seed: int = 0) -> Manifest:
    rng = np.random.default_rng(seed)
    target, lesion = [], []
    for name, n_images in HAM_COUNTS.items():
        views = rng.choice([1, 2, 3, 4, 5, 6], p=[0.74, 0.18, 0.06, 0.01, 0.006, 0.004], size=n_images)
        ids = np.repeat(np.arange(n_images), views)[:n_images]
        target += [name] * n_images
        lesion += [f"{name}_{i}" for i in ids]
    return make(target, lesion_id=lesion)


def share_deviation(manifest: Manifest) -> float:
    """The largest difference between a class's share in a split and its share in the whole."""
    counts = manifest.counts()
    return float((counts / counts.sum()).sub(counts.sum(axis=1) / len(manifest), axis=0).abs().to_numpy().max())


def test_single_images_are_counted_out_exactly() -> None:
    # 0.63, 0.17 and 0.20 of 1,001: 630.63, 170.17, 200.2; the largest remainder goes to train
    split = split_manifest(make(["NV"] * 700 + ["MEL"] * 301))
    assert split.counts().sum().to_dict() == {"train": 631, "val": 170, "test": 200}
    # of MEL (30.07 %): 0.3007 * 200 = 60.1, 0.3007 * 170 = 51.1
    assert split.counts().loc["MEL"].to_dict() == {"train": 190, "val": 51, "test": 60}


def test_the_original_set_gets_its_2077_560_and_660_images() -> None:
    manifest = make(["benign"] * 1800 + ["malignant"] * 1497)
    is_test = np.r_[np.arange(360), 1800 + np.arange(300)]
    given_split = np.full(3297, "train", dtype=object)
    given_split[is_test] = "test"
    cut = cut_validation(manifest.with_split(given_split))
    assert cut.counts().sum().to_dict() == {"train": 2077, "val": 560, "test": 660}
    # 1440 / 2637 of 560 is 305.8, 1197 / 2637 is 254.2
    assert cut.counts()["val"].to_dict() == {"benign": 306, "malignant": 254}
    assert np.flatnonzero(cut.table["split"] == "test").tolist() == is_test.tolist()


def test_lesions_of_a_set_like_ham10000_stay_whole_and_classes_in_proportion() -> None:
    manifest = ham_like()
    split = split_manifest(manifest)
    check_leaks(split)
    assert share_deviation(split) < 0.001
    expected = np.array([0.63, 0.17, 0.20]) * len(manifest)
    assert np.abs(split.counts().sum().to_numpy() - expected).max() <= 5


def test_lesions_with_many_views_do_not_gather_in_one_split() -> None:
    split = split_manifest(ham_like()).table
    views = split.groupby("lesion_id")["image_id"].transform("size").to_numpy()
    share_of_single = (split["split"][views == 1].value_counts(normalize=True)).round(2)
    share_of_several = (split["split"][views >= 2].value_counts(normalize=True)).round(2)
    assert (share_of_single - share_of_several).abs().max() <= 0.02


def test_patients_with_several_diagnoses_stay_whole() -> None:
    rng = np.random.default_rng(0)
    patient = rng.integers(0, 300, size=4000)
    target = np.where(rng.random(4000) < 0.05, "MEL", "NV").tolist()
    split = split_manifest(make(target, patient_id=[f"P{i}" for i in patient]))
    check_leaks(split)
    assert share_deviation(split) < 0.005
    assert abs(split.counts()["test"].sum() - 800) <= 8


def test_another_seed_gives_another_split_and_the_same_seed_the_same() -> None:
    manifest = make(["NV"] * 60 + ["MEL"] * 40)
    first, again, other = (split_manifest(manifest, seed=seed).table["split"].tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != other


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(seed: int, random) -> None:
    manifest = make(["NV"] * 30 + ["MEL"] * 20, lesion_id=[f"L{i // 2}" for i in range(50)])
    order = list(range(50))
    random.shuffle(order)
    split = split_manifest(manifest, seed=seed).table["split"].to_numpy()
    assert split_manifest(manifest.select(np.array(order)), seed=seed).table["split"].tolist() == split[order].tolist()
    assert k_folds(manifest.select(np.array(order)), 3, seed).tolist() == k_folds(manifest, 3, seed)[order].tolist()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["NV", "MEL", "BCC"]), st.integers(0, 60)), min_size=30, max_size=200))
def test_groups_are_never_torn_and_every_class_is_in_every_split(pairs: list) -> None:
    manifest = make([name for name, _ in pairs], lesion_id=[f"L{i}" for _, i in pairs])
    try:
        split = split_manifest(manifest)
    except DataError as error:
        assert "fewer lesions" in str(error) or "tearing" in str(error)
        return
    check_leaks(split)
    assert (split.counts() > 0).all(axis=None)


def test_groups_given_from_outside_are_kept_together() -> None:
    groups = np.array([f"cluster{i // 4}" for i in range(80)])
    split = split_manifest(make(["NV", "MEL"] * 40), groups=groups)
    assert len(set(zip(groups, split.table["split"], strict=True))) == 20
    with pytest.raises(ValueError, match=r"3 groups for 80 images"):
        split_manifest(make(["NV", "MEL"] * 40), groups=groups[:3])


def test_a_small_class_is_in_every_split() -> None:
    counts = split_manifest(make(["NV"] * 500 + ["DF"] * 3)).counts()
    assert counts.loc["DF"].to_dict() == {"train": 1, "val": 1, "test": 1}


def test_two_splits_are_enough() -> None:
    counts = split_manifest(make(["NV", "MEL"] * 50), fractions={"train": 0.8, "test": 0.2, "val": 0.0}).counts()
    assert counts.sum().to_dict() == {"train": 80, "test": 20}


def test_a_class_with_fewer_groups_than_splits_is_named() -> None:
    manifest = make(["NV"] * 50 + ["DF"] * 5, lesion_id=[f"L{i}" for i in range(50)] + ["D1"] * 3 + ["D2"] * 2)
    with pytest.raises(
        DataError,
        match=r"made\.csv: fewer lesions.* than the 3 splits need in DF \(2\)\. Add images; or predict",
    ):
        split_manifest(manifest)


def test_classes_that_cannot_be_shared_out_without_tearing_a_lesion_are_named() -> None:
    # three groups of two classes each: whichever two stand on one side, the other side lacks a class
    manifest = make(["NV", "MEL", "MEL", "BCC", "BCC", "NV"], lesion_id=["L1", "L1", "L2", "L2", "L3", "L3"])
    with pytest.raises(
        DataError, match=r"no image of \w+ could be put into '\w+' without dividing a lesion or patient"
    ):
        split_manifest(manifest, fractions={"train": 0.67, "test": 0.33})


def test_a_class_with_fewer_groups_than_folds_is_named() -> None:
    with pytest.raises(DataError, match=r"than the 5 folds need in DF \(4\)\. .* or use fewer folds"):
        k_folds(make(["NV"] * 50 + ["DF"] * 4), 5)


@pytest.mark.parametrize(
    "fractions",
    [
        {"train": 0.5, "test": 0.4},
        {"train": 1.2, "test": -0.2},
        {"val": 0.5, "test": 0.5},
        {"train": float("nan"), "test": 0.5},
    ],
)
def test_fractions_that_are_no_shares_are_refused(fractions: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=r"are not valid"):
        split_manifest(make(["NV", "MEL"] * 50), fractions=fractions)


def test_a_misspelt_split_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ConfigError, match=r"unknown split 'tset'\. Did you mean 'test'\?"):
        split_manifest(make(["NV", "MEL"] * 50), fractions={"train": 0.8, "tset": 0.2})


def test_validation_is_cut_only_where_there_is_train_and_no_val() -> None:
    manifest = make(["NV", "MEL"] * 10)
    with pytest.raises(DataError, match=r"has no train split to take validation images from"):
        cut_validation(manifest)
    with pytest.raises(DataError, match=r"has a val split already"):
        cut_validation(manifest.with_split(["train"] * 18 + ["val"] * 2))
    with pytest.raises(DataError, match=r"10 validation images cannot be taken from 4 training images"):
        cut_validation(manifest.with_split(["train"] * 4 + ["test"] * 16), fraction=0.5)
    with pytest.raises(ConfigError, match=r"val_fraction is 1\.5"):
        cut_validation(manifest, fraction=1.5)


def test_validation_keeps_lesions_whole() -> None:
    manifest = ham_like()
    split = split_manifest(manifest, fractions={"train": 0.8, "test": 0.2})
    cut = cut_validation(split)
    check_leaks(cut)
    assert cut.counts()["test"].equals(split.counts()["test"])
    assert abs(int(cut.counts()["val"].sum()) - int(0.17 * 10_015)) <= 5
    assert share_deviation(cut) < 0.001


def test_folds_of_single_images_differ_by_one_image_at_most() -> None:
    fold = k_folds(make(["NV"] * 61 + ["MEL"] * 42), 4)
    sizes = np.bincount(fold)
    assert (len(sizes), sizes.sum(), np.ptp(sizes) <= 1) == (4, 103, True)


def test_folds_of_a_set_like_ham10000_are_grouped_and_even() -> None:
    manifest = ham_like()
    fold = k_folds(manifest, 5)
    assert len(set(zip(fold, manifest.table["lesion_id"], strict=True))) == manifest.table["lesion_id"].nunique()
    counts = pd.crosstab(fold, manifest.table["target"].to_numpy())
    assert (counts.max() - counts.min()).max() <= 5
    with pytest.raises(ConfigError, match=r"1 fold cannot be made"):
        k_folds(manifest, 1)


@pytest.mark.real_data
def test_the_original_set_on_disk_gets_its_2077_560_and_660_images(shared_data: Path) -> None:
    counts = cut_validation(read_data(shared_data / "isic-binary")).counts()
    assert counts.sum().to_dict() == {"train": 2077, "val": 560, "test": 660}


@pytest.mark.real_data
def test_ham10000_on_disk_splits_by_lesion(shared_data: Path) -> None:
    split = split_manifest(read_data(shared_data / "ham10000"))
    check_leaks(split)
    assert split.counts().sum().to_dict() == {"train": 6309, "val": 1703, "test": 2003}
    assert share_deviation(split) < 0.0005


def test_a_fold_becomes_the_test_split_and_one_that_is_not_there_is_refused() -> None:
    manifest = make(["NV", "MEL", "NV"], fold=[0, 1, 2])
    assert cut_fold(manifest, 2).table["split"].tolist() == ["train", "train", "test"]
    with pytest.raises(DataError, match=r"made.csv has no fold 3\. Its folds are 0, 1, 2\."):
        cut_fold(manifest, 3)
    with pytest.raises(DataError, match=r"no column 'fold'.*--folds 5"):
        cut_fold(make(["NV"]), 0)


def test_validation_is_cut_without_tearing_given_groups_apart() -> None:
    manifest = make(["NV", "MEL"] * 20, split=["train"] * 40)
    groups = np.repeat([f"g{i}" for i in range(10)], 4)
    split = cut_validation(manifest, fraction=0.2, groups=groups).table["split"].to_numpy()
    assert all(len(set(split[groups == name])) == 1 for name in set(groups))
    assert (split == "val").sum() == 8
