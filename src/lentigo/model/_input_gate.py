"""The input gate: which photographs cannot be judged, and why, in words.

Each fault has a limit at which the audit, or plain sense, would stop a photograph. Validation images may only loosen
it: where more than a set share of them lies beyond (0.1 % for most), the limit moves to that quantile, because a gate
that stops what the network was trained on protects nobody. One more rule, `unlike`, knows no fault by name: it measures
how far colours, shape and texture are from those of validation photographs (Mahalanobis distance of 23 numbers). Its
limit comes from distances that are measured from nine tenths of them to the last tenth: a mean and 23 x 23 covariances
lie close to what they were taken from, and limits set there stopped 39 % of other photographs after 69 images, 2 %
after 560.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import BundleError
from lentigo.model._image_statistics import FAULTS, STYLE
from lentigo.model._json_reader import Fields
from lentigo.model._photograph_score import PhotographScore

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FaultLimit:
    """One fault.

    Args:
        key: as in bundle.json.
        measure: of `FAULTS`; "style" for the distance.
        is_high: whether beyond the limit means above.
        limit: where it is stopped if validation images do not loosen it.
        words: the reason for a person.
        share: of validation images that it may stop, at most.
    """

    key: str
    measure: str
    is_high: bool
    limit: float
    words: str
    share: float = 0.001


RULES: Final = (
    # Less than half of what a network sees of 224: three quarters of its input would be made up.
    FaultLimit("too_small", "short_side", is_high=False, limit=0.5, words="too small"),
    # JPEG noise separates the channels of a grey picture by up to 6 levels; the palest skin by 24.
    FaultLimit("grey_scale", "colour", is_high=False, limit=16.0, words="without colour"),
    # Fitzpatrick type VI in good light has highlights from 0.35 up.
    FaultLimit("under_exposed", "light", is_high=False, limit=0.3, words="under-exposed"),
    FaultLimit("over_exposed", "clipped", is_high=True, limit=0.05, words="over-exposed"),
    FaultLimit("blurred", "blur", is_high=True, limit=4.0, words="out of focus"),
    # Grey levels between the middle and the skin around it, over three channels.
    FaultLimit("no_lesion", "lesion", is_high=False, limit=20.0, words="no lesion stands out in the middle"),
    # Of 280 validation images one in a hundred has an edge twice as far from the skin's colour as its middle.
    FaultLimit(
        "cut_off",
        "frame",
        is_high=True,
        limit=1.8,
        words="cut off: more stands out on the frame than in the middle",
        share=0.006,
    ),
    FaultLimit(
        "unlike",
        "style",
        is_high=True,
        limit=0.0,
        words="colours and texture unlike the skin photographs it knows",
        share=0.008,
    ),
)
LOOSENED_SHARE: Final = 0.01  # of photographs from elsewhere that one rule may stop
LEAST_FOR_STYLE: Final = 3 * len(STYLE)  # images: fewer do not fill 23 dimensions
N_FOLDS: Final = 10  # each is measured from the others


@dataclass(frozen=True, slots=True)
class InputGate:
    """Limits of the faults, and what normal photographs look like.

    Args:
        limits: of each rule that is applied, by its key; `too_small` in pixels.
        rates: share of validation images beyond each limit; for `unlike` each as seen from other images.
        expected_rate: share of validation images that any rule stops, counted likewise.
        n_images: validation images it was fitted on.
        center: mean of the style numbers, 23; empty without the rule `unlike`.
        whitening: matrix that makes them uncorrelated with variance 1, row by row.
        judge: what measures `unlike` instead, where the gate was fitted on several sources.
    """

    limits: dict[str, float]
    rates: dict[str, float]
    expected_rate: float
    n_images: int
    center: tuple[float, ...] = ()
    whitening: tuple[float, ...] = ()
    judge: PhotographScore | None = None

    def __post_init__(self) -> None:
        known = {rule.key for rule in RULES}
        if not set(self.limits) <= known or set(self.limits) != set(self.rates):
            raise BundleError("the gate of the bundle uses rules that this lentigo does not know. Update lentigo.")
        n_style = len(STYLE) if "unlike" in self.limits and self.judge is None else 0
        if len(self.center) != n_style or len(self.whitening) != n_style**2:
            raise BundleError("the gate of the bundle is incomplete. Export it again.")

    def reasons(self, statistics: Floats) -> tuple[str, ...]:
        """Return why a photograph cannot be judged, most severe fault first; empty for one that can."""
        values = self._values(statistics[np.newaxis])
        return tuple(
            rule.words
            for rule in RULES
            if rule.key in self.limits and _beyond(rule, values[rule.key], self.limits[rule.key])[0]
        )

    def stopped(self, statistics: Floats) -> dict[str, NDArray[np.bool_]]:
        """Return for each rule which photographs (N, measures) it stops."""
        values = self._values(statistics)
        return {
            rule.key: _beyond(rule, values[rule.key], self.limits[rule.key])
            for rule in RULES
            if rule.key in self.limits
        }

    def _values(self, statistics: Floats) -> dict[str, Floats]:
        values = {
            rule.key: statistics[:, FAULTS.index(rule.measure)]
            for rule in RULES
            if rule.measure != "style" and rule.key in self.limits
        }
        if self.judge is not None and "unlike" in self.limits:
            values["unlike"] = self.judge.score(statistics)
        elif self.center:
            whitening = np.array(self.whitening, dtype=np.float32).reshape(len(STYLE), len(STYLE))
            values["unlike"] = _distances(statistics, np.array(self.center, dtype=np.float32), whitening)
        return values

    def json(self) -> dict[str, Any]:
        """Return the gate as JSON types."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "judge"}
        return plain | ({} if self.judge is None else {"judge": self.judge.json()})

    @classmethod
    def from_fields(cls, fields: Fields) -> "InputGate":
        """Return the gate that `json` wrote."""
        limits, rates = (fields.take(name) for name in ("limits", "rates"))
        checked = [Fields(table, f"{fields.where}.{name}") for name, table in (("limits", limits), ("rates", rates))]
        made = cls(
            limits={rule.key: checked[0].number(rule.key, low=-1e6, high=1e6) for rule in RULES if rule.key in limits},
            rates={rule.key: checked[1].number(rule.key, low=0, high=1) for rule in RULES if rule.key in rates},
            expected_rate=fields.number("expected_rate", low=0, high=1),
            n_images=fields.integer("n_images", low=0, high=10**9),
            center=fields.numbers("center", most=len(STYLE), low=-1e6, high=1e6),
            whitening=fields.numbers("whitening", most=len(STYLE) ** 2, low=-1e6, high=1e6),
            judge=fields.record("judge", PhotographScore.from_fields) if fields.has("judge") else None,
        )
        for table in checked:
            table.done()
        return made


def fit_gate(statistics: Floats, size: int) -> InputGate:
    """Return the gate for photographs like these.

    Args:
        statistics: of validation images, shape (N, measures).
        size: side of the network's input; a photograph must have half of it.

    Example:
        >>> statistics = np.random.default_rng(0).normal(100, 10, (200, 30)).astype(np.float32)
        >>> gate = fit_gate(statistics, 224)
        >>> gate.expected_rate < 0.05, gate.reasons(statistics[0] * 0)[0]
        (True, 'too small')
    """
    limits: dict[str, float] = {}
    values: dict[str, Floats] = {}
    styles: list[tuple[float, ...]] = [(), ()]
    for rule in RULES:
        if rule.measure == "style":
            if len(statistics) >= LEAST_FOR_STYLE:
                styles = [tuple(numbers.ravel().tolist()) for numbers in _whiten(statistics[:, len(FAULTS) :])]
                values[rule.key] = _distances_from_others(statistics)
                limits[rule.key] = float(np.quantile(values[rule.key], 1 - rule.share)) * 1.0001
            continue
        values[rule.key] = statistics[:, FAULTS.index(rule.measure)]
        limit = rule.limit * size if rule.key == "too_small" else rule.limit
        if len(statistics):
            edge = float(np.quantile(values[rule.key], 1 - rule.share if rule.is_high else rule.share))
            limit = max(limit, edge * 1.0001) if rule.is_high else min(limit, edge * 0.9999)
        limits[rule.key] = limit
    stopped = {rule.key: _beyond(rule, values[rule.key], limits[rule.key]) for rule in RULES if rule.key in limits}
    rates = {key: float(which.mean()) if len(statistics) else 0.0 for key, which in stopped.items()}
    any_rule = np.any(list(stopped.values()), axis=0)
    return InputGate(
        limits,
        rates,
        float(any_rule.mean()) if len(statistics) else 0.0,
        len(statistics),
        center=styles[0],
        whitening=styles[1],
    )


def loosen_gate(gate: InputGate, statistics: Floats) -> InputGate:
    """Return a gate that stops hardly any photograph of another source, and whatever it stopped before beyond them.

    A rule is loosened where more than one in a hundred of these photographs, and more than two, lie beyond its limit: a
    bad photograph among them opens nothing. No rule is tightened, and none is lost.

    Args:
        gate: of a bundle.
        statistics: of the other photographs, shape (N, measures), N at least 1.

    Example:
        >>> statistics = np.random.default_rng(0).normal(100, 10, (200, 30)).astype(np.float32)
        >>> gate = fit_gate(statistics, 224)
        >>> loosen_gate(gate, statistics).limits == gate.limits
        True
    """
    values, limits = gate._values(statistics), dict(gate.limits)
    for rule in RULES:
        if rule.key in limits:
            n_beyond = int(_beyond(rule, values[rule.key], limits[rule.key]).sum())
            if n_beyond > max(2, LOOSENED_SHARE * len(statistics)):
                edge = float(np.quantile(values[rule.key], 1 - LOOSENED_SHARE if rule.is_high else LOOSENED_SHARE))
                limits[rule.key] = edge * (1.0001 if rule.is_high else 0.9999)
    made = dataclasses.replace(gate, limits=limits)
    stopped = made.stopped(statistics)
    rates = {key: float(which.mean()) for key, which in stopped.items()}
    any_rule = np.any(list(stopped.values()), axis=0)
    return dataclasses.replace(made, rates=rates, expected_rate=float(any_rule.mean()), n_images=len(statistics))


def _beyond(rule: FaultLimit, values: Floats, limit: float) -> NDArray[np.bool_]:
    return np.asarray(values > limit if rule.is_high else values < limit)


def _distances(statistics: Floats, center: Floats, whitening: Floats) -> Floats:
    shifted = (statistics[:, len(FAULTS) :] - center) @ whitening
    return np.asarray(np.sqrt((shifted**2).mean(axis=1)))


def _distances_from_others(statistics: Floats) -> Floats:
    """Return the distance of each photograph from the nine tenths that it is not among."""
    fold = np.random.default_rng(0).permutation(len(statistics)) % N_FOLDS
    found = np.empty(len(statistics), dtype=np.float32)
    for k in range(N_FOLDS):
        found[fold == k] = _distances(statistics[fold == k], *_whiten(statistics[fold != k, len(FAULTS) :]))
    return found


def _whiten(style: Floats) -> tuple[Floats, Floats]:
    """Return mean and whitening matrix, the covariance shrunk by a tenth towards its diagonal."""
    center = style.mean(axis=0)
    spread = np.maximum(style.std(axis=0), 1e-3)
    scaled = (style - center) / spread
    covariance = 0.9 * (scaled.T @ scaled) / len(scaled) + 0.1 * np.eye(style.shape[1])
    roots, vectors = np.linalg.eigh(covariance)
    return center, np.asarray((vectors / np.sqrt(np.maximum(roots, 1e-6))) / spread[:, np.newaxis], dtype=np.float32)
