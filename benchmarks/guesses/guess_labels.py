"""Answers L6 to L10 and L17 to L19 of docs/guesses.md: seeded label noise, and tables as the ISIC Archive exports them.

    python benchmarks/guesses/guess_labels.py PREDICTIONS.csv [l6 ...]

PREDICTIONS: image, target and one probability per class, by a network that did not learn from these images. The flips
are seeded: 5 % of the labels.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from asking import answer_all
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from sklearn.metrics import roc_auc_score

TABLE = pd.read_csv(sys.argv.pop(1))
KEPT = TABLE["target"].value_counts()
KEPT = sorted(KEPT.index[KEPT >= 20])
TABLE = TABLE[TABLE["target"].isin(KEPT)]
PROBABILITIES = TABLE[KEPT].to_numpy() + 1e-12
PROBABILITIES /= PROBABILITIES.sum(axis=1, keepdims=True)
TRUE = np.array([KEPT.index(name) for name in TABLE["target"]])
RIVAL = {"MEL": "NV", "NV": "MEL", "BKL": "NV", "AK": "BKL", "AKIEC": "BKL", "BCC": "BKL", "SCC": "BCC", "DF": "NV"}


def flipped(*, to_rival: bool) -> tuple[np.ndarray, np.ndarray]:
    """The labels with 5 % of them changed, and which were changed."""
    rng = np.random.default_rng(0)
    rows = rng.choice(len(TRUE), len(TRUE) // 20, replace=False)
    labels = TRUE.copy()
    for row in rows:
        rival = RIVAL.get(KEPT[TRUE[row]], "NV")
        others = [k for k in range(len(KEPT)) if k != TRUE[row]]
        labels[row] = KEPT.index(rival) if to_rival and rival in KEPT else rng.choice(others)
    return labels, labels != TRUE


def found(named: np.ndarray, was_flipped: np.ndarray) -> str:
    hits = (named & was_flipped).sum()
    recall, precision = hits / was_flipped.sum(), hits / max(1, named.sum())
    return f"{named.sum()} of {len(named)} named, recall {recall:.2f}, precision {precision:.2f}"


def l6() -> object:
    labels, was_flipped = flipped(to_rival=False)
    unchanged = find_label_issues(TRUE, PROBABILITIES).sum()
    return found(find_label_issues(labels, PROBABILITIES), was_flipped), f"{unchanged} named without a flip"


def l7() -> object:
    labels, was_flipped = flipped(to_rival=True)
    return found(find_label_issues(labels, PROBABILITIES), was_flipped)


def l8() -> object:
    answers = {}
    for name, to_rival in (("at random", False), ("to the rival", True)):
        labels, was_flipped = flipped(to_rival=to_rival)
        for method in ("self_confidence", "normalized_margin", "confidence_weighted_entropy"):
            score = get_label_quality_scores(labels, PROBABILITIES, method=method)
            answers[f"{name}, {method}"] = round(float(roc_auc_score(was_flipped, -score)), 3)
    return answers


def l9() -> object:
    from lentigo.numbers.calibration import apply_temperature, fit_temperature
    from lentigo.study.auditing._label_errors import LEAST_RIVAL, MOST_DOUBTS, _label_issues

    answers = {}
    for name, to_rival in (("at random", False), ("to the rival", True)):
        labels, was_flipped = flipped(to_rival=to_rival)
        soft = apply_temperature(PROBABILITIES, fit_temperature(PROBABILITIES, labels))
        named = np.zeros(len(labels), bool)
        ranked = _label_issues(labels, soft)
        claimed = [row for row in ranked if np.delete(soft[row], labels[row]).max() >= LEAST_RIVAL][:MOST_DOUBTS]
        named[claimed] = True
        answers[name] = found(named, was_flipped)
    return answers


def l10() -> object:
    labels, _ = flipped(to_rival=False)
    plain = find_label_issues(labels, PROBABILITIES)
    counts = np.bincount(labels, minlength=len(KEPT))
    rows = np.concatenate([np.arange(len(labels))] + [
        np.tile(np.flatnonzero(labels == k), max(0, counts.max() // counts[k] - 1)) for k in range(len(KEPT))
    ])  # fmt: skip
    cloned = find_label_issues(labels[rows], PROBABILITIES[rows])[: len(labels)]
    return f"{plain.sum()} named, {cloned.sum()} after cloning to {len(rows)} rows, {(plain & cloned).sum()} by both"


EXPORTED = {
    "isic_id": "ISIC_0000001", "attribution": "Anonymous", "copyright_license": "CC-0", "age_approx": "55",
    "anatom_site_general": "anterior torso", "diagnosis_1": "Malignant",
    "diagnosis_2": "Malignant melanocytic proliferations (Melanoma)", "diagnosis_3": "Melanoma, NOS",
    "diagnosis_confirm_type": "histopathology", "image_type": "dermoscopic",
    "lesion_id": "IL_0000001", "melanocytic": "True", "patient_id": "IP_0000001", "sex": "male",
}  # fmt: skip


def validated(row: dict[str, str]) -> object:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        pd.DataFrame([row]).to_csv(path, index=False)
        program = str(Path(sys.executable).parent / "isic")
        ran = subprocess.run([program, "metadata", "validate", str(path)], capture_output=True, text=True, check=False)
    lines = [
        " ".join(line.replace("│", "|").split()) for line in ran.stdout.splitlines() if "│" in line or "errors" in line
    ]
    return ran.returncode, lines


def l17() -> object:
    return validated(EXPORTED)


def l18() -> object:
    row = {name: value for name, value in EXPORTED.items() if name != "age_approx"}
    return validated({"isic_id": "ISIC_0000001", "age_approx": "55"}), validated(row | {"age": "55"})


def l19() -> object:
    return [validated({"diagnosis": name}) for name in ("mel", "nv", "Melanoma", "melanoma")]


if __name__ == "__main__":
    answer_all(globals(), "l", "cleanlab isic-cli isic-metadata scikit-learn lentigo")
