"""Subgroups by columns and age groups of one's own."""

import numpy as np
import pandas as pd
import pytest

from lentigo.data.manifest import Manifest
from lentigo.errors import ConfigError
from lentigo.numbers.evaluation._attributes import labels_of


def test_columns_and_ages_of_subgroups_can_be_chosen():
    n = 40
    table = pd.DataFrame(
        {
            "image_id": [f"i{k}" for k in range(n)], "path": [f"/{k}" for k in range(n)], "target": "NV",
            "age": [30 + k for k in range(n)], "sex": ["male", "female"] * (n // 2), "device": ["x", "y"] * (n // 2),
        }
    )  # fmt: skip
    manifest, images = Manifest(table, origin="memory"), table["image_id"].to_numpy().astype(str)
    found, missing = labels_of(manifest, images, keys=("device", "age"), age_starts=(40, 65))
    assert [one.name for one in found] == ["device", "age"]
    assert found[1].values == ("under 40", "40 to 64", "65 and over")  # noqa: PD011 - no data frame
    assert np.bincount(found[1].group).tolist() == [10, 25, 5]
    assert missing == {}
    assert {one.key for one in labels_of(manifest, images)[0]} == {"sex", "age"}
    with pytest.raises(ConfigError, match="no column 'devise'. Did you mean 'device'"):
        labels_of(manifest, images, keys=("devise",))
    with pytest.raises(ConfigError, match="no column 'patient_id'"):
        labels_of(manifest, images, keys=("patient_id",))
