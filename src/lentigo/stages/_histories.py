"""Histories of training: records as lines, and one history over the folds of a run."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from lentigo.stages._run_folder import Run


def mean_history(run: Run, n_folds: int) -> list[dict[str, Any]]:
    """Return one record an epoch: the mean over the folds that went so far."""
    histories = [Run(run.fold_folder(k)).history() for k in range(n_folds)]
    longest = max(map(len, histories))
    epochs = [[history[i] for history in histories if i < len(history)] for i in range(longest)]
    return [_mean_record(records) for records in epochs]


def _mean_record(records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    alike = {key: value for key, value in records[0].items() if isinstance(value, str) or key == "epoch"}
    means = {key: float(np.mean([record[key] for record in records])) for key in records[0] if key not in alike}
    return {key: alike.get(key, means.get(key)) for key in records[0]}


def lines_of(records: Sequence[dict[str, Any]]) -> str:
    """Return records as JSON Lines."""
    return "".join(f"{json.dumps(record)}\n" for record in records)
