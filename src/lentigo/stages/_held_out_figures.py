"""What was kept of held-out sources, as figures and as what they say of a threshold; files only, never torch."""

import logging
from typing import Any, Final

import numpy as np

from lentigo.config import Config
from lentigo.numbers.evaluation import held_out_figures
from lentigo.stages._calibrate import groups_of, sources_where_kept
from lentigo.stages._held_out_files import kept_sources
from lentigo.stages._run_folder import Run

logger = logging.getLogger(__name__)

KEPT: Final = ("source", "by", "start", "epochs", "size", "n_shared", "n_learned")  # old runs lack epochs and size


def figures_of_sources(run: Run, config: Config) -> tuple[dict[str, Any], ...]:
    """Return the figures of each source that was held out, for evaluation.json."""
    manifest = run.manifest()
    found = []
    for about, said, others in kept_sources(run):
        groups, unit = groups_of(manifest, said)
        figures = held_out_figures(
            said,
            others,
            malignant=run.taxonomy().malignant(said.classes),
            settings=config.calibrate,
            groups=groups,
            unit=unit,
            kept_in=sources_where_kept(others, manifest, config),
            fewest=config.evaluate.min_group_cases,
            n_resamples=config.evaluate.n_resamples,
            confidence=config.evaluate.confidence,
            seed=config.seed,
        )
        kept = {name: about[name] for name in KEPT if name in about}
        found.append(kept | figures)
        missing = sorted(set(np.unique(said.target)) - set(np.unique(others.target)))
        if missing:
            logger.info("%s has classes that the others lack in validation: %s.", about["source"],
                        ", ".join(said.classes[k] for k in missing))  # fmt: skip
    return tuple(found)
