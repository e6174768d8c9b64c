"""How a run folder begins: what is refused, what is written first, and what stays when the disk is full."""

import contextlib
from collections.abc import Iterator
from typing import Any, Protocol

from lentigo.config import Config
from lentigo.data.manifest import Manifest
from lentigo.errors import BusyError, LentigoError, StorageError, name_offenders
from lentigo.locks import HeldLock
from lentigo.stages._run_folder import RESUME, Run
from lentigo.stages._test_looks import carry_over
from lentigo.storage import new_folder, refuse_existing, write_json, write_text
from lentigo.study.auditing import Audit


class PreparedData(Protocol):
    """Data ready to be learned from, whatever is learned from."""

    @property
    def manifest(self) -> Manifest:
        """The images that are used, each with its split."""
        ...

    @property
    def audit(self) -> Audit | None:
        """What was found in the data; None for data that were audited before."""
        ...

    @property
    def found(self) -> Manifest:
        """All images that were audited."""
        ...


@contextlib.contextmanager
def what_stays(run: Run) -> Iterator[None]:
    """Add to the message of a full disk that the run can go on.

    Raises:
        StorageError: the disk is full, or the folder has gone.
    """
    try:
        yield
    except StorageError as error:
        if isinstance(error, BusyError) or not run.is_started:
            raise
        n_done = len(run.history())
        raise StorageError(
            f"{error} {run.folder} is kept with {n_done} finished epochs; continue with: "
            f"lentigo train --resume --out {run.folder}"
        ) from error


def refuse_taken(run: Run, *, force: bool) -> None:
    """Raise where something stands that may not be replaced.

    Raises:
        LentigoError: it is no run, an unfinished one, or a run and not to be overwritten.
    """
    # Only a folder that is a run from top to bottom is ever deleted.
    if run.folder.exists() and not run.is_started and (not run.folder.is_dir() or any(run.folder.iterdir())):
        raise LentigoError(
            f"{run.folder} exists and is not a run folder, so --force does not overwrite it. Choose another folder."
        )
    if run.is_started and not run.is_finished and not force:
        raise LentigoError(
            f"{run.folder} holds an unfinished run: {run.progress()}. {RESUME.format(folder=run.folder)}. "
            "To throw it away and start again, add --force instead."
        )
    refuse_existing(run.folder, force=force)


def refuse_own_data(run: Run, manifest: Manifest) -> None:
    """Raise where the run folder would replace the images.

    Raises:
        LentigoError: it would.
    """
    place = run.folder.resolve()
    inside = [path for path in manifest.paths if path.resolve().is_relative_to(place)]
    if inside:
        raise LentigoError(
            f"the images lie inside {run.folder}: {name_offenders(inside)}. Choose another place for --out."
        )


def start_run(
    run: Run, config: Config, prepared: PreparedData, environment: dict[str, Any], *, held: HeldLock, force: bool
) -> None:
    """Make the run folder, all at once, with everything that --resume needs."""
    with new_folder(run.folder, force=force, held=held) as partial:
        fresh = Run(partial)
        fresh.manifest_path.parent.mkdir(exist_ok=True)
        carry_over(run.folder, partial)  # --force replaces a run, never how often its test was looked at
        prepared.manifest.write(fresh.manifest_path)
        if prepared.audit is not None:
            prepared.found.write(fresh.audited_path)
            prepared.audit.write(fresh.audit_path)
        write_json(fresh.environment_path, environment)
        write_text(fresh.config_path, config.to_toml())
