import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lentigo.errors import ConfigError, DataError
from lentigo.taxonomy import CODES, GATHERED, Taxonomy


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nv", "NV"),  # HAM10000
        ("akiec", "AKIEC"),
        ("Melanocytic nevi", "NV"),
        ("Benign keratosis-like lesions", "BKL"),
        ("Actinic keratoses and intraepithelial carcinoma / Bowen's disease", "AKIEC"),
        ("pigmented benign keratosis", "BKL"),  # ISIC archive until 2024
        ("solar lentigo", "BKL"),
        ("seborrheic keratosis", "BKL"),
        ("squamous cell carcinoma", "SCC"),
        ("actinic keratosis", "AK"),
        ("lentigo NOS", "UNK"),
        ("Solar or actinic keratosis", "AK"),  # ISIC archive, diagnosis_3 to diagnosis_5
        ("Melanoma Invasive", "MEL"),
        ("Melanoma, NOS", "MEL"),
        ("Melanoma in situ, Lentigo maligna type", "MEL"),
        ("Squamous cell carcinoma, Invasive", "SCC"),
        ("Malignant melanocytic proliferations (Melanoma)", "MEL"),
        ("Nevus, Atypical, Compound", "NV"),
        ("Benign:Benign melanocytic proliferations:Nevus", "NV"),
        ("Nevus sebaceus", "UNK"),  # no melanocytic nevus, in spite of its name
        ("ACK", "AK"),  # PAD-UFES-20
        ("SEK", "BKL"),
        ("NEV", "NV"),
        ("melanoma (0.76 to 1.5 mm)", "MEL"),  # derm7pt
        ("reed or spitz nevus", "NV"),
        ("Seborrhoeic keratoses", "BKL"),  # British plural
        ("haemangioma", "VASC"),
        ("seborrheic_keratosis", "BKL"),
    ],
)
def test_names_of_the_public_sets_are_understood(text: str, code: str) -> None:
    assert Taxonomy().code(text) == code


def test_every_code_and_its_full_name_mean_the_code() -> None:
    taxonomy = Taxonomy()
    assert all(taxonomy.code(code) == code == taxonomy.code(taxonomy.name(code)) for code in CODES)


def test_an_unknown_diagnosis_is_named_with_the_nearest_one_and_the_remedy() -> None:
    with pytest.raises(DataError) as raised:
        Taxonomy().code("melanomma")
    assert str(raised.value) == (
        "unknown diagnosis 'melanomma'. Did you mean 'melanoma' (MEL)? "
        "Known codes: AK, AKIEC, BCC, BEN_OTH, BKL, DF, INF, MAL_OTH, MEL, NV, SCC, UNK, VASC; "
        "or benign, malignant. Map it with --set data.aliases.melanomma=MEL"
    )


def test_the_remedy_for_a_name_with_a_space_is_quoted_for_the_shell() -> None:
    with pytest.raises(DataError, match=r"--set 'data\.aliases\.xy zzz=CODE'$"):
        Taxonomy().code("xy zzz")


def test_aliases_are_asked_before_the_built_in_names() -> None:
    taxonomy = Taxonomy(aliases={"Other": "NV", "0": "benign"})
    assert taxonomy.code("other") == "NV"
    assert taxonomy.target("0") == "benign"


def test_a_side_is_no_diagnosis() -> None:
    assert Taxonomy().target("Benign") == "benign"
    with pytest.raises(DataError, match="'Benign' is not a diagnosis but a class"):
        Taxonomy().code("Benign")


def test_an_alias_of_something_unknown_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"data\.aliases\.x is 'MELL'.* Did you mean 'MEL'"):
        Taxonomy(aliases={"x": "MELL"})


def test_a_side_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"data\.ak is 'bad'"):
        Taxonomy(ak="bad")  # type: ignore[arg-type]


def test_the_sides_of_ak_and_akiec_are_switches_and_stated_in_words() -> None:
    assert (Taxonomy().side("AK"), Taxonomy().side("AKIEC")) == ("benign", "malignant")
    switched = Taxonomy(ak="malignant", akiec="benign")
    assert (switched.side("AK"), switched.side("AKIEC")) == ("malignant", "benign")
    assert switched.malignant(CODES) == ("MEL", "BCC", "AK", "SCC", "MAL_OTH")
    assert "(AK) is counted as malignant, and AKIEC" in switched.describe()
    assert Taxonomy().describe().endswith("as malignant.")


def test_the_gathered_classes_of_isic_2025_have_a_side_each() -> None:
    taxonomy = Taxonomy()
    assert [taxonomy.side(taxonomy.code(name)) for name in GATHERED] == ["benign", "malignant", "benign"]
    assert "MAL_OTH" not in taxonomy.describe()  # the sentence of every report names single diagnoses


def test_malignant_classes_of_a_binary_task_and_unk() -> None:
    assert Taxonomy().malignant(("benign", "malignant")) == ("malignant",)
    assert Taxonomy().side("UNK") is None
    with pytest.raises(DataError, match="unknown diagnosis code 'mel'"):
        Taxonomy().side("mel")


@given(st.text(max_size=40))
def test_any_text_is_a_known_code_or_a_data_error(text: str) -> None:
    with contextlib.suppress(DataError):
        assert Taxonomy().target(text) in {*CODES, "benign", "malignant"}


@given(st.sampled_from(CODES), st.sampled_from([str.lower, str.upper, str.title]), st.sampled_from(["", " ", "_"]))
def test_case_and_padding_do_not_matter(code: str, change: object, padding: str) -> None:
    name = Taxonomy().name(code)
    assert Taxonomy().code(padding + change(name) + padding) == code  # type: ignore[operator]
