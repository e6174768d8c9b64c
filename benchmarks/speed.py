"""How fast training and answering are beside what one would write by hand, as ratios in one run on one machine.

    python benchmarks/speed.py train FOLDER --weights W [--size 128] [--repeats 3]
    python benchmarks/speed.py answer [--size 224] [--batch 16] [--repeats 7]

`train`: seconds of the second epoch of `lentigo train`, recipes `baseline` and `finetune`, and of the plain recipe as a
script (torchvision's ImageFolder and transforms, DataLoader with a worker a core, timm's ResNet-18, Adam). FOLDER holds
train/CLASS/ and test/CLASS/. `answer`: images a second of one ResNet-18 with the same weights as a bundle, as torch
(eager and compiled), with random weights; and whether all say the same. Each is a whole process (train) or a call
(answer), interleaved; minima are compared, because other work can only make a run longer. Runtimes and precisions are
measured on the shipped weights and on photographs: `benchmarks/engines.py`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

BATCH = 64


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["train", "answer", "script"])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--weights", default="none")
    parser.add_argument("--size", type=int)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    if asked.what == "answer":
        answer(asked.size or 224, asked.batch, asked.repeats)
    elif asked.what == "train":
        train(asked.folder, asked.weights, asked.size or 128, asked.repeats)
    else:
        print(script(asked.folder, asked.size or 128))


def train(folder: Path, weights: str, size: int, repeats: int) -> None:
    runs = {
        "baseline": ("baseline",),
        "finetune": ("finetune",),
        "finetune, float32": ("finetune", "train.precision=float32"),
    }
    seconds: dict[str, list[float]] = {"script": [], **{name: [] for name in runs}}
    n_images = sum(1 for path in (folder / "train").rglob("*") if path.is_file())
    for _ in range(repeats):
        command = [sys.executable, __file__, "script", str(folder), "--size", str(size)]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        seconds["script"].append(float(told.split()[-1]) / n_images)
        for name, (recipe, *changes) in runs.items():
            seconds[name].append(lentigo_epoch(folder, recipe, weights, size, changes))
        print(json.dumps({name: [round(1 / value, 1) for value in values] for name, values in seconds.items()}))
    best = {name: min(values) for name, values in seconds.items()}
    for name, value in best.items():
        print(f"{name}: {1 / value:.1f} images/s, {best['script'] / value:.2f} x the script")


def script(folder: Path, size: int) -> float:
    """Return the seconds of the second epoch of the plain recipe."""
    import timm
    from torchvision import datasets, transforms

    change = transforms.Compose(
        [
            transforms.RandomResizedCrop(size, scale=(0.8, 1.0)),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        ]
    )
    images = datasets.ImageFolder(folder / "train", change)
    workers = len(os.sched_getaffinity(0))
    loader = torch.utils.data.DataLoader(
        images, batch_size=BATCH, shuffle=True, num_workers=workers, persistent_workers=True
    )
    network = timm.create_model("resnet18", num_classes=len(images.classes)).train()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4)
    loss_of = torch.nn.CrossEntropyLoss()
    took = 0.0
    for _ in range(2):
        start = time.perf_counter()
        for pixels, target in loader:
            optimizer.zero_grad()
            loss = loss_of(network(pixels), target)
            loss.backward()
            optimizer.step()
            loss.item()
        took = time.perf_counter() - start
    return took


def lentigo_epoch(folder: Path, recipe: str, weights: str, size: int, more: Sequence[str] = ()) -> float:
    """Return the seconds an image of the second epoch, without validation."""
    with tempfile.TemporaryDirectory() as place:
        changes = [f"image.size={size}", f"train.batch_size={BATCH}", "train.epochs=2", "evaluate.second_look=0", *more]
        command = [sys.executable, "-m", "lentigo", "train", str(folder), "--recipe", recipe, "--weights", weights]
        command += ["--out", f"{place}/run", *(part for change in changes for part in ("--set", change))]
        subprocess.run(command, check=True, capture_output=True)
        last = Path(place, "run", "history.jsonl").read_text().splitlines()[-1]
    return 1 / float(json.loads(last)["images_per_s"])


def answer(size: int, batch: int, repeats: int) -> None:
    import timm

    from lentigo.bundling._graph import BundleGraph
    from lentigo.bundling._onnx_file import to_onnx
    from lentigo.config import ImageConfig
    from lentigo.model import OnnxNetwork

    torch.manual_seed(0)
    network = timm.create_model("resnet18", num_classes=7).eval()
    graph = BundleGraph([network], ImageConfig(size=size), views=1, maps=True).eval()
    about = {"classes": list("abcdefg"), "views": 1, "size": size}
    content = to_onnx(graph, size, about)
    with torch.inference_mode():
        shape = graph(torch.zeros((1, size, size, 3), dtype=torch.uint8))
    expected = {**about, "map_side": int(shape[1].shape[-1]), "embedding_size": int(shape[2].shape[1])}
    pixels = np.random.default_rng(0).integers(0, 256, (batch, size, size, 3)).astype(np.uint8)
    session = OnnxNetwork.load(content, expected=expected)
    engines: dict[str, Callable[[], np.ndarray]] = {
        "lentigo bundle": lambda: session.run(pixels).logits,
        "torch eager": _torch(graph, pixels),
        "torch.compile": _torch(torch.compile(graph), pixels),
    }
    wanted = engines["torch eager"]()
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    for name, ask in engines.items():
        print(f"{name}: largest difference of a logit {np.abs(ask() - wanted).max():.1e}")
    for _ in range(repeats):
        for name, ask in engines.items():
            start = time.perf_counter()
            for _ in range(4):
                ask()
            seconds[name].append((time.perf_counter() - start) / 4 / batch)
    best = {name: min(values) for name, values in seconds.items()}
    for name, value in best.items():
        print(f"{name}: {1 / value:.1f} images/s, {best['torch eager'] / value:.2f} x torch eager")


def _torch(graph: Callable[[torch.Tensor], tuple[torch.Tensor, ...]], pixels: np.ndarray) -> Callable[[], np.ndarray]:
    given = torch.from_numpy(pixels)

    def ask() -> np.ndarray:
        with torch.inference_mode():
            return graph(given)[0].numpy()

    return ask


if __name__ == "__main__":
    main()
