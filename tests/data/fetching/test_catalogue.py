import re

import pytest

from lentigo.data.fetching import find_set, public_sets
from lentigo.errors import DataError

SETS = public_sets()


def test_every_set_of_the_issue_is_known() -> None:
    years = {f"isic{year}" for year in (2016, 2017, 2018, 2019, 2020, 2024)}
    assert {"bcn20000", "ham10000", "pad-ufes-20", "dermamnist", "milk10k", *years} <= set(SETS)


@pytest.mark.parametrize("name", sorted(SETS))
def test_a_set_has_addresses_licence_citation_and_sound_checksums(name: str) -> None:
    about = SETS[name]
    assert about.bases
    assert all(base.startswith("https://") for base in about.bases)
    assert about.licence_url.startswith("https://creativecommons.org/")
    assert about.homepage.startswith("https://")
    assert about.citation
    assert about.images > 0
    assert bool(about.files) != bool(about.collection)
    assert len({file.target for file in about.files}) == len(about.files)
    for file in about.files:
        assert file.bytes > 0 or name == "milk10k"  # its sizes are not published beside it
        assert re.fullmatch(r"md5:[0-9a-f]{32}|sha256:[0-9a-f]{64}|", file.checksum)
        assert bool(file.checksum) == bool(file.by)


def test_an_address_is_base_and_path_and_a_mirror_has_plain_names() -> None:
    file = SETS["ham10000"].files[0]
    assert file.addresses(SETS["ham10000"].bases) == [
        "https://dataverse.harvard.edu/api/access/datafile/4338392?format=original"
    ]
    assert file.addresses(["http://m/"], is_mirror=True) == ["http://m/HAM10000_metadata.csv"]


def test_a_set_is_found_under_its_usual_spellings() -> None:
    assert find_set("ISIC-2019") is SETS["isic2019"]
    assert find_set("PAD_UFES_20") is SETS["pad-ufes-20"]


def test_a_set_whose_authors_ask_for_consent_is_pointed_at_with_its_terms() -> None:
    with pytest.raises(DataError, match=r"is not downloaded by lentigo: .*derm\.cs\.sfu\.ca.*lentigo train"):
        find_set("derm7pt")


def test_an_unknown_set_is_told_with_the_nearest() -> None:
    with pytest.raises(
        DataError, match=r"unknown data set 'ham1000'\. Did you mean 'ham10000'\? Known: .*isic-archive"
    ):
        find_set("ham1000")
