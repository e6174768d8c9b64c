"""The table that the shipped model learns from: six sets of pictures of four sources, lesions and patients whole.

    python benchmarks/pool.py DATA --out pool.csv

DATA holds the folders ham10000, ham10000-224, isic2017, bcn20000, bcn20000-84 and isic2020. One lesion has one part,
whatever the size of its pictures. HAM10000 and ISIC 2017 have the parts that the first shipped model was trained with
(`split_manifest`, seed 0; the official split), so that a network may start from it. A lesion of BCN20000 is for test
with probability 0.30 where there is a picture of it at 256 pixels, for validation with 0.12; a patient of ISIC 2020
with 0.35 and 0.15: decided by the hash of the id, so that more pictures move no lesion. Pictures without an id to group
by are left out, as are small copies of a photograph that is there in large. Test and validation of HAM10000 are asked
at one size. With `--small N` at most N of the training pictures of 84 pixels of each diagnosis are taken, by the hash
of their names, so that they are not half of what is learned from.

`source` names the set, so that small sets of large pictures are drawn more often (`train.balance_sources`); with
`--hospitals` it names what `train.fold_by = "source"` has to hold out together. Benign lesions of ISIC 2020 have no
diagnosis: the most probable benign one of the first shipped model stands in for it, and `dx_type` says "model".
"""

import argparse
import hashlib
from pathlib import Path

import pandas as pd

from lentigo.config import DataConfig
from lentigo.data.sources import read_data
from lentigo.data.splits import split_manifest
from lentigo.model import open_model

COLUMNS = (
    "image_id", "path", "diagnosis", "lesion_id", "patient_id", "split", "source", "hospital", "age", "sex", "site",
    "dx_type",
)  # fmt: skip
OF_LESION = {"test": 0.30, "val": 0.12}
OF_PATIENT = {"test": 0.35, "val": 0.15}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--hospitals", action="store_true", help="`source` is what is held out together")
    parser.add_argument("--small", type=int, metavar="N", help="most training pictures of 84 pixels of one diagnosis")
    given = parser.parse_args()
    sets = [*ham10000(given.data), isic2017(given.data), *bcn20000(given.data, given.small), isic2020(given.data)]
    table = pd.concat(sets, ignore_index=True).reindex(columns=COLUMNS)
    if given.hospitals:
        table["source"] = table["hospital"]
    table.to_csv(given.out, index=False)
    print(pd.crosstab(table["source"], table["split"]))


def part_of(name: str, fractions: dict[str, float]) -> str:
    """Return the part of a lesion or patient, by the hash of its name."""
    draw = drawn(name)
    if draw < fractions.get("test", 0):
        return "test"
    return "val" if draw < sum(fractions.values()) else "train"


def drawn(name: str) -> float:
    """Return a number from 0 to 1 that depends on the name alone."""
    return int(hashlib.sha256(f"lentigo-20:{name}".encode()).hexdigest()[:12], 16) / 16**12


def read(data: Path, name: str, suffix: str = "") -> pd.DataFrame:
    """Return the metadata of a set, with ids told apart from those of the same photographs in another size."""
    table = pd.read_csv(data / name / "metadata.csv", dtype=str)
    paths = [str((data / name / path).resolve()) for path in table["path"]]
    return table.assign(image_id=table["image_id"] + suffix, path=paths, source=name, hospital=name.partition("-")[0])


def ham10000(data: Path) -> list[pd.DataFrame]:
    manifest = split_manifest(read_data(data / "ham10000"), fractions=DataConfig().fractions, seed=0)
    whole = manifest.table.assign(diagnosis=manifest.table["target"], source="ham10000", hospital="ham10000")
    first = whole.drop_duplicates("lesion_id").set_index("lesion_id")
    middle = read(data, "ham10000-224", "-224")
    for column, known in (("split", first["split"]), ("diagnosis", first["diagnosis"])):
        middle[column] = middle["lesion_id"].map(known)
    return [whole, middle[middle["split"] == "train"]]


def isic2017(data: Path) -> pd.DataFrame:
    table = read_data(data / "isic2017").table
    return table.assign(diagnosis=table["target"], source="isic2017", hospital="isic2017")


def bcn20000(data: Path, most_small: int | None) -> list[pd.DataFrame]:
    large, small = read(data, "bcn20000"), read(data, "bcn20000-84", "-84")
    seen = set(large["lesion_id"].dropna())
    large = large[large["lesion_id"].notna()]
    large = large.assign(split=[part_of(lesion, OF_LESION) for lesion in large["lesion_id"]])
    without_test = {"val": OF_LESION["val"]}
    small["split"] = [part_of(lesion, OF_LESION if lesion in seen else without_test) for lesion in small["lesion_id"]]
    is_copy = small["image_id"].str.removesuffix("-84").isin(large["image_id"])
    small = small[~is_copy & (small["split"] != "test")]
    if most_small is not None:
        learned = small[small["split"] == "train"].sort_values("image_id", key=lambda names: names.map(drawn))
        rest = learned.groupby("diagnosis").cumcount().loc[lambda place: place >= most_small].index
        small = small.drop(index=rest)
    return [large, small]


def isic2020(data: Path) -> pd.DataFrame:
    table = read(data, "isic2020")
    table["split"] = [part_of(patient, OF_PATIENT) for patient in table["patient_id"]]
    is_open = table["diagnosis"].isna()
    bundle = open_model("lentigo@1")
    benign = [name for name in bundle.classes if name not in bundle.record.malignant_classes]
    answers = bundle.predict([Path(path) for path in table.loc[is_open, "path"]])
    table.loc[is_open, "diagnosis"] = [max(benign, key=answer.probabilities.__getitem__) for answer in answers]
    table.loc[is_open, "dx_type"] = "model"
    return table


if __name__ == "__main__":
    main()
