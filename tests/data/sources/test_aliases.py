from pathlib import Path

import pandas as pd
import pytest

from lentigo.data.sources._aliases import ALIASES, rename_columns
from lentigo.data.sources._folders import SPLIT_NAMES
from lentigo.images._column_names import ID_ENDINGS, ID_STEMS
from lentigo.images._walking import IMAGE_SUFFIXES
from lentigo.taxonomy import CODES

DOCUMENT = Path(__file__).parents[3] / "docs" / "data.md"


def test_every_alias_split_name_suffix_and_code_is_documented() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for field, names in ALIASES.items():
        (row,) = [line for line in text.splitlines() if line.startswith(f"| {field} |")]
        further = [*ID_STEMS[field], *filter(None, ID_ENDINGS)] if field in ID_STEMS else []
        assert all(f"`{name}`" in row for name in [*names, *further]), field
    assert all(f"`{name}`" in text for name in SPLIT_NAMES)
    assert all(suffix[1:] in text for suffix in IMAGE_SUFFIXES)
    assert all(f"| {code} |" in text for code in CODES)


@pytest.mark.parametrize("column", ["Image_ID", "image id", " image-id "])
def test_case_spaces_and_hyphens_in_a_column_name_do_not_matter(column: str) -> None:
    assert "image_id" in rename_columns(pd.DataFrame({column: ["a"]}), "t.csv")


def test_the_first_alias_counts_and_the_others_stay_as_metadata() -> None:
    table = rename_columns(pd.DataFrame({"image_id": ["a"], "age_approx": [45], "age": [47]}), "t.csv")
    assert table.to_dict("list") == {"image_id": ["a"], "age_approx": [45], "age": [47]}
