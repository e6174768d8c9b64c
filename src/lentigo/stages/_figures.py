"""`lentigo figures` and `tables`: those of a run's report, or of anyone's predictions, as files for a manuscript."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

from lentigo.config import Config
from lentigo.errors import ConfigError, suggest
from lentigo.model import kind_of
from lentigo.stages._evaluate import evaluate_labelled
from lentigo.stages._known_predictions import PREDICTIONS, is_external, read_external
from lentigo.stages._report import report_inputs
from lentigo.stages._run_folder import Run
from lentigo.storage import new_folder, refuse_foreign, write_json

if TYPE_CHECKING:
    from lentigo.study.reporting import PaperInputs

FORMATS: tuple[Literal["svg", "pdf", "png"], ...] = ("svg", "pdf", "png")
KNOWN_FORMATS: tuple[Literal["svg", "pdf", "png", "eps", "tiff"], ...] = (*FORMATS, "eps", "tiff")
RECORD = "figures.json"
TABLE_FORMATS = ("csv", "md", "latex", "html")
TABLE_RECORD = "tables.json"

_Format = TypeVar("_Format", bound=str)


def figures(
    source: str | Path,
    out: str | Path,
    *,
    formats: Sequence[str] = FORMATS,
    columns: Literal[1, 2] = 1,
    truth: str | Path | None = None,
    groups_from: str | Path | None = None,
    calibrated_by: str | Path | None = None,
    prevalence: float | None = None,
    config: Config | None = None,
    force: bool = False,
) -> list[Path]:
    """Return the files of the figures of a run, an external test or a predictions file, and of their captions.

    Args:
        source: an evaluated run or the folder of an external test, whose stored figures are drawn, or a predictions
            file, which is evaluated.
        out: the folder to make.
        formats: "svg", "pdf", "png", "eps" and "tiff", one or more.
        columns: of the page, that a figure is as wide as.
        truth: as for `evaluate_predictions`; of a predictions file only, like the next four.
        groups_from: as there.
        calibrated_by: as there.
        prevalence: as there.
        config: as there.
        force: overwrite figures at `out`.

    Raises:
        ConfigError: a format is not known.

    Example:
        >>> [path.name for path in figures(run, folder / "figures", formats=["svg"])][:2]
        ['roc.svg', 'precision-recall.svg']
    """
    from lentigo.study.reporting import write_figures

    wanted = known_formats(["tiff" if form == "tif" else form for form in formats], KNOWN_FORMATS)
    given = _EvaluationInputs(truth, groups_from, calibrated_by, prevalence, config)
    write = partial(write_figures, formats=wanted, columns=columns)
    kind = _FileKind("folder of figures", RECORD, frozenset({*KNOWN_FORMATS, "md"}))
    return _written(kind, source, given, Path(out), write, {"columns": columns}, force=force)


def tables(
    source: str | Path,
    out: str | Path,
    *,
    formats: Sequence[str] = TABLE_FORMATS,
    truth: str | Path | None = None,
    groups_from: str | Path | None = None,
    calibrated_by: str | Path | None = None,
    prevalence: float | None = None,
    config: Config | None = None,
    force: bool = False,
) -> list[Path]:
    """Return the files of the tables of a run or of a predictions file, written into a new folder.

    The tables are the cohort, the performance with intervals, and the subgroups where they were evaluated; with "csv"
    comes `numbers.csv`, every figure unrounded.

    Args:
        source: as for `figures`, like all others.
        out: the folder to make.
        formats: "csv", "md", "latex" and "html", one or more.
        truth: as there.
        groups_from: as there.
        calibrated_by: as there.
        prevalence: as there.
        config: as there.
        force: overwrite tables at `out`.

    Raises:
        ConfigError: a format is not known.

    Example:
        >>> [path.name for path in tables(run, folder / "tables", formats=["md"])][:2]
        ['cohort.md', 'performance.md']
    """
    from lentigo.study.reporting import write_tables

    wanted = known_formats(formats, TABLE_FORMATS)
    given = _EvaluationInputs(truth, groups_from, calibrated_by, prevalence, config)
    kind = _FileKind("folder of tables", TABLE_RECORD, frozenset({"csv", "md", "tex", "html"}))
    return _written(kind, source, given, Path(out), partial(write_tables, formats=wanted), {}, force=force)


class _EvaluationInputs(NamedTuple):
    """What a predictions file is evaluated with; the names are those of `evaluate_predictions`."""

    truth: str | Path | None
    groups_from: str | Path | None
    calibrated_by: str | Path | None
    prevalence: float | None
    config: Config | None


class _FileKind(NamedTuple):
    """A folder of files for a manuscript: what it is called, its record, and the endings of its files."""

    name: str
    record: str
    endings: frozenset[str]

    def is_ours(self, name: str) -> bool:
        """Return whether a file of that name may lie in such a folder."""
        return name == self.record or Path(name).suffix.removeprefix(".") in self.endings


def _written(
    kind: _FileKind,
    source: str | Path,
    given: _EvaluationInputs,
    place: Path,
    write: Callable[["PaperInputs", Path], list[str]],
    about: Mapping[str, object],
    *,
    force: bool,
) -> list[Path]:
    """Return the files that `write` makes in a new folder, beside the folder's record."""
    refuse_foreign(place, kind=kind.name, is_ours=kind.is_ours, force=force, mark=kind.record)
    inputs = paper_inputs(source, **given._asdict())
    with new_folder(place, force=force) as folder:
        names = write(inputs, folder)
        write_json(folder / kind.record, {"schema_version": 1, **about, "files": names})
    return [place / name for name in names]


def paper_inputs(
    source: str | Path,
    *,
    truth: str | Path | None,
    groups_from: str | Path | None,
    calibrated_by: str | Path | None,
    prevalence: float | None,
    config: Config | None,
) -> "PaperInputs":
    """Return what figures and tables are made of.

    Raises:
        ConfigError: the source is a bundle, which keeps no predictions, or a run with options of a predictions file.
    """
    from lentigo.study.reporting import PaperInputs

    kind = kind_of(source)
    if kind == "bundle":
        raise ConfigError(
            f"{source} is a bundle, which keeps no predictions on test images. Give the run, or a predictions file: "
            f"lentigo predict {source} IMAGES --out preds.csv"
        )
    has_options = any(option is not None for option in (truth, groups_from, calibrated_by, prevalence, config))
    if is_external(source) and (Path(source).is_dir() or not has_options):
        if has_options:
            raise ConfigError(
                f"{source} is an external test, whose figures are stored: truth, groups, calibration, prevalence and "
                "settings do not change them. Evaluate its predictions anew with: "
                f"lentigo evaluate {Path(source) / PREDICTIONS}"
            )
        return PaperInputs.of_predictions(*read_external(source))
    if kind == "run" or Path(source).is_dir():
        if has_options:
            raise ConfigError(
                "truth, groups, calibration, prevalence and settings are for a predictions file; the figures of a run "
                f"are those of its evaluation. Change them with: lentigo evaluate {source}"
            )
        return PaperInputs.of_run(report_inputs(Run.open(source)))
    evaluation, predictions = evaluate_labelled(
        source,
        truth=truth,
        groups_from=groups_from,
        calibrated_by=calibrated_by,
        prevalence=prevalence,
        config=config,
    )
    return PaperInputs.of_predictions(evaluation, predictions)


def known_formats(formats: Sequence[str], known: Sequence[_Format]) -> tuple[_Format, ...]:
    """Return the formats, each once.

    Raises:
        ConfigError: one is not known, or there is none.
    """
    wanted = tuple(dict.fromkeys(form.strip().lower() for form in formats if form.strip()))
    for form in wanted:
        if form not in known:
            raise ConfigError(f"no format '{form}'.{suggest(form, list(known))} Known are: {', '.join(known)}.")
    if not wanted:
        raise ConfigError(f"no format is given. Known are: {', '.join(known)}.")
    return tuple(form for form in known if form in wanted)
