import subprocess
import sys

PROGRAM = """
import sys
from lentigo.config import ModelConfig
from lentigo.training._backbones import build_network
import torch
network = build_network(ModelConfig(), 2, image_size=32)
optimizer = torch.optim.AdamW(network.parameters())
network(torch.zeros(2, 3, 32, 32)).sum().backward()
optimizer.step()
optimizer.load_state_dict(optimizer.state_dict())
print("sympy" in sys.modules)
doubled = torch.compile(lambda x: 2 * x, backend="eager")
print(doubled(torch.ones(1)).item(), "sympy" in sys.modules)
optimizer.step()
import torch._dynamo.config
from torch._dynamo import graph_break
print(torch._dynamo.config.__name__, graph_break.__module__, torch._dynamo.__file__ is not None)
"""


def test_training_loads_no_compiler_and_compiling_brings_it():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["False", "2.0 True"]
    assert done.stdout.split("\n")[2].startswith("torch._dynamo.config torch._dynamo.")
    assert done.stdout.split("\n")[2].endswith("True")
