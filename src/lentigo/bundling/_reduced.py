"""What bfloat16 changes, measured when the bundle is made, where OpenVINO is installed and the processor has it."""

import logging
from importlib.util import find_spec
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lentigo.bundling._network import ProvenNetwork
from lentigo.model import (
    BATCH,
    Borders,
    Model,
    Outputs,
    ReducedPrecision,
    bfloat16_network,
    measure_reduced,
    multiplies_bfloat16,
    run_batches,
)
from lentigo.progress import Track, silent

logger = logging.getLogger(__name__)
MOST_IMAGES: Final = 200  # of validation: with eight views some twenty seconds on one core


def measure_bfloat16(
    network: ProvenNetwork, model: Model, pixels: NDArray[np.uint8], track: Track = silent
) -> tuple[ReducedPrecision, ...]:
    """Return what bfloat16 changes on validation images, in one record; nothing where that cannot be measured here.

    Args:
        network: as it was exported, with what it says about these images in float32.
        model: the bundle so far.
        pixels: of the validation images, shape (N, S, S, 3).
        track: draws progress.
    """
    if model.decision.fusion is not None:
        return ()  # such a bundle is computed in float32 alone
    if find_spec("openvino") is None or not multiplies_bfloat16():
        logger.debug("what bfloat16 changes is not measured: no OpenVINO here, or a processor without bfloat16")
        return ()
    rows = np.unique(np.linspace(0, len(pixels) - 1, MOST_IMAGES).astype(int))
    exact = Outputs(network.said.logits[rows], None, network.said.embedding[rows])
    fast, computation = bfloat16_network(network.content, network.session.names)
    said = run_batches(fast, pixels[rows], BATCH[network.about.views], track=track)
    return (measure_reduced(said, exact, Borders.of(model.record, model.typical), computation),)
