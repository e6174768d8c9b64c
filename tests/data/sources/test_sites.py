"""Sites in the words of a clinic become the ISIC archive's; those of published sets stay."""

import pandas as pd

from lentigo.data.sources import read_data
from lentigo.data.sources._tables import clean

FREE = ["r calf", "Upper back (left)", "cabin 3", "Unterarm links"]


def _table(write_set, sites, header="image_id,dx,site"):
    lines = [header, *(f"{name},{dx},{site}" for name, dx, site in zip("abcd", ("nv", "mel") * 2, sites, strict=True))]
    return write_set(lines, images=[f"{name}.jpg" for name in "abcd"])


def test_sites_in_words_are_read_and_kept_as_written_and_one_line_says_so(write_set, caplog):
    caplog.set_level("INFO")
    table = read_data(_table(write_set, FREE)).table
    assert table["site"].tolist() == ["lower extremity", "posterior torso", "cabin 3", "upper extremity"]
    assert table["site_text"].tolist() == FREE
    (line,) = [record.getMessage() for record in caplog.records if record.getMessage().startswith("site:")]
    assert "3 texts are read" in line
    assert "1 stays as written: 'cabin 3' (1)" in line
    assert "'site_text'" in line


def test_a_manifest_that_was_written_is_read_as_it_is(write_set, caplog):
    sites = ["lower extremity,r calf", "posterior torso,upper back", "cabin 3,cabin 3", ","]
    caplog.set_level("INFO")
    table = read_data(_table(write_set, sites, header="image_id,dx,site,site_text")).table
    assert table["site"].tolist() == ["lower extremity", "posterior torso", "cabin 3", None]
    assert table["site_text"].tolist() == ["r calf", "upper back", "cabin 3", None]
    assert not [record for record in caplog.records if record.getMessage().startswith("site:")]


def test_terms_of_published_sets_stay(caplog):
    ham = ["abdomen", "acral", "back", "chest", "ear", "face", "foot", "genital", "hand", "lower extremity", "neck"]
    ham += ["scalp", "trunk", "upper extremity"]
    table = clean(pd.DataFrame({"site": [*ham, "unknown"]}))
    assert table["site"].tolist() == [*ham, None]
    assert "site_text" not in table
    assert caplog.text == ""
