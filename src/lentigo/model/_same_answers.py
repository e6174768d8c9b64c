"""Whether another runtime or precision answers as onnxruntime does: asked at opening, and refused where it does not.

All that a network says is compared: logits, maps, embedding, and the out-of-distribution score that follows from it.
The input gate needs no comparison: it measures the photograph before any network is asked.
"""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import BundleError
from lentigo.model._computation import BFLOAT16, FLOAT32, Computation
from lentigo.model._known_answer import TOLERANCE, known_picture
from lentigo.model._outputs import Network, Outputs

if TYPE_CHECKING:
    from lentigo.model._bundle import BundleParts
    from lentigo.model._ood_score import TypicalEmbeddings

# Shares of the largest value. On 320 photographs bfloat16 differed by up to 0.014 (logits, maps, embedding), and
# OpenVINO in float32 by 2e-6.
LIMITS: Final = {FLOAT32: 1e-3, BFLOAT16: 0.05}


def refuse_other_answers(network: Network, truth: Network, parts: "BundleParts", computation: Computation) -> None:
    """Ask a network about the known picture, and compare with onnxruntime.

    Args:
        network: under the other runtime, in the other precision.
        truth: the same under onnxruntime.
        parts: of the bundle.
        computation: what the network runs in.

    Raises:
        BundleError: it answers otherwise.
    """
    picture = known_picture(parts.record.image.size)[np.newaxis]
    found = differences(network.run(picture), truth.run(picture), parts.typical)
    limit = max(LIMITS[computation.precision], TOLERANCE[parts.record.network.storage])
    worst = max(found, key=lambda name: found[name])
    if not found[worst] <= limit:
        raise BundleError(
            f"{computation.runtime} {computation.version} in {computation.precision} predicts differently from "
            f"onnxruntime: {worst} differs by {found[worst]:.2g} of the largest value, more than {limit:g}. "
            "Use --runtime onnxruntime."
        )


def differences(found: Outputs, truth: Outputs, typical: "TypicalEmbeddings | None") -> dict[str, float]:
    """Return the largest difference of each thing that a network says, as a share of its largest value.

    Example:
        >>> said = [Outputs(np.array([[value, 4.0]]), None, np.ones((1, 2), np.float32)) for value in (1.0, 2.0)]
        >>> differences(*said, None)
        {'logits': 0.25, 'embedding': 0.0}
    """
    shares = {"logits": _share(found.logits, truth.logits), "embedding": _share(found.embedding, truth.embedding)}
    if found.maps is not None and truth.maps is not None:
        shares["maps"] = _share(found.maps, truth.maps)
    if typical is not None:
        scores = (typical.distances(one.embedding) for one in (found, truth))
        shares["the out-of-distribution score"] = _share(*scores)
    return shares


def _share(found: NDArray[np.floating[Any]], truth: NDArray[np.floating[Any]]) -> float:
    return float(np.abs(found - truth).max() / max(float(np.abs(truth).max()), 1e-6))
