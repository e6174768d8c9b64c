"""The graph as one ONNX file, weights inside, any number of images; and the same in half the size or a quarter of it.

The exporter is torch's current one (`dynamo=True`): the older one gives equal numbers today and is no longer developed.
"""

import json
import logging
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from lentigo.bundling._graph import BundleGraph
from lentigo.errors import ModelError
from lentigo.model import INPUT, METADATA, silence_onnxruntime

OPSET: Final = 18
MOST_IMAGES: Final = 4096  # a batch
SMALLEST_HALVED: Final = 256  # numbers: below, a cast costs more than it saves


def to_onnx(graph: BundleGraph, size: int, about: Mapping[str, Any]) -> bytes:
    """Return the graph as an ONNX file.

    Args:
        graph: in evaluation mode, on the CPU.
        size: side of the input.
        about: classes, views and size; kept in the file, so that it cannot be mistaken for another.

    Raises:
        ModelError: torch cannot export this network.
    """
    pixels = torch.zeros((3, size, size, 3), dtype=torch.uint8)
    names = ["logits", "cam", "embedding"] if graph.maps else ["logits", "embedding"]
    batch = torch.export.Dim("N", min=1, max=MOST_IMAGES)
    loud = logging.getLogger("torch.onnx")
    level = loud.level
    loud.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter's own deprecations; nothing in them concerns the model
            program = torch.onnx.export(
                graph,
                (pixels,),
                input_names=[INPUT],
                output_names=names,
                dynamic_shapes={"pixels": {0: batch}},
                opset_version=OPSET,
                dynamo=True,
                external_data=False,
                verbose=False,
            )
    except Exception as error:  # graph breaks and unknown operators come as classes of many modules
        raise ModelError(f"torch cannot export this network: {str(error)[:200]}. Choose another backbone.") from error
    finally:
        loud.setLevel(level)
    assert program is not None
    model = program.model_proto
    _strip(model)
    helper.set_model_props(model, {METADATA: json.dumps(dict(about), sort_keys=True)})
    return _whole(model)


def halve(content: bytes) -> bytes:
    """Return the file with its weights stored as float16; they are cast back once, when the network is loaded.

    Only storage is halved: sums are still made in float32, so there is nothing to overflow.
    """
    model = onnx.load_model_from_string(content)
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or int(np.prod(tensor.dims)) < SMALLEST_HALVED:
            continue
        halved = f"{tensor.name}__float16"
        casts.append(helper.make_node("Cast", [halved], [tensor.name], to=TensorProto.FLOAT))
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), halved))
    kept = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*casts, *kept])
    return _whole(model)


def quantize(content: bytes, batches: Sequence[NDArray[np.uint8]]) -> bytes:
    """Return the file with convolutions and matrix products in eight bits, scaled by calibration images.

    Args:
        content: float32.
        batches: of fitted pixels (N, S, S, 3), from validation.
    """
    silence_onnxruntime()
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self.left: Iterator[NDArray[np.uint8]] = iter(batches)

        def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
            batch = next(self.left, None)
            return None if batch is None else {INPUT: batch}

    about = {entry.key: entry.value for entry in onnx.load_model_from_string(content).metadata_props}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain, folded, small = (Path(folder) / name for name in ("a.onnx", "b.onnx", "c.onnx"))
        plain.write_bytes(content)
        # Folds normalisation into the convolutions first: quantised apart, each would round on its own.
        quant_pre_process(str(plain), str(folded), skip_symbolic_shape=True)
        quantize_static(
            str(folded),
            str(small),
            Reader(),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "MatMul", "Gemm"],
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        model = onnx.load_model(str(small))
    helper.set_model_props(model, about)
    return _whole(model)


def _strip(model: onnx.ModelProto) -> None:
    """Take out what the exporter notes for debugging: source lines, and with them paths of this machine."""
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer):
        del value.metadata_props[:]
    del model.graph.metadata_props[:]
    for function in model.functions:
        del function.metadata_props[:]
        for node in function.node:
            del node.metadata_props[:]


def _whole(model: onnx.ModelProto) -> bytes:
    content: bytes = model.SerializeToString(deterministic=True)
    return content
