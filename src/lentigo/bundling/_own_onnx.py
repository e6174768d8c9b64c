"""An ONNX file of one's own as the graph of a bundle: 8-bit pixels in; logits and, if it is found, embedding out.

The file is taken as it is; normalisation goes before it, so that whoever runs the bundle cannot get it wrong. The
embedding is what the last linear layer reads; softmax at the end is cut off, as calibration starts from logits.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, compose, helper, numpy_helper

from lentigo.config import ImageConfig
from lentigo.errors import ModelError, name_offenders
from lentigo.model import INPUT, METADATA, silence_onnxruntime
from lentigo.wording import counted

PREFIX: Final = "own_"
LINEAR: Final = frozenset({"Gemm", "MatMul", "Add", "Identity"})  # between an embedding and its logits
COPY: Final = "to ONNX as float32 with a dynamic batch axis"


@dataclass(frozen=True, slots=True, eq=False)
class OwnOnnx:
    """A file that was read, and what its input and output are.

    Args:
        model: the graph, its names prefixed.
        path: of the file.
        n_classes: outputs per image.
        size: side of the input; None where the graph takes any.
        is_last: whether colours come last, (N, S, S, 3).
        logits: name of the tensor that holds them.
        embedding: name of the tensor that the last layer reads; empty where there is none.
    """

    model: onnx.ModelProto
    path: Path
    n_classes: int
    size: int | None
    is_last: bool
    logits: str
    embedding: str

    @classmethod
    def read(cls, path: Path) -> "OwnOnnx":
        """Return the file, after checking that it takes a batch of float pictures and gives numbers per class.

        Raises:
            ModelError: it cannot be read, or takes or gives something else.
        """
        try:
            model = compose.add_prefix(onnx.load_model(str(path)), PREFIX)
            inferred = onnx.shape_inference.infer_shapes(model)
        except Exception as error:  # protobuf and the checker raise errors of their own kinds
            raise ModelError(f"{path} cannot be read as ONNX: {str(error)[:150]}. Export it again {COPY}.") from error
        constants = {one.name for one in model.graph.initializer}
        inputs = [one for one in model.graph.input if one.name not in constants]
        if len(inputs) != 1 or len(model.graph.output) == 0:
            names = name_offenders([one.name.removeprefix(PREFIX) for one in inputs])
            raise ModelError(f"{path} has {len(inputs)} inputs ({names}). It must have exactly one, for images.")
        shape = _checked_input(inputs[0], path)
        is_last = shape[3] == 3 and shape[1] != 3
        sides = shape[1:3] if is_last else shape[2:4]
        logits = _logits(model, str(model.graph.output[0].name))
        n_classes = _n_classes(inferred, str(model.graph.output[0].name), path)
        embedding = _embedding(model, logits, inferred)
        return cls(model, path, n_classes, _side(sides, path), is_last, logits, embedding)

    def bundled(self, settings: ImageConfig, about: Mapping[str, Any]) -> bytes:
        """Return the file of a bundle: pixels (N, S, S, 3) of eight bits in; logits and embedding out.

        Args:
            settings: size, mean and std.
            about: classes, views and size, which are kept in the file.
        """
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        graph = model.graph
        constants = {one.name for one in graph.initializer}
        given = next(one.name for one in graph.input if one.name not in constants)
        embedding = self.embedding or self.logits
        kept = list(graph.node)
        del graph.node[:]
        graph.node.extend(_normalisation(graph, given, settings, is_last=self.is_last))
        graph.node.extend(kept)
        graph.node.append(helper.make_node("Identity", [self.logits], ["logits"]))
        graph.node.append(helper.make_node("Identity", [embedding], ["embedding"]))
        side, width = settings.size, self._width(about)
        picture = helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["N", side, side, 3])
        outputs = [
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", self.n_classes]),
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["N", width]),
        ]
        del graph.input[:], graph.output[:], graph.value_info[:], model.metadata_props[:]
        graph.input.append(picture)
        graph.output.extend(outputs)
        named = {name: about[name] for name in ("classes", "views", "size")}
        helper.set_model_props(model, {METADATA: json.dumps(named, sort_keys=True)})
        content: bytes = model.SerializeToString(deterministic=True)
        return content

    def original(self, pixels: NDArray[np.uint8], settings: ImageConfig) -> NDArray[np.float32]:
        """Return the logits (N, K) of the file itself about normalised pixels: what the bundle has to repeat.

        Raises:
            ModelError: the file cannot be run.
        """
        silence_onnxruntime()
        import onnxruntime

        graph = self.model.graph
        constants = {one.name for one in graph.initializer}
        given = next(one.name for one in graph.input if one.name not in constants)
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        del model.graph.output[:]
        model.graph.output.append(helper.make_tensor_value_info(self.logits, TensorProto.FLOAT, None))
        mean, std = (np.array(three, dtype=np.float32) for three in (settings.mean, settings.std))
        batch = (pixels.astype(np.float32) / 255 - mean) / std
        batch = batch if self.is_last else np.ascontiguousarray(batch.transpose(0, 3, 1, 2))
        try:
            session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
            parts = [session.run(None, {given: batch[i : i + 16]})[0] for i in range(0, len(batch), 16)]
        except Exception as error:  # kernel and graph errors come as classes of their own
            reason = str(error).splitlines()[0][:200]
            raise ModelError(f"{self.path} cannot be run at {settings.size} px: {reason}.") from error
        return np.concatenate(parts).astype(np.float32)

    def _width(self, about: Mapping[str, Any]) -> int:
        return int(about["embedding_size"]) if self.embedding else self.n_classes


def _checked_input(given: Any, path: Path) -> list[int | None]:
    kind = given.type.tensor_type
    if kind.elem_type != TensorProto.FLOAT:
        name = TensorProto.DataType.Name(kind.elem_type).lower()
        raise ModelError(f"{path} takes {name} input; lentigo needs float32. Export it again {COPY}.")
    shape = [int(one.dim_value) if one.HasField("dim_value") and one.dim_value > 0 else None for one in kind.shape.dim]
    if len(shape) != 4 or 3 not in (shape[1], shape[3]):
        raise ModelError(f"{path} takes an input of shape {shape}; it must be (N, 3, S, S) or (N, S, S, 3).")
    if shape[0] is not None:
        raise ModelError(
            f"{path} takes exactly {counted(shape[0], 'image')} at once. "
            f"Export it again {COPY}: dynamic_axes={{'input': {{0: "
            "'N'}} of torch.onnx.export, or dynamic_shapes."
        )
    return shape


def _side(sides: list[int | None], path: Path) -> int | None:
    if sides[0] is not None and sides[1] is not None and sides[0] != sides[1]:
        raise ModelError(f"{path} takes images of {sides[0]} x {sides[1]}. Export it again with a square input.")
    return sides[0] or sides[1]


def _n_classes(inferred: onnx.ModelProto, name: str, path: Path) -> int:
    shape = _shape(inferred, name)
    if len(shape) != 2 or shape[1] is None:
        raise ModelError(f"the first output of {path} has the shape {shape}; it must be (N, classes).")
    return shape[1]


def _shape(inferred: onnx.ModelProto, name: str) -> list[int | None]:
    for one in (*inferred.graph.output, *inferred.graph.value_info, *inferred.graph.input):
        if one.name == name:
            return [int(d.dim_value) if d.dim_value > 0 else None for d in one.type.tensor_type.shape.dim]
    return []


def _maker(model: onnx.ModelProto, name: str) -> Any:
    return next((node for node in model.graph.node if name in node.output), None)


def _logits(model: onnx.ModelProto, output: str) -> str:
    """Return the tensor before a softmax at the end, else the output itself."""
    node = _maker(model, output)
    while node is not None and node.op_type in {"Softmax", "Identity", "LogSoftmax"}:
        output = str(node.input[0])
        node = _maker(model, output)
    return output


def _embedding(model: onnx.ModelProto, logits: str, inferred: onnx.ModelProto) -> str:
    """Return what the linear layer that makes the logits reads; empty where something else makes them."""
    constants = {one.name for one in model.graph.initializer} | {
        str(node.output[0]) for node in model.graph.node if node.op_type == "Constant"
    }
    node = _maker(model, logits)
    while node is not None and node.op_type in LINEAR:
        source = next((str(one) for one in node.input if one not in constants), "")
        if node.op_type in {"Gemm", "MatMul"}:
            shape = _shape(inferred, source)
            return source if len(shape) == 2 and shape[1] is not None else ""
        node = _maker(model, source)
    return ""


def embedding_width(own: OwnOnnx) -> int:
    """Return the length of the embedding; the number of classes where logits stand in for it."""
    if not own.embedding:
        return own.n_classes
    shape = _shape(onnx.shape_inference.infer_shapes(own.model), own.embedding)
    return int(shape[1] or 0)


def _normalisation(graph: Any, target: str, settings: ImageConfig, *, is_last: bool) -> list[Any]:
    """Return the nodes from pixels to the file's own input."""
    for name, value in (("scale", 255.0), ("mean", settings.mean), ("std", settings.std)):
        graph.initializer.append(numpy_helper.from_array(np.array(value, dtype=np.float32), f"lentigo_{name}"))
    last = target if is_last else "lentigo_normal"
    nodes = [
        helper.make_node("Cast", [INPUT], ["lentigo_float"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["lentigo_float", "lentigo_scale"], ["lentigo_unit"]),
        helper.make_node("Sub", ["lentigo_unit", "lentigo_mean"], ["lentigo_centred"]),
        helper.make_node("Div", ["lentigo_centred", "lentigo_std"], [last]),
    ]
    if not is_last:
        nodes.append(helper.make_node("Transpose", [last], [target], perm=[0, 3, 1, 2]))
    return nodes
