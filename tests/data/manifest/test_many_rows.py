"""Work on a table grows with its rows and no faster, and cells are not read twice: counted, not timed."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lentigo.data.manifest import Manifest, sort_names
from lentigo.data.manifest import _columns as columns
from lentigo.data.manifest._places import absolute_paths, relative_paths
from lentigo.data.manifest._tables import write_csv
from lentigo.data.splits import _pool as pool
from lentigo.data.splits import split_manifest
from lentigo.table_files import as_plain_text, as_plain_texts, read_named_rows, read_plain_columns

PLACE = Path("/data/set")
TEXTS = [
    "a.jpg",
    "x/b.jpg",
    "./c.jpg",
    "x//d.jpg",
    "x/./e.jpg",
    "f/",
    ".",
    "/elsewhere/g.jpg",
    "/data/set/h.jpg",
    "...",
]


def _manifest(n: int) -> Manifest:
    rng = np.random.default_rng(0)
    target = rng.choice(["NV", "MEL", "BCC"], n, p=[0.7, 0.2, 0.1])
    ids = [f"ISIC_{i:06}" for i in range(n)]
    lesions = [f"IL_{i}" for i in rng.integers(0, n // 2, n)]
    table = pd.DataFrame({"image_id": ids, "path": [f"/data/set/{i}.jpg" for i in ids], "target": target})
    return Manifest(table.assign(lesion_id=lesions), origin="memory")


def test_paths_as_texts_are_those_of_path_objects() -> None:
    absolute = absolute_paths([*TEXTS, None], PLACE)
    assert absolute == [*(str(PLACE / text) for text in TEXTS), None]
    wanted = [
        Path(text).relative_to(PLACE).as_posix() if Path(text).is_relative_to(PLACE) else text for text in absolute[:-1]
    ]
    assert relative_paths(absolute[:-1], PLACE) == wanted


@pytest.mark.parametrize(
    "values",
    [
        [" a ", "n/a", "", "none", None, "NULL", "Straße", "<NA>", "12.0", " nan"],
        ["NV"] * 40 + ["MEL ", None, "n/a"],
        [12.0, float("nan"), "x", True, 3],
        [],
    ],
)
def test_a_column_is_cleaned_as_its_values_are(values: list[object]) -> None:
    assert as_plain_texts(values) == [as_plain_text(value) for value in values]
    assert as_plain_texts(values * 300) == [as_plain_text(value) for value in values * 300]


def test_a_table_is_written_as_pandas_writes_it(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "text": pd.Series(["a", None, 'with "quotes", a comma', "two\nlines"], dtype=object),
            "age": [1.5, np.nan, 40.0, 1e-7],
            "n": [1, 2, 3, 4],
            "flag": [True, False, True, False],
        }
    )
    for some in (table, table[["age"]], table.assign(text=[1, "a", None, True])):
        write_csv(some, tmp_path / "ours.csv")
        some.to_csv(tmp_path / "theirs.csv", index=False, lineterminator="\n")
        assert (tmp_path / "ours.csv").read_bytes() == (tmp_path / "theirs.csv").read_bytes()


@pytest.mark.parametrize(
    "names", [["b", "a", "b", ""], ["patient:10", "patient:9", "lesion:ü"], ["image:" + "x" * 30, "image:x"]]
)
def test_names_are_sorted_as_numpy_sorts_them(names: list[str]) -> None:
    unique, place = sort_names(np.array(names))
    wanted, wanted_place = np.unique(np.array(names), return_inverse=True)
    assert unique.tolist() == wanted.tolist()
    assert place.tolist() == wanted_place.tolist()


def test_a_manifest_is_cleaned_once_when_read_and_never_when_split_or_cut(monkeypatch, tmp_path: Path) -> None:
    _manifest(200).write(tmp_path / "manifest.csv")
    cleaned: list[int] = []
    clean = columns.as_plain_texts
    monkeypatch.setattr(columns, "as_plain_texts", lambda values: cleaned.append(len(values)) or clean(values))
    found = Manifest.read(tmp_path / "manifest.csv")
    n_of_reading = len(cleaned)
    assert n_of_reading == len(found.table.columns)
    split_manifest(found, seed=0).subset("train").select(np.arange(10))
    assert len(cleaned) == n_of_reading


def test_a_cut_looks_at_kinds_of_groups_and_not_at_every_group(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    of = pool._Kinds.of

    def counting(counts: np.ndarray, taken: np.ndarray) -> pool._Kinds:
        kinds = of(counts, taken)
        looked.append(len(kinds.size))
        return kinds

    monkeypatch.setattr(pool._Kinds, "of", counting)
    split_manifest(_manifest(6000), seed=0)
    assert looked
    assert max(looked) < 400  # of 2,600 groups


@pytest.mark.parametrize("text", ["image_id,dx\na, NV \nb,\n", "image_id,dx\r\na,NV\r\nü,MEL", "a,b,c\n1,,2\n"])
def test_a_plain_file_is_cut_into_the_columns_that_the_csv_reader_finds(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(text.encode())
    header, _, rows = read_named_rows(tmp_path / "a.csv")
    plain = read_plain_columns(tmp_path / "a.csv")
    assert plain is not None
    assert plain == (header, [list(column) for column in zip(*rows, strict=True)])


@pytest.mark.parametrize(
    "text",
    [
        'a,b\n"x, y",2\n',  # quotes
        "a;b\n1;2\n",  # another separator, and its decimal commas
        "a,b\n1,2\n\n3,4\n",  # a blank row, which keeps its number
        "a,b\n1,2,3\n",  # a field too many, to be refused
        "a,\n1,2\n",  # a column without a name
        "sep=,\na,b\n1,2\n",
        "a\n1\n",
        "a,b\n",
        "a,b\r1,2\r",
    ],
)
def test_a_file_that_is_not_plain_is_left_to_the_csv_reader(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(text.encode())
    assert read_plain_columns(tmp_path / "a.csv") is None
