"""What an input gate over several sources is fitted on, out of a run."""

import functools
import logging
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.data.manifest import Manifest
from lentigo.images import Preprocess
from lentigo.model import content_box, image_statistics
from lentigo.phantoms import draw_others, spoil, through_tube
from lentigo.stages._source_parts import sources_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lentigo.bundling import Cases, GateCases

logger = logging.getLogger(__name__)

MOST_A_SOURCE: Final = 300  # photographs that the gate is fitted on
N_OTHERS: Final = 400  # drawn pictures that it learns to refuse ...
SPOILT_SHARE: Final = 0.12  # ... and spoilt photographs, for each photograph: about as measured (docs/experiments.md)


def gate_cases(
    manifest: Manifest, preprocess: Preprocess, decoded: "Callable[[Manifest], Cases]"
) -> "GateCases | None":
    """Return photographs of every source, and pictures of anything else, for the input gate; None for one source.

    A gate learns nothing from diagnoses, so training images serve it as well as validation images; test images do not.

    Args:
        manifest: of the run.
        preprocess: of its network.
        decoded: the photographs of a manifest, decoded and measured.
    """
    from lentigo.bundling import GateCases

    source, split = sources_of(manifest), manifest.table["split"].to_numpy(dtype=str)
    rng, rows = np.random.default_rng(0), []
    for name in sorted(set(source.tolist()) - {""}):
        own = rng.permutation(np.flatnonzero((source == name) & (split != "test")))
        rows.append(own[np.argsort(split[own] != "val", kind="stable")][:MOST_A_SOURCE])  # validation first
    if len(rows) < 2:
        named = "only one source" if rows else "no source"
        logger.info(
            "The data name %s, so that the input gate was not tested on another; photographs from elsewhere may be "
            "refused more often.",
            named,
        )
        return None
    chosen = np.sort(np.concatenate(rows))
    cases = decoded(manifest.select(chosen))
    side, fit = preprocess.settings.size, preprocess.settings.fit
    shown = [(one.pixels[content_box(*one.size, side, fit)], min(one.size)) for one in cases.seen]
    framed = [image_statistics(through_tube(pixels, rng), short) for pixels, short in shown]
    spoilt = [image_statistics(spoil(pixels, rng), short) for pixels, short in shown if rng.random() < SPOILT_SHARE]
    others = [_drawn(side), *([np.stack(spoilt)] if spoilt else [])]
    return GateCases(cases.statistics, source[chosen], np.stack(framed), np.concatenate(others))


@functools.lru_cache(maxsize=4)
def _drawn(side: int) -> NDArray[np.float32]:
    """Return the measures of the drawn pictures, which are the same for every run."""
    return np.stack([image_statistics(pixels, side) for pixels in draw_others(N_OTHERS, size=side)])
