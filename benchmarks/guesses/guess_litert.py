"""Answers L20 of docs/guesses.md: the network of a run in LiteRT (litert-torch, ai-edge-litert) against torch.

python benchmarks/guesses/guess_litert.py RUN/checkpoint/best/model.safetensors [BACKBONE] [SIDE]
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import timm
import torch
from asking import versions
from safetensors.torch import load_file


def main(checkpoint: str, backbone: str = "resnet18", side: str = "192") -> None:
    import litert_torch
    from ai_edge_litert.interpreter import Interpreter

    print(versions("torch timm litert-torch ai-edge-litert"))
    weights = {name.removeprefix("model."): value for name, value in load_file(checkpoint).items()}
    network = timm.create_model(backbone, num_classes=len(weights["fc.bias"]))
    network.load_state_dict(weights)
    network = network.eval().float()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.tflite"
        litert_torch.convert(network, (torch.zeros(1, 3, int(side), int(side)),)).export(str(path))
        lite = Interpreter(str(path))
        lite.allocate_tensors()
        gaps = []
        for seed in range(8):
            pixels = torch.randn(1, 3, int(side), int(side), generator=torch.Generator().manual_seed(seed))
            lite.set_tensor(lite.get_input_details()[0]["index"], pixels.numpy())
            lite.invoke()
            with torch.inference_mode():
                wanted = network(pixels).numpy()
            gaps.append(np.abs(lite.get_tensor(lite.get_output_details()[0]["index"]) - wanted).max())
    print(f"L20 converted; logits at most {max(gaps):.2g} apart on {len(gaps)} inputs")


if __name__ == "__main__":
    main(*sys.argv[1:])
