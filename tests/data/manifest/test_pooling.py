import numpy as np
import pandas as pd
import pytest

from lentigo.config import load_config
from lentigo.data.manifest import Manifest, pool_manifests
from lentigo.errors import ManifestError
from lentigo.progress import silent
from lentigo.stages._prepare import prepare


def made(targets, *, origin="a", **columns):
    n = len(targets)
    table = pd.DataFrame({"image_id": [str(i) for i in range(n)], "path": [f"/{origin}/{i}" for i in range(n)]})
    return Manifest(table.assign(target=targets, **columns), origin=origin)


def test_ids_that_two_sets_use_get_the_name_of_their_set_and_others_stay():
    pooled = pool_manifests([made(["NV", "MEL", "NV"]), made(["BCC"], origin="b")], ["ham", "isic"])
    assert pooled.table["image_id"].tolist() == ["ham/0", "1", "2", "isic/0"]
    assert pooled.table["source"].tolist() == ["ham", "ham", "ham", "isic"]
    assert pooled.classes == ("MEL", "NV", "BCC")


def test_a_source_that_is_known_is_kept_and_sets_of_one_name_are_numbered():
    first = made(["NV", "MEL"], source=["vienna", None])
    pooled = pool_manifests([first, made(["BCC"], origin="b")], ["data", "data"])
    assert pooled.table["source"].tolist() == ["vienna", "data-1", "data-2"]


def test_ids_of_lesions_are_kept_so_that_one_lesion_in_two_sets_stays_one_group():
    pooled = pool_manifests(
        [made(["NV"], lesion_id=["IL_1"]), made(["NV"], origin="b", lesion_id=["IL_1"])], ["a", "b"]
    )
    groups, _ = pooled.groups()
    assert groups[0] == groups[1]


def test_diagnoses_and_sides_are_not_pooled():
    with pytest.raises(ManifestError, match=r"^b has no diagnoses.*--set data.task=binary"):
        pool_manifests([made(["NV", "MEL"]), made(["benign"], origin="b")], ["a", "b"])


def test_sets_with_and_without_splits_are_not_pooled():
    with pytest.raises(ManifestError, match="lentigo split"):
        pool_manifests([made(["NV"], split=["test"]), made(["NV"], origin="b")], ["a", "b"])


def test_two_folders_are_trained_on_as_one(tiny_images, tmp_path):
    first = tiny_images({"train/benign": 8, "train/malignant": 8, "test/benign": 3, "test/malignant": 3})
    second = tiny_images({"benign": 12, "malignant": 12}, folder=tmp_path / "second")
    config = load_config(overrides=["image.size=16", "data.leaks=allow"])
    prepared = prepare([str(first), str(second)], config, track=silent)
    table = prepared.manifest.table
    assert len(table) == 46
    assert (table.loc[table["source"] == "images", "split"] == "test").sum() == 6
    assert set(table.loc[table["source"] == "second", "split"]) == {"train", "val", "test"}
    assert set(np.unique(prepared.sources)) == {0, 1}
    assert prepared.audit is not None
    assert prepared.audit.data == "images + second"
