"""A picture that can be computed, and what the network says about it: every load asks, and refuses another answer.

Hashes tell whether files are as they were; this tells whether the network still *answers* as it did, on this machine,
with this onnxruntime, after whatever happened to weights and calibration. It costs one forward pass.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import BundleError
from lentigo.model._json_reader import Fields
from lentigo.model._outputs import Network
from lentigo.model.decision import ProbabilityMap

# Of the largest logit. float32 differs by 1e-5 between machines; eight-bit kernels round differently on old ones.
TOLERANCE: Final = {"float32": 1e-3, "float16": 1e-3, "int8": 0.1}


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """What a bundle said about the known picture when it was made.

    Args:
        logits: one a class.
        probabilities: calibrated, one a class.
    """

    logits: tuple[float, ...]
    probabilities: tuple[float, ...]

    def check(self, network: Network, calibration: ProbabilityMap, asked: NDArray[Any], storage: str) -> None:
        """Ask the network again, with what `known_picture` or `known_embedding` gives.

        Raises:
            BundleError: it answers differently.
        """
        logits = network.run(asked[np.newaxis]).logits
        probabilities = calibration.of_logits(logits)[0]
        limit = TOLERANCE[storage]
        scale = max(1.0, float(np.abs(self.logits).max()))
        if (
            len(self.logits) != logits.shape[1]
            or len(self.probabilities) != logits.shape[1]
            or np.abs(logits[0] - np.array(self.logits)).max() > limit * scale
            or np.abs(probabilities - np.array(self.probabilities)).max() > limit
        ):
            raise BundleError(
                "the bundle no longer gives the predictions stored in it: weights or calibration were changed, or this "
                "onnxruntime computes differently. Export it again."
            )

    @classmethod
    def of_network(cls, network: Network, calibration: ProbabilityMap, asked: NDArray[Any]) -> "KnownAnswer":
        """Return what the network says now."""
        logits = network.run(asked[np.newaxis]).logits
        return cls(tuple(map(float, logits[0])), tuple(calibration.of_logits(logits)[0].tolist()))

    def json(self) -> dict[str, Any]:
        """Return the answer as JSON types."""
        return {"logits": list(self.logits), "probabilities": list(self.probabilities)}

    @classmethod
    def from_fields(cls, fields: Fields) -> "KnownAnswer":
        """Return the answer that `json` wrote."""
        logits = fields.numbers("logits", most=1000, low=-1e6, high=1e6)
        return cls(logits, fields.numbers("probabilities", most=1000, low=0, high=1))


def known_picture(size: int) -> NDArray[np.uint8]:
    """Return the picture (size, size, 3): a brown disc on skin that darkens to one corner, in whole numbers.

    Example:
        >>> known_picture(32)[[0, 16], [0, 16]].tolist()
        [[220, 170, 150], [99, 65, 51]]
    """
    y, x = np.mgrid[:size, :size]
    fall = ((x + y) * 60 // size)[..., np.newaxis]
    is_disc = ((4 * x - 2 * size) ** 2 + (4 * y - 2 * size) ** 2 < size * size)[..., np.newaxis]
    grain = ((7 * x + 13 * y) % 11)[..., np.newaxis]
    picture = np.where(is_disc, np.array([98, 64, 50]) + grain, np.array([220, 170, 150]) - fall)
    return np.ascontiguousarray(picture.clip(0, 255), dtype=np.uint8)


def known_embedding(width: int) -> NDArray[np.float32]:
    """Return an embedding (D,) in whole numbers over 50, between -1 and 1.

    Example:
        >>> known_embedding(3).round(2).astype(str).tolist()
        ['-1.0', '-0.26', '0.48']
    """
    return ((37 * np.arange(width) % 101 - 50) / 50).astype(np.float32)
