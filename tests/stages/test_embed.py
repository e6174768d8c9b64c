import json

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from onnx import TensorProto, helper

from lentigo.cli import group
from lentigo.config import Config
from lentigo.data.sources import read_data
from lentigo.errors import ConfigError, DataError, ImageError, ModelError
from lentigo.images import Preprocess
from lentigo.model import decode_image, open_model, read_embeddings
from lentigo.stages import embed


@pytest.fixture(scope="module")
def few(phantom, tmp_path_factory):
    """A table of eight images of the phantom."""
    manifest = read_data(phantom).select(np.arange(8))
    path = tmp_path_factory.mktemp("few") / "few.csv"
    manifest.write(path)
    return path


def test_a_bundle_gives_its_embeddings_under_the_ids_of_the_manifest_with_its_licence(bundle_folder, few, tmp_path):
    made = embed(bundle_folder, few, tmp_path / "emb.parquet")
    found = read_embeddings(tmp_path / "emb.parquet")
    bundle, manifest = open_model(bundle_folder), read_data(few)
    assert found.image_id == tuple(manifest.table["image_id"])
    seen = [decode_image(path, bundle.preprocess).pixels for path in manifest.paths]
    np.testing.assert_allclose(found.matrix, bundle.outputs(np.stack(seen)).embedding, rtol=1e-4, atol=1e-5)
    assert found.stated == {"origin": made.origin, "licence": made.licence}
    assert bundle.name in made.origin


@pytest.mark.parametrize("suffix", [".parquet", ".npz", ".csv"])
def test_every_file_reads_back_as_the_same_numbers(suffix, bundle_folder, few, tmp_path):
    first = embed(bundle_folder, few, tmp_path / "first.npz").path
    again = embed(bundle_folder, few, tmp_path / f"emb{suffix}").path
    np.testing.assert_array_equal(read_embeddings(again).matrix, read_embeddings(first).matrix)


def write_network(path, *, batch="N", names=("embedding",)):
    """A network that gives the mean of each channel: float pictures (N, 3, 16, 16) in, (N, 3) out."""
    asked = helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 3, 16, 16])
    said = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [batch, 3, 1, 1]) for name in names]
    nodes = [helper.make_node("GlobalAveragePool", ["x"], [name]) for name in names]
    graph = helper.make_graph(nodes, "mean", [asked], said)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
    return path


@pytest.mark.parametrize("batch", ["N", 3])
def test_an_onnx_file_is_asked_with_normalised_pictures_of_its_own_size(batch, few, tmp_path):
    made = embed(write_network(tmp_path / "net.onnx", batch=batch), few, tmp_path / "emb.npz", licence="MIT")
    preprocess = Preprocess(Config().changed({"image.size": 16}).image)
    pixels = np.stack([preprocess.pixels(path) for path in read_data(few).paths])
    expected = preprocess.normalize(pixels).mean(axis=(2, 3))
    np.testing.assert_allclose(read_embeddings(made.path).matrix, expected, atol=1e-5)
    assert made.licence == "MIT"
    assert "net.onnx (sha256 " in made.origin


def test_an_onnx_file_with_several_outputs_asks_which(few, tmp_path):
    path = write_network(tmp_path / "net.onnx", names=("tokens", "pooled"))
    with pytest.raises(ConfigError, match="outputs tokens, pooled. Choose one with --output"):
        embed(path, few, tmp_path / "emb.npz")
    assert embed(path, few, tmp_path / "emb.npz", output="pooled").width == 3


def test_a_backbone_of_timm_gives_embeddings_of_the_wanted_size(few, tmp_path):
    config = Config().changed({"model.weights": "none", "image.size": 32})
    made = embed("resnet18", few, tmp_path / "b.npz", config=config)
    assert (made.width, made.origin) == (512, "resnet18 from none, 32 px")


def test_a_run_gives_the_embeddings_of_its_bundle(run, exported, few, tmp_path):
    of_run, of_bundle = (embed(model, few, tmp_path / f"{k}.npz") for k, model in enumerate((run, exported)))
    np.testing.assert_allclose(
        read_embeddings(of_run.path).matrix, read_embeddings(of_bundle.path).matrix, rtol=1e-3, atol=1e-4
    )


def test_unlabelled_images_are_named_by_their_files_and_damaged_ones_are_refused_or_counted(
    bundle_folder, phantom, tmp_path
):
    folder = tmp_path / "photos"
    folder.mkdir()
    for photo in sorted((phantom / "images").iterdir())[:3]:
        (folder / photo.name).write_bytes(photo.read_bytes())
    (folder / "damaged.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(ImageError, match="damaged"):
        embed(bundle_folder, folder, tmp_path / "emb.npz")
    made = embed(bundle_folder, folder, tmp_path / "emb.npz", config=Config().changed({"data.unreadable": "drop"}))
    assert (made.n_images, made.left_out) == (3, ("damaged",))


def test_what_cannot_be_embedded_or_written_is_said(bundle_folder, few, tmp_path):
    with pytest.raises(DataError, match="written as .parquet, .npz, .csv"):
        embed(bundle_folder, few, tmp_path / "emb.txt")
    with pytest.raises(ModelError, match="unknown backbone 'resnet1888'"):
        embed("resnet1888", few, tmp_path / "emb.npz")


def test_the_command_prints_what_to_do_next_or_json(bundle_folder, few, tmp_path):
    words = ["embed", bundle_folder, few, "--out", tmp_path / "emb.npz"]
    printed = CliRunner().invoke(group, [str(word) for word in words], catch_exceptions=False)
    assert "8 images" in printed.output
    assert f"lentigo train {few} --features" in printed.output
    again = CliRunner().invoke(group, [str(word) for word in [*words, "--force", "--json"]], catch_exceptions=False)
    assert json.loads(again.stdout)["n_images"] == 8
