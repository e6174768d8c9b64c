"""Engine `ray`: the same workers as actors of Ray Data, on this machine or on a cluster.

Ray hands out the pieces and starts them again where a node is lost. Each actor asks a worker process of its own, so
that a photograph that kills a decoder is found as it is on one machine; Ray by itself would try it for ever. Bundle and
images have to lie at the same paths on every node; the tables are written where the command runs.
"""

import json
import os
import socket
from collections.abc import Generator, Sequence
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from lentigo.errors import LentigoError, MissingExtraError
from lentigo.model import usable_cores
from lentigo.service.scoring._process import WorkerSettings
from lentigo.service.scoring._shards import AnsweredShard
from lentigo.service.scoring._worker import ScoringWorker

# Blocks are Ray's unit of work; its driver keeps a record of each.
MOST_BLOCKS: Final = 4000
KNOCK_S: Final = 10.0


def import_ray() -> Any:
    """Return Ray, told to keep to itself what it is used for.

    Raises:
        MissingExtraError: it is not installed.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
        import ray.data  # noqa: F401 - says whether the extra is whole
    except ImportError as error:
        raise MissingExtraError("ray", extra="ray", purpose="score with --engine ray") from error
    return ray


class Actor:
    """What runs on the nodes; a refusal travels as text, so that it arrives as one sentence.

    Args:
        asking: the bundle and how to ask it.
    """

    def __init__(self, asking: WorkerSettings) -> None:
        self.worker = ScoringWorker(asking)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Return the rows of each piece in a batch, or why there are none, as JSON."""
        return {"rows": np.array([self._answer(text) for text in batch["images"]], dtype=object)}

    def _answer(self, text: str) -> str:
        try:
            return json.dumps(asdict(self.worker.answered(json.loads(text))))
        except LentigoError as error:
            return json.dumps({"error": str(error)})


def score_on_ray(
    asking: WorkerSettings, pieces: Sequence[Sequence[tuple[str, str]]], *, workers: int | None, address: str | None
) -> Generator[AnsweredShard, None, None]:
    """Yield the answers to each piece, in order.

    Args:
        asking: the bundle and how to ask it, as every node knows it.
        pieces: names and paths of some images each.
        workers: how many actors; one a core of the cluster when left out.
        address: of a running cluster, "auto" for the one on this machine; a Ray of its own when left out.

    Raises:
        LentigoError: no cluster there, or the bundle cannot be used on a node.
    """
    ray = import_ray()
    is_started_here = _connect(ray, address, workers)
    try:
        n_actors = min(workers or int(ray.cluster_resources().get("CPU", 1)), len(pieces))
        items = [{"images": json.dumps(piece)} for piece in pieces]
        data = ray.data.from_items(items, override_num_blocks=min(len(items), MOST_BLOCKS))
        data.context.enable_progress_bars = False
        data.context.print_on_execution_start = False
        data.context.execution_options.preserve_order = True
        answered = data.map_batches(
            Actor,
            fn_constructor_args=(asking,),
            batch_size=1,
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=n_actors, initial_size=n_actors),
            num_cpus=1,
            num_gpus=0,
        )
        for row in answered.iter_rows():
            found = json.loads(row["rows"])
            if "error" in found:
                raise LentigoError(found["error"])
            yield AnsweredShard(found["rows"], found.get("n_again", 0))
    finally:
        if is_started_here:
            ray.shutdown()


def _connect(ray: Any, address: str | None, workers: int | None) -> bool:
    """Return whether Ray was started or joined here; the caller's own connection is used where there is one.

    Raises:
        LentigoError: no cluster answers at the address, or Ray does not start here.
    """
    if ray.is_initialized():
        return False
    settings: dict[str, Any] = {"address": address}
    if address is None:
        settings = {"address": "local", "num_cpus": workers or usable_cores(), "include_dashboard": False}
    try:
        _knock(address)
        ray.init(**settings, logging_level="WARNING", log_to_driver=False)
    except Exception as error:  # some of its failures are plain Exceptions
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        if address is None:
            # Its raylet gives up after 15 s (ray-project/ray#65983), which busy cores can make of one.
            advice = "Its logs are in session_latest/logs of its temporary folder; on a busy machine, try again later."
            raise LentigoError(f"Ray does not start here: {reason}. {advice}") from error
        advice = "Start one with 'ray start --head', or omit --ray-address."
        raise LentigoError(f"no Ray cluster responds at {address}: {reason}. {advice}") from error
    return True


def _knock(address: str | None) -> None:
    """Raise unless something listens at the address: where nothing does, Ray ends this very process."""
    host, _, port = (address or "").removeprefix("ray://").rpartition(":")
    if port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), timeout=KNOCK_S).close()
