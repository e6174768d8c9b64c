#!/usr/bin/env bash
# pnnx converts an ONNX graph that casts uint8 pixels to float, exits with 0 and writes .param and .bin. The cast remains as a layer `Tensor.to`, which
# ncnn does not have, so load_param fails.
# Seen: exit code 0; layers Input, Tensor.to, ReLU; load_param returns -1.
# Exits with 1 if this changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
packages=('pnnx==20261020' 'ncnn==1.0.20261020' 'onnx==1.23.2' 'numpy==2.4.6')
if command -v uv >/dev/null; then
  uv pip install --quiet --python "$(command -v python3)" --target "$folder" "${packages[@]}"
else
  python3 -m pip install --quiet --disable-pip-version-check --target "$folder" "${packages[@]}"
fi
printf 'versions: %s\n' "${packages[*]}"
PYTHONPATH="$folder" python3 -W ignore - <<'PY'
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import ncnn
import onnx
import pnnx
from onnx import TensorProto, helper

graph = helper.make_graph(
    [helper.make_node("Cast", ["pixels"], ["x"], to=TensorProto.FLOAT), helper.make_node("Relu", ["x"], ["y"])], "g",
    [helper.make_tensor_value_info("pixels", TensorProto.UINT8, [1, 3, 8, 8])], [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3, 8, 8])],
)
folder = Path(tempfile.mkdtemp(dir=os.environ["PYTHONPATH"]))
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), folder / "m.onnx")
program = Path(pnnx.__file__).parents[1] / "bin" / "pnnx"
ran = subprocess.run([sys.executable, program, "m.onnx", "inputshape=[1,3,8,8]u8"], cwd=folder, capture_output=True, text=True)
layers = [line.split()[0] for line in (folder / "m.ncnn.param").read_text().splitlines()[2:]]
loaded = ncnn.Net().load_param(str(folder / "m.ncnn.param"))
print("pnnx exits with", ran.returncode, "; layers", layers, "; load_param returns", loaded)
raise SystemExit(not (ran.returncode == 0 and "Tensor.to" in layers and loaded != 0))
PY
