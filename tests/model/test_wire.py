"""Whether weights lie elsewhere, told by structure; every file here is harmless and is read by nothing else."""

import onnx
import pytest
from onnx import TensorProto, helper

from lentigo.errors import BundleError
from lentigo.model._wire import has_external_weights


def outside(name="w"):
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[1])
    tensor.data_location = TensorProto.EXTERNAL
    return tensor


def graph(initializers=(), nodes=()):
    return helper.make_graph(list(nodes), "g", [], [], initializer=list(initializers))


def constant(**attributes):
    return helper.make_node("Constant", [], ["y"], **attributes)


def nested(tensor):
    inner = graph(nodes=[constant(value=tensor)])
    return helper.make_node(
        "If", ["c"], ["y"], then_branch=graph(nodes=[helper.make_node("If", ["c"], ["z"], then_branch=inner)])
    )


def sparse(tensor):
    made = onnx.SparseTensorProto()
    made.values.CopyFrom(tensor)
    return made


def function(tensor):
    return helper.make_function("d", "f", [], ["y"], [constant(value=tensor)], [helper.make_opsetid("", 20)])


def with_default(tensor):
    made = helper.make_function("d", "f", [], ["y"], [], [helper.make_opsetid("", 20)])
    made.attribute_proto.append(helper.make_attribute("a", tensor))
    return made


def training(tensor):
    model = helper.make_model(graph())
    model.training_info.add().algorithm.CopyFrom(graph([tensor]))
    return model


def sparse_initializer(tensor):
    made = graph()
    made.sparse_initializer.append(sparse(tensor))
    return made


PLACES = {
    "initializer": lambda tensor: helper.make_model(graph([tensor])),
    "constant": lambda tensor: helper.make_model(graph(nodes=[constant(value=tensor)])),
    "list of tensors": lambda tensor: helper.make_model(graph(nodes=[constant(values=[tensor])])),
    "branch of a branch": lambda tensor: helper.make_model(graph(nodes=[nested(tensor)])),
    "sparse value": lambda tensor: helper.make_model(graph(nodes=[constant(sparse_value=sparse(tensor))])),
    "sparse initializer": lambda tensor: helper.make_model(sparse_initializer(tensor)),
    "function": lambda tensor: helper.make_model(graph(), functions=[function(tensor)]),
    "default of a function": lambda tensor: helper.make_model(graph(), functions=[with_default(tensor)]),
    "training": training,
}


@pytest.mark.parametrize("place", PLACES)
def test_a_tensor_whose_values_lie_elsewhere_is_found_wherever_a_model_has_tensors(place):
    inside = helper.make_tensor("w", TensorProto.FLOAT, [1], [1.0])
    assert has_external_weights(PLACES[place](outside()).SerializeToString())
    assert not has_external_weights(PLACES[place](inside).SerializeToString())


def test_a_tensor_that_only_names_where_its_values_lie_is_found():
    tensor = helper.make_tensor("w", TensorProto.FLOAT, [1], [1.0])
    tensor.external_data.add(key="offset", value="0")
    assert has_external_weights(helper.make_model(graph([tensor])).SerializeToString())


def test_words_that_look_like_it_within_texts_and_weights_are_none_of_it():
    tensor = TensorProto(name="w", data_type=TensorProto.UINT8, dims=[10], raw_data=b"\x0a\x08location")
    model = helper.make_model(graph([tensor]), doc_string="\n\x08location")
    helper.set_model_props(model, {"location": "elsewhere", "\n\x08location": "x"})
    assert not has_external_weights(model.SerializeToString())


def test_the_shipped_kind_of_model_has_none(bundle_folder):
    content = (bundle_folder / "model.onnx").read_bytes()
    assert not has_external_weights(content)
    for stop in range(1, len(content), 997):
        try:
            has_external_weights(content[:stop])
        except BundleError as error:
            assert "is damaged" in str(error)


@pytest.mark.parametrize("content", [b"\x00\x00", b"\x3a\xff", b"\x0f", b"\x80" * 11, b"\x3a\x05abc"])
def test_what_is_no_message_is_damaged(content):
    with pytest.raises(BundleError, match="is damaged"):
        has_external_weights(content)
