"""What a bundle is built from besides the networks: photographs with their truth, facts of the run, choices."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import ConfigError, suggest
from lentigo.model import STORAGES, DecodedImage, Licence, MeasuredFigures
from lentigo.model.decision import Columns, DecisionRule, Estimate, LesionRule


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How to export.

    Args:
        storage: float32, float16 or int8.
        n_references: reference cases to keep, at most; 0 for none, and then no out-of-distribution score either.
        pictures_licence: under which small pictures of them may be shown; empty for no pictures.

    Raises:
        ConfigError: another storage, or fewer cases than none.

    Example:
        >>> ExportOptions("float16").n_references
        1000
    """

    storage: str = "float32"
    n_references: int = 1000
    pictures_licence: str = ""

    def __post_init__(self) -> None:
        if self.storage not in STORAGES:
            known = ", ".join(STORAGES)
            raise ConfigError(f"unknown storage '{self.storage}'.{suggest(self.storage, STORAGES)} Known: {known}.")
        if self.n_references < 0:
            raise ConfigError(f"--references is {self.n_references}. It must be 0 (none) or more.")


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """Photographs with their known diagnoses and ids.

    Args:
        seen: decoded and measured.
        image_id: of each.
        target: index of the class of each, shape (N,).
        unseen: uncalibrated probabilities (N, K) of networks that had not trained on them; None where those to be
            exported had not.
        source: of each; empty where nobody says.
        columns: what is known of each beside the image; None for a model of images alone.
        patients: of each; None for a model that does not use the patient's other photographs.
    """

    seen: Sequence[DecodedImage]
    image_id: tuple[str, ...]
    target: NDArray[np.int64]
    unseen: NDArray[np.float64] | None = None
    source: tuple[str, ...] = ()
    columns: Sequence[Columns] | None = None
    patients: Sequence[str] | None = None

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """All fitted pixels, shape (N, S, S, 3)."""
        return np.stack([one.pixels for one in self.seen])

    @property
    def statistics(self) -> NDArray[np.float32]:
        """The measures of the gate, shape (N, measures)."""
        return np.stack([one.statistics for one in self.seen])


@dataclass(frozen=True, slots=True, eq=False)
class GateCases:
    """What a gate over several sources is fitted on: measures of pictures that it is to let pass, or not.

    Args:
        statistics: of photographs, shape (N, measures).
        source: (N,) of each.
        framed: of the same photographs seen through a round tube, shape (N, measures).
        others: of pictures that are not photographs of a lesion, shape (M, measures).
    """

    statistics: NDArray[np.float32]
    source: NDArray[np.str_]
    framed: NDArray[np.float32]
    others: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """What a bundle repeats of its run.

    Args:
        name: of the bundle.
        backbone: its name in timm.
        decision: by calibration.
        data: fingerprint and sizes.
        metrics: figures on test.
        licence: what the weights may be used for.
        measured: the three answers on test and figures on left-out sources.
        lesion: how several photographs of a lesion become one answer; None where validation lesions had one each.
    """

    name: str
    backbone: str
    decision: DecisionRule
    data: dict[str, str]
    metrics: dict[str, Estimate]
    licence: Licence
    measured: tuple[MeasuredFigures, ...] = ()
    lesion: LesionRule | None = None
