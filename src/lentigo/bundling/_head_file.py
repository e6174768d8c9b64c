"""A head on embeddings as an ONNX file: embeddings in; logits and the embeddings themselves out. No torch."""

import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from lentigo.model import EMBEDDINGS, METADATA, Head, LinearHead, TreeHead

OPSET: Final = 18
OPSET_ML: Final = 3
IR_VERSION: Final = 9  # what onnxruntime 1.20 reads; onnx itself may write a later one


def head_to_onnx(head: Head, about: Mapping[str, Any]) -> bytes:
    """Return a head as an ONNX file.

    Args:
        head: for raw embeddings.
        about: classes, views and size; kept in the file, so that it cannot be mistaken for another.
    """
    nodes, weights, n_classes = _linear(head) if isinstance(head, LinearHead) else _trees(head)
    nodes.append(helper.make_node("Identity", [EMBEDDINGS], ["embedding"]))
    asked = helper.make_tensor_value_info(EMBEDDINGS, TensorProto.FLOAT, ["N", head.width])
    said = [
        helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", n_classes]),
        helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["N", head.width]),
    ]
    graph = helper.make_graph(nodes, "head", [asked], said, initializer=weights)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", OPSET_ML)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="lentigo")
    helper.set_model_props(model, {METADATA: json.dumps(dict(about), sort_keys=True)})
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _linear(head: LinearHead) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto], int]:
    weights = [numpy_helper.from_array(head.weight, "weight"), numpy_helper.from_array(head.bias, "bias")]
    node = helper.make_node("Gemm", [EMBEDDINGS, "weight", "bias"], ["logits"], transB=1)
    return [node], weights, len(head.bias)


def _trees(head: TreeHead) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto], int]:
    """Return boosted trees; nodes are numbered within their tree, as the operator wants them."""
    first = np.append(head.root, len(head.value))
    tree = np.repeat(np.arange(len(head.root)), np.diff(first))
    start = head.root[tree]
    node = np.arange(len(head.value)) - start
    is_leaf = head.left == np.arange(len(head.value))
    leaves = np.flatnonzero(is_leaf)
    trees = helper.make_node(
        "TreeEnsembleRegressor",
        [EMBEDDINGS],
        ["raw"],
        domain="ai.onnx.ml",
        n_targets=len(head.base),
        base_values=head.base.tolist(),
        nodes_treeids=tree.tolist(),
        nodes_nodeids=node.tolist(),
        nodes_modes=["LEAF" if leaf else "BRANCH_LEQ" for leaf in is_leaf.tolist()],
        nodes_featureids=head.feature.tolist(),
        nodes_values=head.threshold.tolist(),
        nodes_truenodeids=np.where(is_leaf, 0, head.left - start).tolist(),
        nodes_falsenodeids=np.where(is_leaf, 0, head.right - start).tolist(),
        target_treeids=tree[leaves].tolist(),
        target_nodeids=node[leaves].tolist(),
        target_ids=head.output[tree[leaves]].tolist(),
        target_weights=head.value[leaves].tolist(),
    )
    weights = [numpy_helper.from_array(head.mix, "mix"), numpy_helper.from_array(head.bias, "bias")]
    return [trees, helper.make_node("Gemm", ["raw", "mix", "bias"], ["logits"])], weights, len(head.bias)
