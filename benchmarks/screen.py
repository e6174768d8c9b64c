"""Which settings help: a screening design over many of them at once, by folds of the training images.

    python benchmarks/screen.py DATA... --factors factors.toml --out results.jsonl [--use 0,1]

The test split is never read. `factors.toml` holds one table a factor, of settings that are laid over `finetune`, and
`[always]` with those that every run has:

    [always]
    "image.size" = 96
    [mixup]
    "augment.mixup" = 0.2

Up to eleven factors are switched on and off together, by Plackett and Burman's design of twelve runs (Biometrika 33,
1946) on the first fold and by its mirror image on the second, so that each factor is on in half of the runs of each
fold and pairs of factors do not stand in for single ones. Every run tells about every factor: an effect is as well
known as from twelve runs with and twelve without it. Printed are the effect of each and its standard error, from what
the runs scatter when the effects and the folds are taken off. Lines of `--out` that are there are not computed again;
`--share 0/2` and `1/2` divide the runs between two processes.
"""

import json
import tomllib
from pathlib import Path

import numpy as np
from recipes import judge, judging_parser, open_folds

from lentigo.config import load_config

METRICS = ("auroc", "auroc_one_view", "nll", "brier", "best_accuracy", "specificity_at_95")
FIRST_ROW = "++-+++---+-"  # Plackett and Burman's, turned eleven times


def main() -> None:
    parser = judging_parser(__doc__)
    parser.add_argument("--factors", required=True, type=Path)
    parser.add_argument("--use", default="0,1", help="the two folds that are held out")
    parser.add_argument("--share", default="0/1")
    given = parser.parse_args()
    factors = tomllib.loads(given.factors.read_text())
    always = factors.pop("always", {})
    base = load_config(overrides=[f"model.weights={given.weights}"]).changed(always)
    manifest, parts = open_folds(given.data, base, n_folds=given.folds, use=given.use)
    wanted = [(part, row) for part, sign in zip(parts, (1, -1), strict=True) for row in sign * design()]
    mine, n_shares = map(int, given.share.split("/"))
    for k, (part, row) in enumerate(wanted):
        on = [name for name, level in zip(factors, row, strict=False) if level > 0]
        if k % n_shares == mine and [part, on] not in [[line["part"], line["on"]] for line in _lines(given.out)]:
            changes = {key: value for name in on for key, value in factors[name].items()}
            found = judge(manifest, parts[part], base.changed({"seed": k, **changes}), given)
            with given.out.open("a") as stream:
                stream.write(json.dumps({"part": part, "on": on, "seed": k, **found}) + "\n")
            print(f"{k + 1} of {len(wanted)}: {part}, {', '.join(on)}: AUROC {found['auroc']:.4f}", flush=True)
    if len(lines := _lines(given.out)) >= len(factors) + 4:
        print_effects(lines, list(factors))


def design() -> np.ndarray:
    """Return the twelve runs of the eleven factors, shape (12, 11), levels 1 and -1."""
    first = np.array([1 if sign == "+" else -1 for sign in FIRST_ROW])
    return np.vstack([*(np.roll(first, k) for k in range(11)), np.full(11, -1)])


def _lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def print_effects(lines: list[dict], names: list[str]) -> None:
    """Print what switching each factor on changes, and its standard error, by least squares with a mean a fold."""
    parts = sorted({line["part"] for line in lines})
    x = np.array([
        [*(line["part"] == part for part in parts), *(0.5 if name in line["on"] else -0.5 for name in names)]
        for line in lines
    ])  # fmt: skip
    n_free = len(lines) - x.shape[1]
    print(f"{len(lines)} runs, {n_free} degrees of freedom. Effect (standard error) of each factor:")
    print("| factor | " + " | ".join(METRICS) + " |\n|---|" + "---|" * len(METRICS))
    inverse = np.linalg.inv(x.T @ x)
    columns = []
    for metric in METRICS:
        y = np.array([line[metric] for line in lines])
        effects = inverse @ x.T @ y
        errors = np.sqrt(np.diag(inverse) * ((y - x @ effects) ** 2).sum() / n_free)
        columns.append(list(zip(effects, errors, strict=True))[len(parts) :])
    for k, name in enumerate(names):
        print(f"| {name} | " + " | ".join(f"{column[k][0]:+.4f} ({column[k][1]:.4f})" for column in columns) + " |")


if __name__ == "__main__":
    main()
