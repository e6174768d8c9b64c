"""Two hundred tables as people really write them, against a truth that is written down before the table is."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lentigo.config import Config
from lentigo.data.manifest import Manifest
from lentigo.data.manifest._suspects import find_suspects
from lentigo.data.sources import read_data
from lentigo.errors import DataError
from lentigo.stages._run_folder import choices_of, taxonomy_of

# The truth: code of each of twelve images, and who and what they show.
CODES = ("NV", "NV", "MEL", "BCC", "NV", "BKL", "MEL", "NV", "SCC", "DF", "NV", "MEL")
PATIENTS = (1, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6)
LESIONS = (1, 1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 10)
MALIGNANT = {"MEL", "BCC", "SCC"}
NAMES = {
    "NV": "melanocytic nevus", "MEL": "Melanoma", "BCC": "basal cell carcinoma", "BKL": "seborrheic keratosis",
    "SCC": "squamous cell carcinoma", "DF": "dermatofibroma",
}  # fmt: skip
OWN_WORDS = {"NV": "mole-ish", "MEL": "bad one", "BCC": "bc", "BKL": "sebk", "SCC": "spino", "DF": "histio"}
IMAGE = ("image_id", "image", "ImageName", "isic id", "File-Name", "img", "FILENAME")
PATIENT = ("patient_id", "PatientID", "patientId", "Pat-Nr", "patient number", "MRN", "pid", "Subject ID", "PAT_NO")
UNCLEAR = ("case_id", "CaseNo", "Fall-Nr", "visit_no")
LESION = ("lesion_id", "LesionID", "lesion", "Läsions-Nr")
DIAGNOSIS = ("diagnosis", "dx", "Diagnosis Name", "label", "Class", "Histopathology")
SIDE = ("benign_malignant", "malignant", "target", "label", "Class", "diagnosis", "is-malignant", "y_true")
SIDES = (("benign", "malignant"), ("0", "1"), ("no", "yes"), ("False", "True"), ("non-cancer", "cancer"))
EXTRA = {
    "notes": lambda k: f"seen on day {k}", "ward": lambda k: "AB"[k % 2], "age_approx": lambda k: 30 + 5 * (k // 2),
    "Geschlecht": lambda k: "mf"[k % 2], "camera setting": lambda k: k, "copyright": lambda _: "CC-0",
}  # fmt: skip


@dataclass
class Table:
    """A drawn table: its columns in order, how they are written, and what is true of it."""

    columns: dict[str, list[Any]]
    separator: str
    encoding: str
    named: str
    kind: str
    patient: str | None
    lesion: str | None


def _labels(draw: Any, kind: str) -> dict[str, list[str]]:
    if kind in {"names", "codes", "own words"}:
        words = {"names": NAMES, "own words": OWN_WORDS}.get(kind, {code: code.lower() for code in NAMES})
        return {draw(st.sampled_from(DIAGNOSIS)): [words[code] for code in CODES]}
    if kind == "sides":
        words = draw(st.sampled_from(SIDES))
        return {draw(st.sampled_from(SIDE)): [words[code in MALIGNANT] for code in CODES]}
    if kind == "own sides":
        words = draw(st.sampled_from((("1", "2"), ("good", "evil"), ("B", "M"))))
        return {draw(st.sampled_from(SIDE)): [words[code in MALIGNANT] for code in CODES]}
    if kind == "benign beside diagnoses":
        texts = [NAMES[code] if code in MALIGNANT else "benign" for code in CODES]
        return {draw(st.sampled_from(DIAGNOSIS)): texts}
    names = {code: code for code in NAMES} if kind == "one-hot codes" else NAMES
    if kind == "one-hot with benign":
        groups = {"MEL": "MEL", "BCC": "BCC", "SCC": "SCC"}
        marks = {name: [str(int(groups.get(code) == name)) for code in CODES] for name in groups.values()}
        return {**marks, "benign": [str(int(code not in MALIGNANT)) for code in CODES]}
    yes, no = draw(st.sampled_from((("1", "0"), ("1.0", "0.0"))))
    return {name: [yes if code == own else no for code in CODES] for own, name in names.items()}


KINDS = (
    *("names", "codes", "own words", "sides", "own sides", "benign beside diagnoses"),
    *("one-hot codes", "one-hot names", "one-hot with benign"),
)


@st.composite
def tables(draw: Any) -> Table:
    """Draw a table of twelve images."""
    kind, image = draw(st.sampled_from(KINDS)), draw(st.sampled_from(IMAGE))
    suffix = draw(st.sampled_from(("", ".jpg", ".JPG")))
    columns: dict[str, list[Any]] = {image: [f"photo_{k:02}{suffix}" for k in range(12)]}
    columns |= _labels(draw, kind)
    patient = draw(st.sampled_from((None, *PATIENT, *UNCLEAR)))
    if patient:
        style = draw(st.sampled_from(("{}", "P-{:04}", "{:06}")))
        columns[patient] = [style.format(n + 700) for n in PATIENTS]
    lesion = draw(st.sampled_from((None, *LESION)))
    if lesion:
        columns[lesion] = [f"L{n:03}" for n in LESIONS]
    for name in draw(st.lists(st.sampled_from(sorted(EXTRA)), unique=True, max_size=4)):
        columns[name] = [EXTRA[name](k) for k in range(12)]
    order = draw(st.permutations(list(columns)))
    encodings = ["utf-8", "utf-8-sig"] + ["cp1252"] * any(not name.isascii() for name in columns)
    separator, encoding = draw(st.sampled_from(",;\t")), draw(st.sampled_from(encodings))
    return Table({name: columns[name] for name in order}, separator, encoding, image, kind, patient, lesion)


def _read(path: Path, overrides: list[str]) -> Manifest:
    config = Config().overridden(overrides)
    return read_data(path, taxonomy=taxonomy_of(config), task=config.data.task, choices=choices_of(config))


def _remedies(message: str, drawn: Table) -> list[str]:
    """Return the settings that a message proposes, with the truth where it leaves a meaning to the reader."""
    meaning = {OWN_WORDS[code]: code for code in OWN_WORDS}
    for benign, malignant in (("1", "2"), ("good", "evil"), ("B", "M")):
        meaning |= {benign: "benign", malignant: "malignant"}
    texts = [word for column in drawn.columns.values() for word in dict.fromkeys(map(str, column)) if word in meaning]
    settings_of = re.findall(r"--set ('[^']*'|\S+)", message)
    proposed = [shlex.split(text)[0].rstrip(".") for text in settings_of]
    assert proposed, message
    chosen = []
    for setting in proposed:
        key, _, value = setting.rpartition("=")
        name = key.removeprefix("data.aliases.")
        if value in {"CODE", "benign"} and name == "NAME":
            chosen += [f"data.aliases.{text}={meaning[text]}" for text in dict.fromkeys(texts)]
        elif value == "CODE":
            chosen.append(f"{key}={meaning[name]}")
        else:
            pytest.fail(f"proposes a meaning that nobody knows: {setting}")
    return chosen


@settings(
    max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(drawn=tables())
def test_no_table_is_read_wrongly_and_none_is_refused_without_a_remedy_that_works(drawn: Table, tmp_path: Path) -> None:
    for k in range(12):
        (tmp_path / f"photo_{k:02}.jpg").touch()
    path = tmp_path / "table.csv"
    rows = zip(*drawn.columns.values(), strict=True)
    lines = [drawn.separator.join(map(str, row)) for row in (drawn.columns, *rows)]
    path.write_bytes("\n".join(lines).encode(drawn.encoding))
    overrides: list[str] = []
    try:
        manifest = _read(path, overrides)
    except DataError as error:
        assert drawn.kind in {"own words", "own sides"}, error
        overrides = _remedies(str(error), drawn)
        manifest = _read(path, overrides)
    table = manifest.table.sort_values("image_id")
    assert table["image_id"].tolist() == [f"photo_{k:02}" for k in range(12)]
    if "side" in drawn.kind or "benign" in drawn.kind:
        assert table["target"].tolist() == ["malignant" if code in MALIGNANT else "benign" for code in CODES]
    else:
        assert table["target"].tolist() == list(CODES)
    _check_ids(manifest, drawn, path, overrides)


def _check_ids(manifest: Manifest, drawn: Table, path: Path, overrides: list[str]) -> None:
    table = manifest.table.sort_values("image_id")
    assert table["lesion_id"].nunique() == (10 if drawn.lesion else 0)
    if drawn.patient in PATIENT:
        pairs = set(zip(table["patient_id"], PATIENTS, strict=True))
        assert len(pairs) == len(set(PATIENTS)) == table["patient_id"].nunique()
        assert find_suspects(table) == ()
    elif drawn.patient:
        assert table["patient_id"].isna().all()
        (suspect,) = find_suspects(table)
        assert suspect.column == drawn.patient
        remedies = [shlex.split(text)[0] for text in re.findall(r"--set ('[^']*'|\S+)", suspect.remedy)]
        as_patient, as_lesion, as_nothing = remedies
        settled = _read(path, [*overrides, as_patient])
        assert settled.table["patient_id"].nunique() == 6
        assert find_suspects(settled.table, {}) == ()
        assert _read(path, [*overrides, as_lesion]).table["lesion_id"].nunique() == 6
        columns = Config().overridden([as_nothing]).data.columns
        assert find_suspects(_read(path, [*overrides, as_nothing]).table, columns) == ()
