"""Ways to choose settings, side by side: a grid, random draws and Optuna's TPE, by how good the chosen settings are.

    lentigo embed lentigo DATA --out emb.parquet
    python benchmarks/search.py emb.parquet       # Optuna is no part of lentigo: pip install optuna

The problem is a small network on embeddings with two settings, learning rate and weight decay, each over four powers
of ten. Its out-of-fold AUROC (five folds), and the AUROC on images that have no part in it, are computed once for each
cell of an 11 x 11 table; each way then looks up cells, so that a hundred searches cost seconds.
"""

import argparse
import warnings
from pathlib import Path

import numpy as np
import optuna
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict, train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SIDE = 11  # cells along a setting
EPOCHS = 15


def table_of(x: np.ndarray, y: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the AUROC out of fold and on the other half, for every learning rate (rows) and weight decay (columns)."""
    fit, rest, y_fit, y_rest = train_test_split(x, y, test_size=0.5, stratify=y, random_state=seed)
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    inner, outer = np.zeros((SIDE, SIDE)), np.zeros((SIDE, SIDE))
    for row, rate in enumerate(np.logspace(-5, -1, SIDE)):
        for column, decay in enumerate(np.logspace(-3, 1, SIDE)):
            network = MLPClassifier(16, alpha=decay, learning_rate_init=rate, max_iter=EPOCHS, random_state=seed)
            model = make_pipeline(StandardScaler(), network)
            said = cross_val_predict(model, fit, y_fit, cv=folds, method="predict_proba")[:, 1]
            inner[row, column] = roc_auc_score(y_fit, said)
            outer[row, column] = roc_auc_score(y_rest, model.fit(fit, y_fit).predict_proba(rest)[:, 1])
    return inner, outer


def grid_cells(n: int) -> list[tuple[int, int]]:
    """Return a square grid of about n cells, evenly over the table, ends left out as a person would."""
    side = round(n**0.5)
    places = np.linspace(0, SIDE - 1, side + 2)[1:-1].round().astype(int)
    return [(int(row), int(column)) for row in places for column in places]


def random_cells(n: int, seed: int) -> list[tuple[int, int]]:
    """Return n cells drawn evenly."""
    return [tuple(pair) for pair in np.random.default_rng(seed).integers(0, SIDE, (n, 2)).tolist()]


def tpe_cells(n: int, seed: int, inner: np.ndarray) -> list[tuple[int, int]]:
    """Return the n cells that Optuna's default way asks for."""
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    asked = []

    def score(trial: optuna.Trial) -> float:
        asked.append((trial.suggest_int("rate", 0, SIDE - 1), trial.suggest_int("decay", 0, SIDE - 1)))
        return float(inner[asked[-1]])

    study.optimize(score, n_trials=n)
    return asked


def main() -> None:
    """Print a row for each way and number of runs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("embeddings", type=Path)
    parser.add_argument("--splits", type=int, default=4)
    parser.add_argument("--seeds", type=int, default=20)
    given = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    table = pd.read_parquet(given.embeddings)
    y = table["image_id"].str.contains("malignant").to_numpy()
    x = np.stack(table["embedding"].to_list()).astype(np.float32)
    tables = [table_of(x, y, seed) for seed in range(given.splits)]
    print("runs  way     out of fold, below best  other images, below best  s.d. over searches")
    for n in (4, 9, 16, 25):
        ways = {"grid": [], "random": [], "TPE": []}
        for inner, outer in tables:
            for seed in range(given.seeds):
                cells = {"grid": grid_cells(n), "random": random_cells(n, seed), "TPE": tpe_cells(n, seed, inner)}
                for way, asked in cells.items():
                    best = max(asked, key=lambda cell: inner[cell])
                    ways[way].append((inner.max() - inner[best], outer.max() - outer[best]))
        for way, lost in ways.items():
            mean, spread = np.mean(lost, axis=0), np.std(lost, axis=0)
            print(f"{n:4d}  {way:6s}  {mean[0]:.4f}                   {mean[1]:.4f}                    {spread[1]:.4f}")


if __name__ == "__main__":
    main()
