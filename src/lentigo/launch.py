"""What torchrun tells a process it has started: how many there are, and which of them this one is.

Read from the environment variables that torchrun sets, and from nobody else's: other schedulers set WORLD_SIZE and RANK
too, for programs that are not part of ours.
"""

import os
from dataclasses import dataclass

__all__ = ["Launch", "launch"]


@dataclass(frozen=True, slots=True)
class Launch:
    """One process among those that were started together; alone when left out.

    Args:
        size: how many there are, on all machines.
        rank: which one this is, from 0.
        local_rank: which one of those on this machine.
        local_size: how many are on this machine.
        is_by_torchrun: whether torchrun has started it, be it alone.

    Example:
        >>> Launch(size=4, rank=1, local_rank=1, local_size=4).is_first
        False
    """

    size: int = 1
    rank: int = 0
    local_rank: int = 0
    local_size: int = 1
    is_by_torchrun: bool = False

    @property
    def is_first(self) -> bool:
        """Whether this is the process that writes the run folder and prints."""
        return self.rank == 0

    @property
    def speaker(self) -> str:
        """Who an error message is from: "rank 1 of 4 on HOST: "; empty for a process alone."""
        if self.size == 1:
            return ""
        import socket  # 2 of the 30 ms that `lentigo --help` takes, and one process alone never needs it

        return f"rank {self.rank} of {self.size} on {socket.gethostname()}: "


def launch() -> Launch:
    """Return what torchrun told this process; a process alone where it was started otherwise.

    Example:
        >>> launch().size
        1
    """
    told = os.environ
    if "TORCHELASTIC_RUN_ID" not in told:
        return Launch()
    return Launch(
        size=int(told["WORLD_SIZE"]),
        rank=int(told["RANK"]),
        local_rank=int(told["LOCAL_RANK"]),
        local_size=int(told["LOCAL_WORLD_SIZE"]),
        is_by_torchrun=True,
    )
