"""What a network reaches in a source that it has not learned from, at the threshold that the other sources chose.

The threshold is that of a run: the highest that finds the wanted share of malignant images of validation, here of
validation images of the other sources, or in each of these sources where the run asks that of its own. A network in
training has no input gate yet, so what cannot be assessed is what falls into the low-confidence band alone, chosen on
the same images.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from lentigo.config import CalibrateConfig
from lentigo.model.decision import Estimate, LowConfidenceBand
from lentigo.numbers.calibration import choose_band, choose_threshold, demanded_in_each, judged_sources, reached_at
from lentigo.numbers.metrics import (
    BetweenSources,
    Resampler,
    between_sources,
    bootstrap,
    bootstrap_estimate,
    delong_aurocs,
    interval_logit,
    share_logit,
)
from lentigo.numbers.predictions import Predictions

FIGURES: Final = ("auroc", "sensitivity", "specificity")
BY_BAND: Final = "low-confidence band alone: a network in training has no input gate"

Groups = npt.NDArray[np.generic]


def held_out_figures(
    said: Predictions,
    others: Predictions,
    *,
    malignant: Sequence[str],
    settings: CalibrateConfig,
    groups: Groups,
    unit: str,
    kept_in: npt.NDArray[np.str_] | None = None,
    fewest: int = 1,
    n_resamples: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> dict[str, Any]:
    """Return the figures of one source: JSON of estimates, counts, threshold.

    Args:
        said: on the images of the source, both sides present.
        others: of the same network on validation images of the other sources, both sides present.
        malignant: the malignant ones of the classes.
        settings: wanted sensitivity (the first of several) and low-confidence band.
        groups: (N,) patient or lesion of each image of the source.
        unit: what a group is.
        kept_in: (M,) source of each of `others`, if the wanted sensitivity is kept in each; None to keep it over all.
        fewest: malignant images of a source in which it is kept.
        n_resamples: of the bootstrap.
        confidence: of the intervals.
        seed: of the resamples.

    Example:
        >>> rows = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.7, 0.3]])
        >>> here = Predictions(np.array(list("abcd")), np.array([0, 0, 1, 1]), rows, ("NV", "MEL"))
        >>> how = {"malignant": ["MEL"], "settings": CalibrateConfig(), "groups": here.image, "unit": "image"}
        >>> found = held_out_figures(here, here, n_resamples=100, **how)
        >>> found["threshold"], found["sensitivity"]["value"], found["specificity"]["value"]
        (0.3, 1.0, 0.5)
    """
    is_malignant, probability = said.is_malignant(malignant), said.malignant(malignant)
    was_malignant, before = others.is_malignant(malignant), others.malignant(malignant)
    wanted = settings.sensitivities[0]
    if kept_in is not None and len(judged_sources(was_malignant, kept_in, fewest=fewest)) > 1:
        wanted = demanded_in_each(wanted, was_malignant, before, kept_in, fewest=fewest)
    threshold = choose_threshold(was_malignant, before, target_sensitivity=wanted)
    band = choose_band(
        was_malignant,
        before,
        threshold=threshold,
        target_missed=settings.missed,
        most_deferred=settings.most_deferred,
        kept_in=kept_in,
        fewest=fewest,
    )
    drawn = Resampler.of(is_malignant.astype(np.int64), groups, n_resamples=n_resamples, seed=seed)
    sensitivity, specificity = reached_at(is_malignant, probability, threshold, drawn, unit, confidence)
    is_close = LowConfidenceBand(band.low, band.high, band.expected_share).is_low(probability)
    ranked = delong_aurocs(is_malignant, [probability], groups=groups)
    area = Estimate(float(ranked.auroc[0]), *ranked.interval(confidence=confidence), len(said), _why(ranked.auroc[0]))
    return {
        "n": len(said),
        "n_malignant": int(is_malignant.sum()),
        "n_units": {"malignant": drawn.count_clusters(is_malignant), "benign": drawn.count_clusters(~is_malignant)},
        "unit": unit,
        "threshold": threshold,
        "target_sensitivity": settings.sensitivities[0],
        "auroc": area.json(),
        "sensitivity": sensitivity.json(),
        "specificity": specificity.json(),
        "cannot_assess": _share(is_close, drawn, unit, confidence).json(),
        "cannot_assess_by": BY_BAND,
    }


def over_sources(entries: Sequence[Mapping[str, Any]], *, confidence: float = 0.95) -> dict[str, BetweenSources]:
    """Return AUROC, sensitivity and specificity over left-out sources, and what to expect of them in a new one.

    Sensitivity and specificity count lesions or patients, not images: those of one count together.

    Args:
        entries: one a source, as `held_out_figures` returns them.
        confidence: of the intervals.

    Example:
        >>> over_sources([])
        {}
    """
    found = {}
    for name in FIGURES:
        known = []
        for entry in entries:
            figure = Estimate.from_json(entry[name]) if entry.get(name) else None
            if figure is None or not figure.is_defined:
                continue
            side = {"sensitivity": "malignant", "specificity": "benign"}.get(name)
            if side is None:
                pair = interval_logit(figure, confidence=confidence)
            else:
                pair = share_logit(figure.value, entry.get("n_units", {}).get(side, figure.n))
            if pair is not None:
                known.append((figure.value, *pair))
        if known:
            values, logits, variances = zip(*known, strict=True)
            found[name] = between_sources(values, logits, variances, confidence=confidence)
    return found


def _why(area: float) -> str | None:
    return None if 0 < area < 1 else "every malignant image ranks above every benign one, or below"


def _share(is_close: npt.NDArray[np.bool_], drawn: Resampler, unit: str, confidence: float) -> Estimate:
    def share(weights: npt.NDArray[Any]) -> dict[str, npt.NDArray[Any]]:
        return {"share": is_close.astype(np.float64) @ weights / weights.sum(axis=0)}

    everything = np.ones(len(is_close), dtype=bool)
    return bootstrap_estimate(
        float(is_close.mean()),
        bootstrap(share, drawn)["share"],
        n=len(is_close),
        n_clusters=drawn.n_clusters,
        effective_clusters=drawn.effective_clusters(everything),
        unit=unit,
        confidence=confidence,
        is_proportion=True,
    )
