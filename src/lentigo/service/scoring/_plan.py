"""What a folder of scores is to hold: which bundle, which photographs, in which tables.

The plan is the first file in the folder. `--resume` goes on only where bundle, photographs and settings are the same,
so that no folder ever mixes the answers of two models.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

from lentigo.errors import DataError, LentigoError
from lentigo.model import FLOAT32, Model, columns_of
from lentigo.storage import read_json, write_json

PLAN: Final = "plan.json"
RESULT: Final = "score.json"
LOCK: Final = ".lock"  # within, because a mounted folder may be all that can be written
FORMATS: Final = ("csv", "parquet")
# Images that one worker is asked about at once: a second to half a minute of work, and what a death costs.
PIECE: Final = 128
# What plans did not always say, and what held then.
_ADDED: Final = {"max_pixels": None, "runtime": "onnxruntime", "precision": FLOAT32, "is_called": False}

_OURS: Final = re.compile(r"\.?(plan\.json|score\.json|part-\d{5,}\.(csv|parquet))(\.[0-9a-f]{8}\.partial)?|\.lock")


@dataclass(frozen=True, slots=True)
class Shard:
    """One table of the scores.

    Args:
        file: its name.
        start: place of its first image among all.
        stop: place after its last image.
    """

    file: str
    start: int
    stop: int

    def pieces(self) -> Iterator[tuple[int, int]]:
        """Yield the parts, nearly equal, that are asked one after the other, as first and end.

        Example:
            >>> list(Shard("part-00001.csv", 2000, 2300).pieces())
            [(2000, 2100), (2100, 2200), (2200, 2300)]
        """
        n_pieces = -(-(self.stop - self.start) // PIECE)
        step = -(-(self.stop - self.start) // n_pieces)
        for start in range(self.start, self.stop, step):
            yield start, min(start + step, self.stop)


@dataclass(frozen=True, slots=True)
class ScoringPlan:
    """What a folder of scores is to hold.

    Args:
        bundle: name of the bundle.
        bundle_sha256: of its bundle.json, which names the hash of every other file.
        classes: of the bundle, in the order of the columns.
        threshold: on the malignant probability, at `prevalence`.
        prevalence: as for `predict`; None for that of validation.
        source_sha256: of names and absolute paths of all images, in order; not of what the files hold.
        n_images: how many they are.
        shard_size: images per table.
        format: csv or parquet.
        max_pixels: as for `predict`; None for that of the bundle.
        runtime: that computes the network.
        precision: in which.
        is_called: whether the bundle has a rule for classes, and the tables the column `called`.
    """

    bundle: str
    bundle_sha256: str
    classes: tuple[str, ...]
    threshold: float
    prevalence: float | None
    source_sha256: str
    n_images: int
    shard_size: int
    format: str
    max_pixels: int | None = None
    runtime: str = "onnxruntime"
    precision: str = FLOAT32
    is_called: bool = False

    @property
    def columns(self) -> list[str]:
        """The columns of every table."""
        return columns_of(self.classes, is_called=self.is_called)

    def shards(self) -> list[Shard]:
        """Return the tables, in order."""
        starts = range(0, self.n_images, self.shard_size)
        return [
            Shard(f"part-{number:05d}.{self.format}", start, min(start + self.shard_size, self.n_images))
            for number, start in enumerate(starts)
        ]

    def write(self, folder: Path) -> None:
        """Write the plan into the folder of the scores."""
        write_json(folder / PLAN, {"schema_version": 1, **asdict(self)})

    @classmethod
    def read(cls, folder: Path) -> "ScoringPlan":
        """Return the plan that lies in a folder of scores.

        Raises:
            DataError: it is damaged, or of another version.
        """
        payload = {**_ADDED, **read_json(folder / PLAN)}
        names = [field.name for field in fields(cls)]
        if payload.get("schema_version") != 1 or not all(name in payload for name in names):
            raise DataError(f"{folder / PLAN} is damaged or of another version. Start again with --force.")
        return cls(**{**{name: payload[name] for name in names}, "classes": tuple(payload["classes"])})

    def refuse_other(self, begun: "ScoringPlan", folder: Path) -> None:
        """Raise unless the scores in a folder were begun by this very plan.

        Raises:
            LentigoError: bundle, images or settings differ.
        """
        said = {
            "bundle_sha256": f"another bundle ({begun.bundle}, bundle.json {begun.bundle_sha256[:12]}...)",
            "prevalence": f"--prevalence {begun.prevalence}",
            "source_sha256": f"other images ({begun.n_images:,}; now {self.n_images:,}, in order by name and path)",
            "shard_size": f"--shard-size {begun.shard_size}",
            "format": f"--format {begun.format}",
            "max_pixels": f"--max-pixels {begun.max_pixels or 'not given'}",
            "runtime": f"--runtime {begun.runtime}",
            "precision": f"--precision {begun.precision}",
        }
        for name, words in said.items():
            if getattr(begun, name) != getattr(self, name):
                raise LentigoError(
                    f"{folder} was started with {words}. Use the same again, or start again with --force."
                )


def make_plan(
    model: Model,
    names: Sequence[str],
    paths: Sequence[Path],
    *,
    prevalence: float | None,
    shard_size: int,
    table_format: str,
    max_pixels: int | None = None,
) -> ScoringPlan:
    """Return the plan for a bundle and images.

    Example:
        >>> from lentigo import open_model
        >>> plan = make_plan(
        ...     open_model(bundle_folder), ["a"], [photo], prevalence=None, shard_size=2000, table_format="csv"
        ... )
        >>> [shard.file for shard in plan.shards()]
        ['part-00000.csv']
    """
    return ScoringPlan(
        bundle=model.record.name,
        bundle_sha256=model.provenance["bundle_sha256"],
        classes=model.classes,
        threshold=model.decision.threshold(prevalence),
        prevalence=prevalence,
        source_sha256=fingerprint(names, paths),
        n_images=len(names),
        shard_size=shard_size,
        format=table_format,
        max_pixels=max_pixels,
        runtime=model.computation.runtime,
        precision=model.computation.precision,
        is_called=model.decision.class_rule is not None,
    )


def fingerprint(names: Sequence[str], paths: Sequence[Path]) -> str:
    """Return the SHA-256 of names and absolute paths, in order.

    Example:
        >>> fingerprint(["a"], [photo]) == fingerprint(["b"], [photo])
        False
    """
    digest = hashlib.sha256()
    here = Path.cwd()
    for name, path in zip(names, paths, strict=True):
        digest.update(f"{name}\0{here / path}\n".encode())
    return digest.hexdigest()


def is_ours(name: str) -> bool:
    """Return whether a file of that name belongs to a folder of scores.

    Example:
        >>> is_ours("part-00012.csv"), is_ours("notes.csv")
        (True, False)
    """
    return _OURS.fullmatch(name) is not None
