"""The result of `score`: what score.json holds."""

import datetime as dt
import importlib.metadata
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from lentigo import __version__
from lentigo.service.scoring._plan import ScoringPlan
from lentigo.service.scoring._shards import AnswerCounts
from lentigo.storage import sha256_of

VERSIONS_OF: Final = ("numpy", "onnxruntime", "pillow")


@dataclass(frozen=True, slots=True)
class Scored:
    """The result of a call of `score`.

    Args:
        folder: where the tables lie.
        summary: what score.json holds.

    Example:
        >>> Scored(Path("scores"), {"n_images": 9, "n_errors": 1, "n_refused": 0, "seconds": 2.0}).n_errors
        1
    """

    folder: Path
    summary: dict[str, Any]

    @property
    def n_images(self) -> int:
        """How many images were predicted, in this call and before."""
        return int(self.summary["n_images"])

    @property
    def n_errors(self) -> int:
        """How many of them could not be read."""
        return int(self.summary["n_errors"])

    @property
    def n_refused(self) -> int:
        """How many could be read but not assessed."""
        return int(self.summary["n_refused"])


def summary_of(
    folder: Path, plan: ScoringPlan, tally: AnswerCounts, *, engine: str, workers: int | None, source: str, bundle: str
) -> dict[str, Any]:
    """Return what score.json says of a finished job: what was asked, how often each answer came, and by what.

    Args:
        folder: where the tables lie.
        plan: what was to be done.
        tally: the answers, counted.
        engine: local or ray.
        workers: as the call gave them.
        source: the images, as the call named them.
        bundle: its place.
    """
    versions = {name: importlib.metadata.version(name) for name in VERSIONS_OF}
    if engine == "ray":
        versions["ray"] = importlib.metadata.version("ray")
    tables = [{"file": shard.file, "n_images": shard.stop - shard.start} for shard in plan.shards()]
    return {
        "schema_version": 1,
        "finished": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "bundle": {"name": plan.bundle, "place": bundle, "sha256": plan.bundle_sha256},
        "source": {"place": source, "n_images": plan.n_images, "sha256": plan.source_sha256},
        "prevalence": plan.prevalence,
        "threshold": plan.threshold,
        "columns": plan.columns,
        **asdict(tally),
        "tables": [{**table, "sha256": sha256_of(folder / str(table["file"]))} for table in tables],
        "engine": engine,
        "workers": workers,
        "versions": {"lentigo": __version__, "python": platform.python_version(), **versions},
    }
