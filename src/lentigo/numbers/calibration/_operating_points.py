"""All operating points that the settings ask for, on one set of validation images."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lentigo.config import CalibrateConfig
from lentigo.errors import MetricError, name_offenders
from lentigo.model.decision import OperatingPoint
from lentigo.numbers.calibration._operating_point import fit_operating_point
from lentigo.numbers.metrics import Resampler
from lentigo.wording import counted, counted_units


def fit_operating_points(
    is_malignant: npt.NDArray[np.bool_],
    probability: npt.NDArray[np.float64],
    *,
    settings: CalibrateConfig,
    target_sensitivities: Sequence[float],
    resampler: Resampler | None,
    unit: str,
    confidence: float,
) -> tuple[OperatingPoint, ...]:
    """Return one operating point a sensitivity, in order, then those of the cost ratio and of Youden if asked for.

    Args:
        is_malignant: (N,) truth, both sides present.
        probability: (N,) calibrated malignant probability.
        settings: of them the cost ratio and whether Youden's point is wanted.
        target_sensitivities: in (0, 1]; the first one decides.
        resampler: for bootstrap intervals over its clusters; None for Wilson's.
        unit: what a cluster is.
        confidence: coverage of the intervals.

    Example:
        >>> truth, said = np.array([True, True, False, False]), np.array([0.9, 0.6, 0.7, 0.1])
        >>> how = {"settings": CalibrateConfig(cost_ratio=9), "resampler": None, "unit": "image", "confidence": 0.95}
        >>> [point.name for point in fit_operating_points(truth, said, target_sensitivities=[0.95], **how)]
        ['sensitivity_95', 'cost_9', 'youden']
    """
    wanted = [{"target_sensitivity": value} for value in target_sensitivities]
    if settings.cost_ratio:
        wanted.append({"cost_ratio": settings.cost_ratio, "prevalence": settings.prevalence or math.nan})
    if settings.youden:
        wanted.append({})
    return tuple(
        fit_operating_point(is_malignant, probability, resampler=resampler, unit=unit, confidence=confidence, **one)
        for one in wanted
    )


def refuse_one_side(is_malignant: npt.NDArray[np.bool_], malignant: Sequence[str]) -> None:
    """Raise unless there are both malignant and benign images.

    Raises:
        MetricError: one side is missing.
    """
    n_malignant = int(is_malignant.sum())
    if 0 < n_malignant < is_malignant.size:
        return
    missing = "malignant" if n_malignant == 0 else "benign"
    raise MetricError(
        f"No {missing} one is among the {counted(is_malignant.size, 'labelled validation image')} "
        f"(malignant classes: {name_offenders(malignant) or 'none of the classes'}). "
        "A threshold needs both: make a validation set with both, for example with 'lentigo split'."
    )


def describe_intervals(resampler: Resampler | None, unit: str, confidence: float) -> str:
    """Return how the intervals of the operating points were made.

    Example:
        >>> describe_intervals(None, "image", 0.95)
        '95% Wilson, every image independent'
    """
    if resampler is None:
        return f"{confidence:.0%} Wilson, every image independent"
    resamples = f"{resampler.n_resamples} resamples of {counted_units(resampler.n_clusters, unit)}"
    return f"{confidence:.0%} Wilson by effective size, from {resamples}"
