# ruff: noqa: E501 - tables and programs of other languages in strings; an exit code is an answer
"""Why your number differs: one small file through many libraries; the first table of docs/differences.md.

    python benchmarks/differences.py > differences.txt

`differences.csv` has 48 made images of four classes, of which VASC has none; probabilities are multiples of 0.05, so ties are frequent. MEL is malignant.
A library that is not installed is left out with a line on stderr; pROC is asked through Rscript.
"""

import io
import shutil
import sys
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from importlib.metadata import PackageNotFoundError, version

import numpy as np
from differing.believing import brier, calibration_error_malignant, calibration_error_top, conformal
from differing.deciding import balanced, benefit, subgroups
from differing.ranking import (
    auroc,
    auroc_of_one,
    average_precision,
    average_precision_of_no_positive,
    macro_auroc,
    one_model_twice,
    partial_area,
    two_models,
)  # fmt: skip
from differing.shared_file import Answers, proc

PACKAGES = (
    "numpy scikit-learn torchmetrics netcal uncertainty-calibration mapie crepes confidenceinterval MLstatkit dcurves "
    "fairlearn isic-challenge-scoring"
)

FIGURES: dict[str, Callable[[], Answers]] = {
    "AUROC": auroc,
    "average precision": average_precision,
    "average precision without a positive": average_precision_of_no_positive,
    "partial AUROC above 80 % sensitivity": partial_area,
    "ECE, top label": calibration_error_top,
    "ECE, malignant": calibration_error_malignant,
    "p of two AUROCs, DeLong": two_models,
    "p of two equal rankings": one_model_twice,
    "interval at AUROC 1": auroc_of_one,
    "macro AUROC, one class without images": macro_auroc,
    "balanced accuracy": balanced,
    "Brier score, four classes": brier,
    "conformal sets, 90 %: size, coverage, empty": conformal,
    "net benefit at 0.20": benefit,
    "sensitivity by site: leg, palms/soles, trunk": subgroups,
}


def shown(value: object) -> str:
    if isinstance(value, str):
        try:
            return " ".join(shown(float(part)) for part in value.split())
        except ValueError:
            return value
    if isinstance(value, list | tuple):
        return ", ".join(shown(part) for part in value)
    if isinstance(value, int):
        return str(value)
    number = float(value)  # type: ignore[arg-type]
    if np.isnan(number):
        return "n/a"
    if 0 < abs(number) < 1e-3 or 0 < abs(1 - number) < 1e-4:
        return repr(float(f"{number:.9g}"))
    return f"{number:.4f}"


def versions() -> str:
    found = []
    for name in PACKAGES.split():
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            print(f"{name} is not installed", file=sys.stderr)
    if shutil.which("Rscript"):
        found.append("pROC " + proc("cat(as.character(packageVersion('pROC')))"))
    return ", ".join(found)


def main(only: str = "") -> None:
    warnings.simplefilter("ignore")
    if not only:
        print(versions() + "\n")
    print("| figure | library | value |\n|---|---|---|")
    for figure, answers in FIGURES.items():
        for k, (name, ask) in enumerate(answers().items()):
            if not name.startswith(only):
                continue
            try:
                with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                    value = shown(ask())
            except ModuleNotFoundError as error:
                print(f"{name}: {error}", file=sys.stderr)
                continue
            except Exception as error:  # noqa: BLE001 - an error is an answer here
                value = f"{type(error).__name__}: {str(error)[:150]}"
            print(f"| {figure if k == 0 else ''} | {name} | {value} |", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:2])
