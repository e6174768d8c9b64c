# ruff: noqa: E501 - tables and programs of other languages in strings; an exit code is an answer
"""The small file that all libraries read, and how they are asked."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

TABLE = Path(__file__).parents[1] / "differences.csv"
DATA = pd.read_csv(TABLE)
CLASSES = ("NV", "BKL", "MEL", "VASC")
ROWS = DATA[list(CLASSES)].to_numpy()
TARGET = np.array([CLASSES.index(name) for name in DATA["target"]])
TRUTH = DATA["target"].eq("MEL").to_numpy()
SCORE, SECOND = DATA["MEL"].to_numpy(), DATA["second_model"].to_numpy()
PERFECT = np.where(TRUTH, 0.8, 0.2)
THRESHOLD = 0.2

Answers = dict[str, Callable[[], object]]


def one_hot() -> pd.DataFrame:
    return pd.DataFrame(np.eye(4)[TARGET], columns=list(CLASSES))


def weights() -> pd.Series:
    return pd.Series(np.ones(len(DATA)))


def proc(code: str) -> str:
    """Return what R prints; y, s and t are truth, score and the second model's score."""
    if not shutil.which("Rscript"):
        raise ModuleNotFoundError("Rscript")
    given = f"suppressMessages(library(pROC));d<-read.csv('{TABLE}');y<-as.integer(d$target=='MEL');s<-d$MEL;t<-d$second_model;"
    ran = subprocess.run(["Rscript", "-e", given + code], capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def tensors(*arrays: np.ndarray) -> list[object]:
    import torch

    return [torch.from_numpy(np.ascontiguousarray(a)) for a in arrays]
