"""What runtimes and precisions cost and change: photographs answered by each of them, interleaved batch by batch.

    python benchmarks/engines.py FOLDER [FOLDER ...] [--bundle lentigo] [--images 32] [--engines NAME ...]

Each engine does what one worker of `lentigo score` does, in one thread: decode, gate, network, decision. Printed are
images per second of processor time, so that other work on the machine counts less, as ratios of the same batches, the
engines in turning order; and what an engine changes against the first one: the largest difference of the calibrated
log-odds, decisions (with their reasons) that differ, and how many images were computed again in float32. Photographs
are drawn from each folder (`--images` of each, seed 0).
"""

import argparse
import random
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from lentigo import open_model
from lentigo.images import find_images
from lentigo.model import Answer, Model

ENGINES = ("onnxruntime float32", "openvino float32", "openvino bfloat16")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--bundle", default="lentigo")
    parser.add_argument("--images", type=int, default=32)
    parser.add_argument("--engines", nargs="+", default=list(ENGINES))
    asked = parser.parse_args()
    threadpool_limits(limits=1)
    photos = drawn(asked.folders, asked.images)
    models = {}
    for name in asked.engines:
        runtime, precision = name.split()
        models[name] = open_model(asked.bundle, backend=runtime, precision=precision, threads=1, spin=False)
    report(*measure(models, photos), models)


def drawn(folders: list[Path], n_images: int) -> list[Path]:
    """Photographs of every folder, in an order that mixes them."""
    chance, photos = random.Random(0), []
    for folder in folders:
        found = sorted(find_images([folder])[1])
        photos += chance.sample(found, min(n_images, len(found)))
    chance.shuffle(photos)
    return photos


def measure(models: dict[str, Model], photos: list[Path]) -> tuple[dict[str, list[float]], dict[str, list[Answer]]]:
    """Processor seconds an image of each batch, and the answers, of each engine."""
    size = next(iter(models.values())).batch_size
    names, seconds = list(models), {name: [] for name in models}
    answers = {name: [] for name in models}
    for model in models.values():
        list(model.answers(photos[:size], threads=1))  # the first batch also allocates and compiles
    for start in range(0, len(photos), size):
        batch = photos[start : start + size]
        turn = start // size % len(names)
        for name in names[turn:] + names[:turn]:
            before = time.process_time()
            answers[name] += models[name].answers(batch, threads=1)
            seconds[name].append((time.process_time() - before) / len(batch))
    return seconds, answers


def report(seconds: dict[str, list[float]], answers: dict[str, list[Answer]], models: dict[str, Model]) -> None:
    first = next(iter(models))
    read = [place for place, one in enumerate(answers[first]) if not one.error]
    for name, model in models.items():
        ratios = np.array(seconds[first]) / np.array(seconds[name])
        low, middle, high = np.quantile(ratios, (0.25, 0.5, 0.75))
        odds = [log_odds(answers[one], read) for one in (first, name)]
        changed = sum(
            (one.decision, one.reasons) != (other.decision, other.reasons)
            for one, other in zip(answers[first], answers[name], strict=True)
        )
        print(
            f"{name}: {1 / np.median(seconds[name]):.2f} images per processor second, {middle:.2f} x {first} "
            f"(quartiles of batches {low:.2f} to {high:.2f}); of {len(read)} images "
            f"{model.count_again(answers[name])} computed again, {changed} decisions changed, calibrated log-odds by "
            f"up to {np.abs(odds[0] - odds[1]).max():.4f}"
        )


def log_odds(answers: list[Answer], read: list[int]) -> np.ndarray:
    score = np.array([answers[place].score for place in read])
    return np.log(score / (1 - score))


if __name__ == "__main__":
    main()
