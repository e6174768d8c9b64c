"""An input gate for photographs of a source that had no part in fitting it.

Limits from one source's validation stop what another source always shows: a third of a hospital's archive, for its
round black frame. Here every limit is set by sources: a fault's is as wide as the widest source asks for, and that of
the learned rule `unlike` is set on each source by a rule that was fitted on the others. What the gate refuses of a
further source is then measured the same way, each source left out of everything.
"""

import dataclasses
from collections.abc import Collection
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lentigo.model._image_statistics import FAULTS
from lentigo.model._input_gate import RULES, InputGate
from lentigo.model._photograph_score import PhotographScore, fit_judge

Floats = NDArray[np.float32]

LEAST_A_SOURCE: Final = 30  # photographs: fewer say nothing about a limit that one in twenty may be beyond
FAULT_SHARE: Final = 0.01  # of the photographs of any source that one fault may stop
MARGIN: Final = 1.25  # beyond the widest source; without it blur alone stopped 6 % of a source left out, with it 2 %
UNLIKE_SHARE: Final = 0.05  # of the photographs of a source by a rule fitted on the others
# Log-odds between which the limit of `unlike` lies: at 0 a source left out is refused at 0 to 10 % and other pictures
# at 94 to 96 %, at -0.5 at 0 to 12 % and at 95 to 97 % (docs/experiments.md).
NARROWEST: Final = -0.5
WIDEST: Final = 0.0


def fit_gate_over_sources(
    statistics: Floats, source: NDArray[np.str_], size: int, *, framed: Floats, others: Floats
) -> InputGate | None:
    """Return a gate fitted on several sources; None where fewer than two have photographs enough.

    Args:
        statistics: measures of photographs, shape (N, measures).
        source: (N,) of each; an empty one is unknown, and is not used.
        size: side of the network's input.
        framed: measures of the same photographs seen through a round tube, shape (N, measures).
        others: of pictures that are not photographs of a lesion, shape (M, measures).
    """
    counts = {name: int((source == name).sum()) for name in sorted(set(source.tolist()) - {""})}
    names = [name for name, n_images in counts.items() if n_images >= LEAST_A_SOURCE]
    if len(names) < 2:
        return None
    parts = {name: statistics[source == name] for name in names}
    tubes = {name: framed[source == name] for name in names}
    gate = _fitted(parts, tubes, others, size)
    left_out = {}
    for name in names:
        without = _fitted(_less(parts, name), _less(tubes, name), others, size)
        left_out[name] = _refused(without, parts[name], but={"too_small"})  # which is no matter of cameras
    stopped = gate.stopped(np.concatenate(list(parts.values())))
    assert gate.judge is not None
    judge = dataclasses.replace(gate.judge, left_out=left_out, others_refused=_refused(gate, others))
    any_rule = np.any(list(stopped.values()), axis=0)
    rates = {key: float(which.mean()) for key, which in stopped.items()}
    return dataclasses.replace(gate, rates=rates, expected_rate=float(any_rule.mean()), judge=judge)


def _fitted(parts: dict[str, Floats], tubes: dict[str, Floats], others: Floats, size: int) -> InputGate:
    limits = _fault_limits(parts, size)
    without = [
        np.where(
            _is_faulty(limits, part),
            -np.inf,
            _fit_photograph_score(_less(parts, name), _less(tubes, name), others).score(part),
        )
        for name, part in (parts.items() if len(parts) > 1 else ())
    ]
    edges = [float(np.quantile(score, 1 - UNLIKE_SHARE, method="lower")) for score in without]
    limits["unlike"] = float(np.clip(max(edges, default=WIDEST), NARROWEST, WIDEST))
    n_images = sum(map(len, parts.values()))
    return InputGate(
        limits, dict.fromkeys(limits, 0.0), 0.0, n_images, judge=_fit_photograph_score(parts, tubes, others)
    )


def _fault_limits(parts: dict[str, Floats], size: int) -> dict[str, float]:
    """Return the limit of each fault: plain sense, or what the widest source asks for, and a margin beyond."""
    limits = {}
    for rule in RULES:
        if rule.measure == "style":
            continue
        column, share = FAULTS.index(rule.measure), 1 - FAULT_SHARE if rule.is_high else FAULT_SHARE
        edges = [float(np.quantile(part[:, column], share)) for part in parts.values()]
        plain = rule.limit * size if rule.key == "too_small" else rule.limit
        margin = 1.0001 if rule.key in {"too_small", "grey_scale"} else MARGIN  # these two do not vary with cameras
        limits[rule.key] = max(plain, *edges) * margin if rule.is_high else min(plain, *edges) / margin
    return limits


def _is_faulty(limits: dict[str, float], statistics: Floats) -> NDArray[np.bool_]:
    return np.asarray(np.any(list(InputGate(limits, limits, 0.0, 0).stopped(statistics).values()), axis=0))


def _fit_photograph_score(parts: dict[str, Floats], tubes: dict[str, Floats], others: Floats) -> PhotographScore:
    return fit_judge([np.concatenate([parts[name], tubes[name]]) for name in parts], others)


def _less(parts: dict[str, Floats], name: str) -> dict[str, Floats]:
    return {other: part for other, part in parts.items() if other != name}


def _refused(gate: InputGate, statistics: Floats, *, but: Collection[str] = ()) -> float:
    stopped = [which for key, which in gate.stopped(statistics).items() if key not in but]
    return float(np.any(stopped, axis=0).mean())
