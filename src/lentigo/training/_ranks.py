"""The processes that train together: who each of them is, where it computes, and what they say to one another.

torchrun starts them, on one machine or several; PyTorch's DistributedDataParallel averages their gradients. All are
equal in training. Everything else is the first one's work, in stages that the others wait for; when one of them fails
in a stage, the others are told and stop as well.

Words and waiting go over gloo, with a timeout that leaves time to decode and audit a large set. Gradients go over NCCL
between CUDA devices, and over gloo between CPUs.
"""

import contextlib
import copy
import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from timm.layers.norm_act import convert_sync_batchnorm  # torch's own would drop the activation of timm's layers
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parallel import DistributedDataParallel

from lentigo.errors import ConfigError, PeerError
from lentigo.launch import Launch
from lentigo.training._classifier import choose_device
from lentigo.training._rendezvous import Rendezvous
from lentigo.wording import counted

T = TypeVar("T")

MEET_WAIT = dt.timedelta(minutes=10)  # for all to be there
WAIT = dt.timedelta(days=1)  # for the first rank, which may audit a hundred thousand photographs
STEP_WAIT = dt.timedelta(minutes=30)  # for the gradients of the others


@dataclass(frozen=True, slots=True)
class Ranks:
    """The processes that train together, as one of them sees them; one alone when left out.

    Args:
        launch: what torchrun told this process.
        device: where this process computes; see `on`.
        meeting: which attempt of torchrun's this is.
        words: the group that they talk in and wait by; None for a process alone.
        gradients: the group that averages gradients; None for a process alone.

    Example:
        >>> ranks = Ranks().on("cpu")
        >>> ranks.device, ranks.share(np.arange(3)).tolist(), ranks.from_first(lambda: "read once")
        (device(type='cpu'), [0, 1, 2], 'read once')
    """

    launch: Launch = field(default_factory=Launch)
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    meeting: Rendezvous = field(default_factory=Rendezvous)
    words: dist.ProcessGroup | None = None
    gradients: dist.ProcessGroup | None = None

    @property
    def size(self) -> int:
        """How many processes there are."""
        return self.launch.size

    @property
    def rank(self) -> int:
        """Which one this is, from 0."""
        return self.launch.rank

    @property
    def is_first(self) -> bool:
        """Whether this process writes the run folder and prints."""
        return self.launch.is_first

    def on(self, name: str) -> "Ranks":
        """Return these ranks with a device each: that of `train.device`, on CUDA the one of this process's local rank.

        Raises:
            ConfigError: the device cannot be shared out among the processes of this machine.
            ModelError: the device is not there.
        """
        if self.size == 1:
            return dataclasses.replace(self, device=choose_device(name))
        with self.stage():
            device = self._own_device(name)
        kinds = set(self.gather(device.type))
        if len(kinds) > 1:
            raise ConfigError(f"some processes have cuda and some only cpu ({sorted(kinds)}). Set train.device=cpu.")
        if device.type == "cuda":
            torch.cuda.set_device(device)
        group = new_group("nccl" if device.type == "cuda" else "gloo", STEP_WAIT)
        return dataclasses.replace(self, device=device, gradients=group)

    def _own_device(self, name: str) -> torch.device:
        kind, _, number = name.partition(":")
        if number or kind == "mps":
            raise ConfigError(
                f"train.device is '{name}', one device, and {self.size} processes were started. "
                "Set train.device=cuda, which gives each its own, or train.device=cpu."
            )
        n_devices = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if kind == "cuda" or (kind == "auto" and n_devices):
            if self.launch.local_size > n_devices:
                raise ConfigError(
                    f"this machine has {n_devices} CUDA devices for {self.launch.local_size} processes. "
                    f"Start it with --nproc-per-node {n_devices or 1}, or set train.device=cpu."
                )
            return choose_device(f"cuda:{self.launch.local_rank}")
        return choose_device("cpu")

    @contextlib.contextmanager
    def stage(self) -> Iterator[None]:
        """Run a block on every rank and wait until all have; where one fails, the others fail with it.

        Raises:
            PeerError: another rank failed in it.
        """
        if self.size == 1:
            yield
            return
        try:
            yield
        except PeerError:
            raise
        except Exception:
            with contextlib.suppress(RuntimeError):  # a lost process is not what went wrong first
                self.gather("failed")
            raise
        if "failed" in self.gather("done"):
            raise PeerError("another process failed; see its own message for the reason.", is_told=True)

    def gather(self, value: T) -> list[T]:
        """Return the value of every rank, in order."""
        if self.size == 1:
            return [value]
        values: list[Any] = [None] * self.size
        dist.all_gather_object(values, value, group=self.words)
        return values

    def from_first(self, work: Callable[[], T]) -> T:
        """Return what `work` returns on the first rank, where alone it is called, on every rank."""
        if self.size == 1:
            return work()
        said: list[Any] = [None]
        with self.stage():
            if self.is_first:
                said = [work()]
        dist.broadcast_object_list(said, src=0, group=self.words)
        return said[0]  # type: ignore[no-any-return]

    def share(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return this rank's part of a batch; the parts differ by one at most."""
        return np.array_split(places, self.size)[self.rank]

    def total(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sum over the ranks, on every rank."""
        if self.size == 1:
            return values
        tensor = torch.from_numpy(values.copy())
        dist.all_reduce(tensor, group=self.words)
        return tensor.numpy()

    def mean(self, value: Tensor) -> float:
        """Return the mean of one number over the ranks, on every rank."""
        return float(value) if self.size == 1 else float(self.total(np.array([float(value)]))[0] / self.size)

    def adapted(self, network: nn.Module) -> nn.Module:
        """Return `network` on this rank's device, with batch normalisation over the whole batch where CUDA can."""
        network = network.to(self.device)
        if self.size > 1 and self.device.type == "cuda":
            network = convert_sync_batchnorm(network, self.gradients)  # type: ignore[no-untyped-call]
        return network

    def copied(self, network: nn.Module) -> nn.Module:
        """Return a copy of a network; the group that its layers may hold is not part of it."""
        return copy.deepcopy(network, {id(self.gradients): self.gradients})

    def parallel(self, network: nn.Module) -> nn.Module:
        """Return what is called for logits in training: `network`, its weights those of the first rank from now on."""
        if self.size == 1:
            return network
        places = [self.device] if self.device.type == "cuda" else None
        return DistributedDataParallel(network, device_ids=places, process_group=self.gradients)

    @torch.no_grad()
    def average_statistics(self, network: nn.Module) -> None:
        """Give plain batch normalisation the mean of the ranks' running statistics, so that all ranks stay equal."""
        if self.size == 1:
            return
        statistics = [
            value
            for layer in network.modules()
            if isinstance(layer, _BatchNorm) and not isinstance(layer, nn.SyncBatchNorm)
            for value in (layer.running_mean, layer.running_var)
            if isinstance(value, Tensor)
        ]
        if not statistics:
            return
        whole = torch.cat([value.flatten() for value in statistics])
        dist.all_reduce(whole, group=self.gradients)
        parts = torch.split(whole / self.size, [value.numel() for value in statistics])
        for value, part in zip(statistics, parts, strict=True):
            value.copy_(part.view_as(value))


def new_group(backend: str, timeout: dt.timedelta) -> dist.ProcessGroup:
    """Return a new group of all processes."""
    group = dist.new_group(backend=backend, timeout=timeout)
    assert isinstance(group, dist.ProcessGroup)
    return group


def refuse_share(batch_size: int, n_images: int, n_ranks: int) -> None:
    """Raise unless the ranks can share out each batch in equal parts, two images or more each.

    Args:
        batch_size: images of a batch, of all ranks together.
        n_images: to learn from; the only batch is smaller when they are fewer than that.
        n_ranks: processes that train together.

    Raises:
        ConfigError: they cannot.

    Example:
        >>> refuse_share(32, 2000, 4)
    """
    if n_ranks == 1:
        return
    if batch_size % n_ranks or batch_size < 2 * n_ranks:
        fitting = max(2, round(batch_size / n_ranks)) * n_ranks
        raise ConfigError(
            f"train.batch_size is {batch_size}, the batch of all processes together, and {n_ranks} processes cannot "
            f"share it in equal parts of two images or more. Set train.batch_size={fitting}, "
            "or start a different number of processes."
        )
    if n_images < 2 * n_ranks:
        raise ConfigError(
            f"{counted(n_images, 'image is', 'images are')} too few to "
            f"train on with {n_ranks} processes. Start fewer processes."
        )
