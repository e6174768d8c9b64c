"""Fine-tuning: one explicit loop, from pixels to the best checkpoint.

Every random draw of a step (order, augmentation, dropout) is seeded from (seed, epoch, step) and from nothing before
it. A run that is killed and resumed therefore repeats the same steps, and on a CPU, with the same number of threads,
ends with the same weights bit for bit.
"""

import copy
import json
import logging
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from lentigo.config import Config
from lentigo.errors import ModelError
from lentigo.images import Preprocess
from lentigo.metrics import auroc
from lentigo.modeling.augment import augment
from lentigo.modeling.backbones import head_of
from lentigo.modeling.classifier import (
    Classifier,
    choose_device,
    describe,
    normalize,
    read_checkpoint,
    to_unit,
    write_checkpoint,
)
from lentigo.modeling.drawing import draw_shares, prior_shift
from lentigo.modeling.examples import Examples
from lentigo.modeling.mixing import mix
from lentigo.modeling.optimizer import class_weights, make_optimizer, optimizer_tensors, restore_optimizer
from lentigo.modeling.precision import uses_bfloat16
from lentigo.progress import Track, silent
from lentigo.storage import recover_folder, write_text

__all__ = ["finetune"]

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
        folder: the run folder.
        resume: go on from `checkpoint/last` where there is one.
        track: draws progress.
        report: called with each epoch's history record.
    """
    loop = _Loop(train, val, network=network, classes=classes, malignant=malignant, config=config, folder=folder)
    if resume:
        loop.restore()
    write_text(folder / "history.jsonl", "".join(json.dumps(record) + "\n" for record in loop.history))
    while not loop.is_finished:
        record = loop.run_epoch(track)
        loop.keep(record)
        if report is not None:
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
    ) -> None:
        self.train, self.val = train, val
        self.classes, self.malignant = classes, malignant
        self.config, self.folder = config, folder
        self.device = choose_device(config.train.device)
        self.network = network.to(self.device)
        self.optimizer = make_optimizer(self.network, config.train)
        self.average = copy.deepcopy(self.network) if config.train.ema_decay else self.network
        self.history: list[dict[str, Any]] = []
        self.n_batches = max(1, len(train) // config.train.batch_size)

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
            ModelError: the loss is no number any more.
        """
        epoch, settings = len(self.history) + 1, self.config.train
        started = time.monotonic()
        order = self._order(epoch)
        self.network.train()
        losses = []
        what = f"Epoch {epoch}/{settings.epochs}"
        for step in track(range(self.n_batches), what, self.n_batches * settings.batch_size, unit=settings.batch_size):
            places = order[step * settings.batch_size : (step + 1) * settings.batch_size]
            losses.append(self._step(epoch, step, places))
        train_loss = float(torch.stack(losses).mean())
        if not math.isfinite(train_loss):
            raise ModelError(
                f"training diverged in epoch {epoch} (loss {train_loss}). Lower train.lr, or set train.clip_norm=1."
            )
        seconds = time.monotonic() - started
        return {
            "epoch": epoch,
            "lr": self.optimizer.param_groups[0]["lr"] / self.optimizer.param_groups[0]["scale"],
            "train_loss": train_loss,
            **self._validate(),
            "images_per_s": round(self.n_batches * settings.batch_size / seconds, 2),
            "seconds": round(time.monotonic() - started, 2),
        }

    def _step(self, epoch: int, step: int, places: NDArray[np.int64]) -> Tensor:
        """Return the loss, detached, of one optimiser step on the examples at `places`."""
        settings = self.config.train
        state = np.random.SeedSequence([self.config.seed, epoch, step]).generate_state(1, np.uint64)
        seed = int(state[0] >> 1)
        torch.manual_seed(seed)  # dropout
        generator = torch.Generator(device=self.device).manual_seed(seed)
        batch = augment(
            to_unit(torch.from_numpy(self.train.take(places)), self.device), self.config.augment, generator=generator
        )
        known = self.train.targets if self.train.soft is None else self.train.soft
        targets = torch.from_numpy(known[places]).to(self.device)
        self._set_rates((epoch - 1) * self.n_batches + step)
        with self._autocast():
            loss = self._loss(normalize(batch, self.config.image), targets, generator)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        if settings.clip_norm:
            nn.utils.clip_grad_norm_(self.network.parameters(), settings.clip_norm)
        self.optimizer.step()
        self._update_average((epoch - 1) * self.n_batches + step)
        return loss.detach()

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=uses_bfloat16(self.config.train, self.device))

    def _loss(self, batch: Tensor, targets: Tensor, generator: torch.Generator) -> Tensor:
        settings = self.config.train
        weights = class_weights(self.train.targets, len(self.classes)).to(self.device)
        options: dict[str, Any] = {
            "label_smoothing": settings.label_smoothing,
            "weight": weights if settings.imbalance == "weights" else None,
        }
        mixture = mix(batch, self.config.augment, generator=generator)
        if mixture is None:
            return F.cross_entropy(self.network(batch), targets, **options)
        logits = self.network(mixture.batch)
        own = F.cross_entropy(logits, targets, **options)
        other = F.cross_entropy(logits, targets[mixture.partner], **options)
        return mixture.share * own + (1 - mixture.share) * other

    def _order(self, epoch: int) -> NDArray[np.int64]:
        rng = np.random.default_rng([self.config.seed, epoch])
        shares = draw_shares(self.train, len(self.classes), self.config.train)
        if shares is None:
            return rng.permutation(len(self.train))
        return rng.choice(len(self.train), len(self.train), p=shares)

    def _set_rates(self, step: int) -> None:
        settings = self.config.train
        n_steps = self.n_batches * settings.epochs
        n_warm = settings.warmup * n_steps
        if step < n_warm:
            factor = (step + 1) / (n_warm + 1)
        elif settings.schedule == "cosine":
            factor = 0.5 * (1 + math.cos(math.pi * (step - n_warm) / max(1, n_steps - n_warm)))
        else:
            factor = 1.0
        for group in self.optimizer.param_groups:
            group["lr"] = settings.lr * group["scale"] * factor

    @torch.no_grad()
    def _update_average(self, step: int) -> None:
        if self.average is self.network:
            return
        # The first steps weigh more, so that the average does not drag the initial weights along.
        decay = min(self.config.train.ema_decay, (1 + step) / (10 + step))
        pairs = zip(self.average.state_dict().values(), self.network.state_dict().values(), strict=True)
        for mean, value in pairs:
            if mean.is_floating_point():
                mean.lerp_(value, 1 - decay)
            else:
                mean.copy_(value)

    def _validate(self) -> dict[str, float]:
        classifier = Classifier(self._answering(), self.classes, Preprocess(self.config.image), self.device)
        starts = range(0, len(self.val), size := self.config.predict.batch_size)
        with self._autocast():  # a seventh of a run's time would go into validating in float32
            batches = [classifier.probabilities(self.val.take(slice(start, start + size))) for start in starts]
        probabilities, targets = np.concatenate(batches), self.val.targets
        chosen = probabilities[np.arange(len(targets)), targets]
        return {
            "val_loss": float(-np.log(chosen.clip(1e-300)).mean()),
            "val_auroc": _selection_auroc(probabilities, targets, self.classes, self.malignant),
            "val_accuracy": float((probabilities.argmax(axis=1) == targets).mean()),
        }

    @torch.no_grad()
    def _answering(self) -> nn.Module:
        """Return the network that is validated and kept: the average, with the shift that `prior_shift` asks for."""
        network = self.average.eval()
        shift = prior_shift(self.train, len(self.classes), self.config.train)
        if shift is None:
            return network
        network = copy.deepcopy(network)
        head_of(network).bias.add_(shift.to(self.device))
        return network

    def keep(self, record: dict[str, Any]) -> None:
        """Append the record, and write `last` and, when it is the best so far, `best`."""
        self.history.append(record)
        tables = {
            "model": self.average.state_dict(),
            "network": self.network.state_dict(),
            "optimizer": optimizer_tensors(self.optimizer),
        }
        write_checkpoint(self.folder / "checkpoint" / "last", tables, self._about())
        if self.best is record or self.config.train.keep == "last":
            self._keep_best()
        write_text(self.folder / "history.jsonl", "".join(json.dumps(entry) + "\n" for entry in self.history))

    def _keep_best(self) -> None:
        write_checkpoint(self.folder / "checkpoint" / "best", {"model": self._answering().state_dict()}, self._about())

    def _about(self) -> dict[str, Any]:
        return describe(self.classes, self.config.model.backbone, self.config.image) | {"history": self.history}

    def restore(self) -> None:
        """Go back to the state of `checkpoint/last`; without one, start anew."""
        last = self.folder / "checkpoint" / "last"
        recover_folder(last)
        recover_folder(self.folder / "checkpoint" / "best")
        if not last.exists():
            return
        about, tables = read_checkpoint(last, ["model", "network", "optimizer"])
        self.network.load_state_dict(tables["network"])
        self.average.load_state_dict(tables["model"])
        restore_optimizer(self.optimizer, tables["optimizer"])
        self.history = list(about["history"])
        # A kill may have come between `last` and `best`.
        if self.best is self.history[-1] or self.config.train.keep == "last":
            self._keep_best()
        logger.info("Resuming after epoch %d of %d.", len(self.history), self.config.train.epochs)


def _selection_auroc(
    probabilities: NDArray[np.float64], targets: NDArray[np.int64], classes: tuple[str, ...], malignant: tuple[str, ...]
) -> float:
    """Return AUROC of malignant against benign for two classes, else the macro mean over the classes present."""
    if len(classes) == 2 and len(malignant) == 1:
        column = classes.index(malignant[0])
        return auroc(targets == column, probabilities[:, column])
    values = [auroc(targets == k, probabilities[:, k]) for k in range(len(classes))]
    return float(np.nanmean(values))
