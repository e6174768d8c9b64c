"""What other collections say of a set's labels: its photographs found there, with their diagnoses.

    python benchmarks/labels.py SET OTHER... [--out twins.csv] [--manifest manifest.csv] [--predictions PREDS]

SET is benign against malignant; each of OTHER has diagnoses (HAM10000, ISIC 2017). Photographs that stand in both are
found by their pixels, as the audit does. Printed are how many are found, how often the two sides differ, by diagnosis
and by how it was confirmed where that is said, how many lesions stand in several splits of SET, and, with predictions
on SET (out of fold, or on test), how often these are wrong at 0.5 and the AUROC of each kind of malignant against each
kind of benign image. `--manifest` writes SET as a table with the lesion ids of
the others, so that training can leave out what test shows too.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from lentigo.data.sources import read_data
from lentigo.numbers.evaluation import evaluate
from lentigo.numbers.predictions import Predictions
from lentigo.study.auditing import find_shared
from lentigo.taxonomy import Taxonomy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set")
    parser.add_argument("others", nargs="+")
    parser.add_argument("--predictions")
    parser.add_argument("--out", help="CSV of the photographs found; read instead of searching again where it stands")
    parser.add_argument("--manifest", help="CSV of SET to write, with lesion ids where they are known")
    given = parser.parse_args()
    table = pd.concat([read_data(folder).table.assign(origin=folder) for folder in [given.set, *given.others]])
    table = table.reset_index(drop=True)
    own = table["origin"] == given.set
    if given.out and Path(given.out).exists():
        found = pd.read_csv(given.out)
    else:
        found = twins(table, own=own.to_numpy())
        if given.out:
            found.to_csv(given.out, index=False)
    said = table[own].drop(columns=["diagnosis", "lesion_id", "origin", "dx_type"], errors="ignore")
    known = ["image_id", "origin", "diagnosis", "dx_type", "lesion_id"]
    said = said.merge(found.drop_duplicates("image_id")[known], on="image_id", how="left")
    print(f"{said['origin'].notna().sum()} of {len(said)} images found elsewhere")
    leaks = said[said.groupby("lesion_id")["split"].transform("nunique") > 1]["split"].value_counts()
    print(f"Images whose lesion another split shows too, by its id: {leaks.to_dict()}")
    if given.manifest:
        columns = ["image_id", "path", "target", "split", "lesion_id", "dx_type"]
        said[columns].to_csv(given.manifest, index=False)
    describe(found, given.predictions)
    if given.predictions:
        by_stratum(said.set_index("image_id"), Predictions.read(given.predictions))


def describe(found: pd.DataFrame, predictions: str | None) -> None:
    """Print where labels differ, and where predictions are wrong."""
    found["differ"] = found["said"] != found["side"]
    figures = {"n": ("image_id", "size"), "differ": ("differ", "sum")}
    if predictions:
        preds = Predictions.read(predictions)
        chance = dict(zip(preds.image.tolist(), preds.malignant(["malignant"]).tolist(), strict=True))
        found = found.assign(chance=found["image_id"].map(chance)).dropna(subset=["chance"])
        found["wrong"] = (found["chance"] >= 0.5) != (found["said"] == "malignant")
        figures["wrong"] = ("wrong", "mean")
    for keys in (["origin"], ["said", "diagnosis"], ["said", "dx_type"]):
        print(found.groupby(keys, dropna=False).agg(**figures).round(3).to_string())
    print(found[found["differ"]].drop(columns=["differ"]).to_string(index=False))


def by_stratum(said: pd.DataFrame, preds: Predictions) -> None:
    """Print AUROC of malignant images of one origin against benign ones confirmed in one way; lesions are resampled."""
    known = said.reindex(preds.image)
    is_malignant = preds.is_malignant(["malignant"])
    lesions = known["lesion_id"].fillna(pd.Series(known.index, index=known.index)).to_numpy().astype(str)
    origin, proof = (known[name].fillna("not found").to_numpy().astype(str) for name in ("origin", "dx_type"))
    print("malignant from | benign by | images | AUROC")
    for of in ("all", *np.unique(origin[is_malignant])):
        for by in ("all", *np.unique(proof[~is_malignant])):
            rows = np.where(is_malignant, (of == "all") | (origin == of), (by == "all") | (proof == by)).astype(bool)
            part = preds.select(rows)
            found = evaluate(part, malignant=["malignant"], groups=lesions[rows], unit="lesion", operating_points=())
            print(
                f"{of} | {by} | {is_malignant[rows].sum()} + {(~is_malignant[rows]).sum()} | {found.metrics['auroc']}"
            )


def twins(table: pd.DataFrame, *, own: np.ndarray) -> pd.DataFrame:
    """Return a row for each image of the set that stands in another collection: what each says of it."""
    taxonomy = Taxonomy()
    mine = table[own]
    parts = []
    for origin, its in table[~own].groupby("origin", sort=False):
        partner = find_shared(list(map(Path, mine["path"])), list(map(Path, its["path"])))
        known = its.iloc[partner[partner >= 0]].reset_index(drop=True)
        said = mine.loc[partner >= 0, ["image_id", "target"]].reset_index(drop=True)
        about = known.reindex(columns=["diagnosis", "dx_type", "lesion_id"])
        parts.append(pd.DataFrame({
            "image_id": said["image_id"], "said": said["target"], "origin": origin, "other_id": known["image_id"],
            **about, "side": [str(taxonomy.side(code)) for code in about["diagnosis"]],
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


if __name__ == "__main__":
    main()
