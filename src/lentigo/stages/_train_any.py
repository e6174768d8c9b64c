"""`lentigo train`: on photographs, or on embeddings of them that were computed elsewhere."""

import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lentigo.config import Config, load_config
from lentigo.errors import ConfigError
from lentigo.notebook import shown_progress
from lentigo.progress import Track, silent
from lentigo.stages._auto import DEFAULT, ChosenRecipe, TimeBudget, choose, note_time
from lentigo.stages._callbacks import Callback
from lentigo.stages._durations import in_words
from lentigo.stages._run_folder import Run
from lentigo.stages._starting import refuse_taken

logger = logging.getLogger(__name__)

Paths = str | Path | Sequence[str | Path]


def train(
    data: Paths | None,
    out: str | Path,
    *,
    config: Config | None = None,
    features: Paths | None = None,
    features_origin: str = "",
    features_licence: str = "",
    use: Sequence[str] = (),
    use_anyway: bool = False,
    force: bool = False,
    resume: bool = False,
    with_pictures: bool = True,
    track: Track = silent,
    show_progress: bool | None = None,
    report_epoch: Callable[[dict[str, Any]], None] | None = None,
    callbacks: Sequence[Callback] = (),
    time_budget: str | float | TimeBudget | None = None,
    stops_before_test: bool = False,
) -> Run:
    """Return a finished run: trained, calibrated on val, evaluated on test, and reported.

    Under torchrun all processes call it with the same arguments and train together; each returns when the run is
    finished.

    Args:
        data: a folder of classes, a table (CSV, Excel, Parquet or JSON Lines), a HAM10000 or ISIC folder, or several of
            these, pooled; not needed to resume.
        out: the run folder to make.
        config: all settings; by default those of the recipe `finetune`, or of `features` with `features`.
        features: files of embeddings with an `image_id`, joined; the run then learns from these numbers instead of
            pixels, and the photographs need not be there. See `lentigo.model.read_embeddings`.
        features_origin: which model made them, from what.
        features_licence: of that model's weights.
        use: columns of the data to use beside the image, such as "age", "sex" and "site", or "patient_context". Those
            that are not shown to add on validation are left out; `lentigo.fuse` has the details.
        use_anyway: use them also where no gain is shown.
        force: overwrite a run at `out`.
        resume: finish the run at `out`, with its own settings and data.
        with_pictures: whether the report holds images of the data.
        track: draws progress, in the first process.
        show_progress: draw it below the cell of a notebook and, if True, on a terminal; False for nowhere.
        report_epoch: called with the history record of each epoch, in the first process.
        callbacks: told of start, records and end, in the first process; see `Callback`, `TensorBoard` and `MLflow`.
        time_budget: for the recipe `auto`, which it implies: how long the run may take, such as "30m", or seconds.
        stops_before_test: leave the run unfinished after training and predicting, so that no figure on test is seen;
            `resume` finishes it.

    Raises:
        BusyError: another process is training into the same folder.
        ConfigError: a time budget is given for embeddings or for another recipe than `auto`.
        LentigoError: the data, the settings or the place cannot be used; the message says what to do.

    Example:
        >>> run = train(phantom, folder / "run", config=tiny)
        >>> run.report_path.exists()
        True
    """
    paths = [data] if isinstance(data, str | Path) else list(data or [])
    started = time.monotonic()
    config = with_features(config, features, features_origin, features_licence)
    if use or use_anyway:
        base = config or (Config() if time_budget is None else load_config("auto"))
        config = base.changed({"fuse.columns": list(use), "fuse.anyway": use_anyway})
    is_kept = resume and (Path(out) / "config.toml").is_file()
    settings = Run(Path(out)).config() if config is None and is_kept else config
    if settings is not None and settings.train.method == "features":
        from lentigo.stages._train_features import train_on_features

        if time_budget is not None or settings.recipe == "auto":
            raise ConfigError(
                "the recipe 'auto' is for photographs. A head on embeddings takes seconds; omit the budget."
            )

        with contextlib.ExitStack() as stack:
            track = stack.enter_context(shown_progress(track, wanted=show_progress))
            return train_on_features(
                paths, out, config=settings, force=force, resume=resume, with_pictures=with_pictures, track=track,
                callbacks=callbacks, stops_before_test=stops_before_test,
            )  # fmt: skip
    from lentigo.stages._train import train as train_on_photographs

    chosen = None if is_kept else _chosen(paths, Run(Path(out)), config, time_budget, force=force)
    run = train_on_photographs(
        paths or None, out, config=config if chosen is None else chosen.config, force=force, resume=resume,
        with_pictures=with_pictures, track=track, show_progress=show_progress, report_epoch=report_epoch,
        callbacks=callbacks, stops_before_test=stops_before_test, chosen=chosen,
    )  # fmt: skip
    if chosen is not None:
        took_s = time.monotonic() - started
        note_time(run, took_s)
        logger.info("The run took %s of %s.", in_words(took_s), in_words(chosen.budget_s))
    return run


def _chosen(
    paths: Sequence[str | Path],
    run: Run,
    config: Config | None,
    budget: str | float | TimeBudget | None,
    *,
    force: bool,
) -> ChosenRecipe | None:
    """Return what the recipe `auto` chooses, logged; None for another recipe.

    Raises:
        ConfigError: a budget is given for another recipe.
    """
    if config is None and budget is not None:
        config = load_config("auto")
    if config is None or config.recipe != "auto":
        if budget is not None:
            raise ConfigError("a time budget is for the recipe 'auto', which chooses what to train. Use --recipe auto.")
        return None
    refuse_taken(run, force=force)  # before seconds of measuring
    chosen = choose(paths, config, TimeBudget.of(budget or DEFAULT))
    for sentence in chosen.sentences():
        logger.info(sentence)
    return chosen


def with_features(config: Config | None, features: Paths | None, origin: str = "", licence: str = "") -> Config | None:
    """Return the settings with embeddings to learn from; the same ones where none are given.

    Raises:
        ConfigError: origin or licence is given without embeddings.
    """
    if not features:
        if origin or licence:
            raise ConfigError("origin and licence of embeddings are given, and no embeddings. Add --features FILE.")
        return config
    tables = [features] if isinstance(features, str | Path) else list(features)
    named = {"features.origin": origin, "features.licence": licence}
    stated = {key: text for key, text in named.items() if text}
    base = config or load_config("features")
    return base.changed({"train.method": "features", "features.tables": [str(table) for table in tables], **stated})
