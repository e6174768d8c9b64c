"""Two processes train into one folder, started at random moments: `python two_at_once.py DATA FOLDER N [--resume]`.

Prints one line for each of N starts: what each process said, and how many files the run is made of.
"""

import dataclasses
import json
import multiprocessing
import random
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

import torch

from lentigo.config import load_config
from lentigo.errors import LentigoError
from lentigo.stages import train

torch.set_num_threads(1)
SMALL = ("image.size=32", "model.weights=none", "train.epochs=1", "train.batch_size=16", "train.device=cpu",
         "data.task=binary", "evaluate.n_resamples=100", "evaluate.second_look=0")  # fmt: skip


def one(data: str, place: str, wait_s: float, seed: int, resume: bool, told: Connection) -> None:
    time.sleep(wait_s)
    config = None if resume else dataclasses.replace(load_config(overrides=SMALL), seed=seed)
    try:
        run = train(None if resume else data, place, config=config, resume=resume)
        told.send(("done", seed, run.evaluation_path.read_text(), wait_s))
    except LentigoError as error:
        told.send(("refused", seed, str(error), wait_s))


def main() -> None:
    data, folder, n, resume = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), "--resume" in sys.argv
    context, draw = multiprocessing.get_context("fork"), random.Random(20)
    for k in range(n):
        place = folder / f"run{k}"
        if resume:
            train(data, place, config=load_config(overrides=SMALL))
            for name in ("evaluation.json", "calibration.json"):
                (place / name).unlink()
        first = draw.uniform(0, 0.3)
        waits = (first, first + draw.choice([0.0, draw.uniform(0, 0.02), draw.uniform(0, 1.0)]))
        pipes = [context.Pipe(duplex=False) for _ in waits]
        processes = [
            context.Process(target=one, args=(data, str(place), wait, seed, resume, pipe[1]))
            for seed, (wait, pipe) in enumerate(zip(waits, pipes, strict=True))
        ]
        for process in processes:
            process.start()
        said = [pipe[0].recv() for pipe in pipes]
        for process in processes:
            process.join()
        hidden = sorted(path.name for path in folder.rglob(".*"))
        found = {name: (place / name).read_text() for name in ("config.toml", "evaluation.json")}
        sys.stdout.write(json.dumps({"said": said, "hidden": hidden, **found}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
