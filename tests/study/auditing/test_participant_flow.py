import numpy as np
import pandas as pd

from lentigo.data.manifest import Manifest
from lentigo.study.auditing._participant_flow import flow_steps, tabulate


def manifest(**columns):
    n = len(next(iter(columns.values())))
    table = pd.DataFrame({"image_id": [f"i{k}" for k in range(n)], "path": "/i", "target": "NV"}).assign(**columns)
    return Manifest(table, origin="memory")


def test_the_steps_of_the_flow_add_up_to_the_splits():
    steps = flow_steps(manifest(split=["train", "train", "test"]), n_found=6, n_unreadable=1, n_leaking=2)
    assert [(step.step, step.n_images) for step in steps] == [
        ("found", 6), ("unreadable", -1), ("in a later split too", -2), ("train", 2), ("test", 1),
    ]  # fmt: skip


def test_ages_are_counted_in_bands_with_the_unknown_last():
    table = tabulate(manifest(age=[85, 47, None, 19, 40], target=["NV", "MEL", "NV", "NV", "NV"]))[0]
    assert table.column == "age"
    assert list(table.rows) == ["under 20", "40 to 49", "80 and over", "unknown"]
    assert table.rows["40 to 49"] == {"MEL": 1, "NV": 1}


def test_columns_without_values_or_with_a_value_an_image_are_no_tables():
    many = manifest(sex=[None] * 40, site=[f"site {k}" for k in range(40)], source=["a", "b"] * 20)
    assert [table.column for table in tabulate(many)] == ["source"]


def test_estimated_skin_tone_is_a_table_of_its_own():
    table = tabulate(manifest(target=["NV", "NV"]), tones=np.array(["light", "uncertain"]))[-1]
    assert (table.column, table.rows) == ("skin tone, estimated", {"light": {"NV": 1}, "uncertain": {"NV": 1}})
