"""Fine-tuning: one explicit loop, from pixels to the best checkpoint, on one device or by several ranks together.

The order of an epoch is seeded from (seed, epoch), and every other random draw of a step (augmentation, dropout) from
(seed, epoch, step, rank) and from nothing before it. A run that is killed and resumed therefore repeats the same steps,
and on a CPU, with the same number of threads, ends with the same weights bit for bit.

Ranks share out every batch, and the images of validation; the first one alone writes.
"""

import json
import logging
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lentigo.config import Config
from lentigo.errors import ModelError, StorageError
from lentigo.images import Preprocess
from lentigo.progress import Track, silent
from lentigo.storage import recover_folder, write_text
from lentigo.training._augment import augment
from lentigo.training._averaging import mix_in, update_average
from lentigo.training._backbones import body_names, head_of
from lentigo.training._classifier import (
    Classifier,
    describe,
    normalize,
    read_checkpoint,
    to_unit,
    write_checkpoint,
)
from lentigo.training._examples import Examples
from lentigo.training._loss import Loss
from lentigo.training._optimizer import class_weights, make_optimizer, optimizer_tensors, restore_optimizer, set_rates
from lentigo.training._precision import uses_bfloat16
from lentigo.training._ranks import Ranks, refuse_share
from lentigo.training._sampling import draw_shares, prior_shift, share_of_loss, source_logits
from lentigo.training._selection import figures_of

logger = logging.getLogger(__name__)


def finetune(
    train: Examples,
    val: Examples,
    *,
    network: nn.Module,
    classes: tuple[str, ...],
    malignant: tuple[str, ...],
    config: Config,
    folder: Path,
    ranks: Ranks | None = None,
    resume: bool = False,
    track: Track = silent,
    report: Callable[[dict[str, Any]], None] | None = None,
) -> None:
    """Train the whole network; leave `checkpoint/best`, `checkpoint/last` and `history.jsonl` in `folder`.

    The epoch with the highest validation AUROC is kept as `best`: malignant against benign for two classes, else
    the macro mean of one against the rest. With `train.keep = "last"` it is the last one, whatever validation says.

    Args:
        train: what is learned from.
        val: what the best epoch is chosen on.
        network: what is trained, changed in place; see `starting_network`.
        classes: names of the outputs.
        malignant: which of them are malignant.
        config: recipe, seed and all.
        folder: the run folder; all ranks have to see it.
        ranks: those that train together, this one among them, each with its device; this process alone when left out.
        resume: go on from `checkpoint/last` where there is one.
        track: draws progress, on the first rank.
        report: called with each epoch's history record, on the first rank.
    """
    ranks = ranks or Ranks().on(config.train.device)
    loop = _Loop(
        train, val, network=network, classes=classes, malignant=malignant, config=config, folder=folder, ranks=ranks
    )
    if resume:
        loop.restore()
    with ranks.stage():
        loop.write_history()
    while not loop.is_finished:
        record = loop.run_epoch(track if ranks.is_first else silent)
        with ranks.stage():
            loop.keep(record)
        if report is not None and ranks.is_first:
            report(record)


class _Loop:
    """The state of a training run between two epochs."""

    def __init__(
        self,
        train: Examples,
        val: Examples,
        *,
        network: nn.Module,
        classes: tuple[str, ...],
        malignant: tuple[str, ...],
        config: Config,
        folder: Path,
        ranks: Ranks,
    ) -> None:
        ranks.from_first(lambda: refuse_share(config.train.batch_size, len(train), ranks.size))
        self.train, self.val = train, val
        self.classes, self.malignant = classes, malignant
        self.config, self.folder = config, folder
        self.ranks, self.device = ranks, ranks.device
        self.network = ranks.adapted(network)
        self.parallel = ranks.parallel(self.network)
        self.optimizer = make_optimizer(self.network, config.train)
        self.average = ranks.copied(self.network) if config.train.ema_decay else self.network
        self.initial: dict[str, Tensor] = {}  # the body that training starts from, where a share of it is kept
        if config.train.initial_share:
            tensors = self.network.state_dict()
            self.initial = {name: tensors[name].clone() for name in body_names(self.network)}
        self.history: list[dict[str, Any]] = []
        self.n_batches = max(1, len(train) // config.train.batch_size)
        self.source_logits = source_logits(train, classes, malignant, config.train)
        weights = class_weights(train.targets, len(classes)).to(self.device)
        self.loss = Loss(config, weights if config.train.imbalance == "weights" else None)

    @property
    def best(self) -> dict[str, Any] | None:
        return max(self.history, key=lambda record: record["val_auroc"], default=None)

    @property
    def is_finished(self) -> bool:
        n_done, patience = len(self.history), self.config.train.patience
        is_stale = bool(patience and self.best and n_done - self.best["epoch"] >= patience)
        return n_done >= self.config.train.epochs or is_stale

    def run_epoch(self, track: Track) -> dict[str, Any]:
        """Return the history record of one more epoch of training.

        Raises:
            ModelError: the loss is not a number any more.
        """
        epoch, settings = len(self.history) + 1, self.config.train
        started = time.monotonic()
        order = self._order(epoch)
        self.parallel.train()
        losses = []
        what = f"Epoch {epoch}/{settings.epochs}"
        for step in track(range(self.n_batches), what, self.n_batches * settings.batch_size, unit=settings.batch_size):
            places = order[step * settings.batch_size : (step + 1) * settings.batch_size]
            losses.append(self._step(epoch, step, places))
        train_loss = self.ranks.mean(torch.stack(losses).mean())
        with self.ranks.stage():
            if self.ranks.is_first and not math.isfinite(train_loss):
                raise ModelError(
                    f"training diverged in epoch {epoch} (loss {train_loss}). Lower train.lr, or set train.clip_norm=1."
                )
        seconds = time.monotonic() - started
        record = {
            "epoch": epoch,
            "lr": self.optimizer.param_groups[0]["lr"] / self.optimizer.param_groups[0]["scale"],
            "train_loss": train_loss,
            **self._validate(),
            "images_per_s": round(self.n_batches * settings.batch_size / seconds, 2),
            "seconds": round(time.monotonic() - started, 2),
        }
        return self.ranks.from_first(lambda: record)  # what ends a run is equal on all ranks, times included

    def _step(self, epoch: int, step: int, places: NDArray[np.int64]) -> Tensor:
        """Return this rank's part of the loss, detached, of one optimiser step on the examples at `places`."""
        settings = self.config.train
        whole, places = places, self.ranks.share(places)
        # A fourth number of 0 changes nothing, so a process alone draws as it did before there were ranks.
        entropy = [self.config.seed, epoch, step, self.ranks.rank]
        state = np.random.SeedSequence(entropy).generate_state(1, np.uint64)
        seed = int(state[0] >> 1)
        torch.manual_seed(seed)  # dropout
        generator = torch.Generator(device=self.device).manual_seed(seed)
        batch = augment(
            to_unit(torch.from_numpy(self.train.take(places)), self.device), self.config.augment, generator=generator
        )
        part = self.ranks.size * share_of_loss(self.train, places, whole, len(self.classes), settings)
        known = self.train.targets if self.train.soft is None else self.train.soft
        targets = torch.from_numpy(known[places]).to(self.device)
        n_done = (epoch - 1) * self.n_batches + step
        set_rates(self.optimizer, settings, n_done, self.n_batches * settings.epochs)
        with self._autocast():
            offsets = None if self.source_logits is None else self.source_logits[places].to(self.device)
            batch = normalize(batch, self.config.image)
            loss = self.loss(self.parallel, batch, targets, offsets, generator=generator) * part
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        if settings.clip_norm:
            nn.utils.clip_grad_norm_(self.network.parameters(), settings.clip_norm)
        self.optimizer.step()
        self.ranks.average_statistics(self.network)
        if self.average is not self.network:
            update_average(self.average, self.network, settings.ema_decay, n_done)
        return loss.detach()

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=uses_bfloat16(self.config.train, self.device))

    def _order(self, epoch: int) -> NDArray[np.int64]:
        rng = np.random.default_rng([self.config.seed, epoch])
        shares = draw_shares(self.train, len(self.classes), self.config.train)
        if shares is None:
            return rng.permutation(len(self.train))
        return rng.choice(len(self.train), len(self.train), p=shares)

    def _validate(self) -> dict[str, float]:
        classifier = Classifier(self._answering(), self.classes, Preprocess(self.config.image), self.device)
        starts = range(0, len(self.val), size := self.config.predict.batch_size)
        said = np.zeros((len(self.val), len(self.classes)))
        with self._autocast():  # a seventh of a run's time would go into validating in float32
            for start in starts[self.ranks.rank :: self.ranks.size]:
                part = slice(start, start + size)
                said[part] = classifier.probabilities(self.val.take(part))
        return figures_of(self.ranks.total(said), self.val.targets, self.classes, self.malignant)

    @torch.no_grad()
    def _answering(self) -> nn.Module:
        """Return the network that is validated and kept: the average over steps, and with the initial weights.

        Its bias has the shift that `prior_shift` asks for.
        """
        network = self.average.eval()
        shift = prior_shift(self.train, len(self.classes), self.config.train)
        if shift is None and not self.initial:
            return network
        network = self.ranks.copied(network)
        mix_in(network, self.initial, self.config.train.initial_share)
        if shift is not None:
            head_of(network).bias.add_(shift.to(self.device))
        return network

    def keep(self, record: dict[str, Any]) -> None:
        """Append the record; the first rank writes `last` and, when it is the best so far, `best`.

        Raises:
            StorageError: the folder has gone.
        """
        self.history.append(record)
        if not self.ranks.is_first:
            return
        if not (self.folder / "history.jsonl").is_file():  # else the checkpoint would make half a folder again
            raise StorageError(f"{self.folder} was removed during training and cannot be resumed.")
        tables = {
            "model": self.average.state_dict(),
            "network": self.network.state_dict(),
            "optimizer": optimizer_tensors(self.optimizer),
            **({"initial": self.initial} if self.initial else {}),
        }
        write_checkpoint(self.folder / "checkpoint" / "last", tables, self._about())
        if self.best is record or self.config.train.keep == "last":
            self._keep_best()
        self.write_history()

    def write_history(self) -> None:
        """Write the records so far, on the first rank."""
        if self.ranks.is_first:
            write_text(self.folder / "history.jsonl", "".join(json.dumps(entry) + "\n" for entry in self.history))

    def _keep_best(self) -> None:
        write_checkpoint(self.folder / "checkpoint" / "best", {"model": self._answering().state_dict()}, self._about())

    def _about(self) -> dict[str, Any]:
        model, image = self.config.model, self.config.image
        return describe(self.classes, model.backbone, image, pooling=model.pooling) | {"history": self.history}

    def restore(self) -> None:
        """Go back to the state of `checkpoint/last`, on all ranks; without one, start anew."""
        last = self.folder / "checkpoint" / "last"
        if self.ranks.from_first(lambda: _is_there(self.folder / "checkpoint")):
            with self.ranks.stage():
                self._restore_from(last)

    def _restore_from(self, last: Path) -> None:
        names = ["model", "network", "optimizer", *(["initial"] if self.initial else [])]
        about, tables = read_checkpoint(last, names)
        self.initial = {name: tensor.to(self.device) for name, tensor in tables.get("initial", {}).items()}
        self.network.load_state_dict(tables["network"])
        self.average.load_state_dict(tables["model"])
        restore_optimizer(self.optimizer, tables["optimizer"])
        self.history = list(about["history"])
        # A kill may have come between `last` and `best`.
        if self.ranks.is_first and (self.best is self.history[-1] or self.config.train.keep == "last"):
            self._keep_best()
        logger.info("Resuming after epoch %d of %d.", len(self.history), self.config.train.epochs)


def _is_there(checkpoints: Path) -> bool:
    """Return whether there is a last checkpoint, after undoing what a kill left half done."""
    recover_folder(checkpoints / "last")
    recover_folder(checkpoints / "best")
    return (checkpoints / "last").exists()
