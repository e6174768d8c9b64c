"""The network of a bundle under onnxruntime: loaded from verified bytes, held against the record, asked in batches."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import BundleError
from lentigo.model._kept_network import GRAPH, WEIGHTS
from lentigo.model._outputs import Outputs
from lentigo.model._wire import has_external_weights

INPUT: Final = "pixels"
EMBEDDINGS: Final = "embeddings"
METADATA: Final = "lentigo"


def silence_onnxruntime() -> None:
    """Keep onnxruntime from telling its maker what it does; to be called before it is first imported.

    From 1.32 on its wheels for Linux write an identifier of the machine under ~/.cache and send events to Microsoft
    unless this is set. Where another part of the process has imported it before, the events end here all the same.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()


def onnxruntime_version() -> str:
    """Return the version of the onnxruntime that is installed.

    Example:
        >>> onnxruntime_version().count(".") >= 1
        True
    """
    silence_onnxruntime()
    import onnxruntime

    return str(onnxruntime.__version__)


@dataclass(frozen=True, slots=True)
class OnnxNetwork:
    """A running network.

    Args:
        session: of onnxruntime.
        names: of the outputs: logits, maps (if there are any), embedding.
        input: its name: `INPUT`, or `EMBEDDINGS` for a head on embeddings.
    """

    session: Any
    names: tuple[str, ...]
    input: str = INPUT

    @classmethod
    def load(
        cls,
        content: bytes,
        *,
        expected: dict[str, Any],
        threads: int | None = None,
        spin: bool = True,
        keep: Path | None = None,
    ) -> "OnnxNetwork":
        """Return the network in an ONNX file.

        Args:
            content: of the file, whole: tensors in other files are refused.
            expected: `classes`, `views`, `size`, `map_side` and `embedding_size`, which have to agree with the file.
            threads: for one network; all cores this process may use by default.
            spin: let idle threads wait actively, which answers sooner on cores that have nothing else to do, and takes
                them from everybody else on those that have.
            keep: a folder that the optimised graph and its weights are written to.

        Raises:
            BundleError: onnxruntime cannot read it, or it is another network than the record says.
        """
        silence_onnxruntime()

        if has_external_weights(content):
            raise BundleError(
                "model.onnx points to weights in another file; a bundle keeps them inside. Export the run again."
            )
        options = _options(threads, spin=spin)
        if keep is not None:
            options.optimized_model_filepath = str(keep / GRAPH)
            options.add_session_config_entry("session.optimized_model_external_initializers_file_name", WEIGHTS)
            options.add_session_config_entry("session.optimized_model_external_initializers_min_size_in_bytes", "1024")
        return cls._opened(content, options, expected)

    @classmethod
    def load_kept(
        cls, graph: Path, *, expected: dict[str, Any], threads: int | None = None, spin: bool = True
    ) -> "OnnxNetwork":
        """Return the network that `load` has kept; the file of its weights is mapped into memory, not read.

        Args:
            graph: verified, in a folder to which nobody else can write.
            expected: as for `load`, and so are the others.
            threads: for one network.
            spin: let idle threads wait actively.

        Raises:
            BundleError: onnxruntime cannot read it.
        """
        silence_onnxruntime()
        import onnxruntime

        options = _options(threads, spin=spin)
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        return cls._opened(str(graph), options, expected)

    @classmethod
    def _opened(cls, content: bytes | str, options: Any, expected: dict[str, Any]) -> "OnnxNetwork":
        import onnxruntime

        try:
            session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            # protobuf, graph and kernel errors come as classes of their own, and as plain RuntimeError
            raise BundleError(
                f"model.onnx cannot be read by onnxruntime: {_first_line(error)}. Export it again."
            ) from error
        _check_metadata(session, expected)
        maps = ("cam",) if expected["map_side"] else ()
        asks = EMBEDDINGS if expected.get("asks_for") == EMBEDDINGS else INPUT
        network = cls(session, ("logits", *maps, "embedding"), asks)
        _check_shapes(session, network.names, expected)
        return network

    def run(self, pixels: NDArray[Any]) -> Outputs:
        """Return the network's outputs for fitted pixels (N, S, S, 3), or embeddings (N, D).

        Raises:
            BundleError: the network fails, or its answers are not numbers.
        """
        try:
            found = self.session.run(list(self.names), {self.input: pixels})
        except Exception as error:
            raise BundleError(f"model.onnx cannot be run: {_first_line(error)}. Export it again.") from error
        if not all(np.isfinite(values).all() for values in found) or len(found[0]) != len(pixels):
            raise BundleError("model.onnx returns NaN or infinite values. Export it again.")
        maps = found[1] if len(found) == 3 else None
        return Outputs(found[0], maps, found[-1])


def usable_cores() -> int:
    """Return how many cores this process may use, which in a container is less than the machine has.

    Example:
        >>> usable_cores() >= 1
        True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _options(threads: int | None, *, spin: bool) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or usable_cores()
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "1" if spin else "0")
    options.log_severity_level = 4  # what goes wrong is raised, and said once
    return options


def _check_metadata(session: Any, expected: dict[str, Any]) -> None:
    """Refuse a network that was exported for other classes, views or another size.

    Raises:
        BundleError: see above.
    """
    try:
        about = json.loads(session.get_modelmeta().custom_metadata_map[METADATA])
    except (KeyError, ValueError):
        raise BundleError(
            "model.onnx was not exported by lentigo: it does not declare what its outputs mean. "
            "Export the run with lentigo."
        ) from None
    for name in ("classes", "views", "size"):
        if about.get(name) != expected[name]:
            raise BundleError(f"model.onnx and bundle.json disagree on {name}. Copy the whole bundle again.")


def _check_shapes(session: Any, names: tuple[str, ...], expected: dict[str, Any]) -> None:
    size, n_classes, side = expected["size"], len(expected["classes"]), expected["map_side"]
    shapes = {
        "logits": [n_classes],
        "cam": [n_classes, side, side],
        "embedding": [expected["embedding_size"]],
    }
    inputs, outputs = session.get_inputs(), {output.name: output for output in session.get_outputs()}
    asked: tuple[str, str, list[int]] = (INPUT, "tensor(uint8)", [size, size, 3])
    if expected.get("asks_for") == EMBEDDINGS:
        asked = (EMBEDDINGS, "tensor(float)", [expected["embedding_size"]])
    fits = [(i.name, i.type, list(i.shape[1:])) for i in inputs] == [asked]
    fits &= set(outputs) == set(names) and not isinstance(inputs[0].shape[0], int)
    fits = fits and all(
        outputs[name].type == "tensor(float)" and list(outputs[name].shape[1:]) == shapes[name] for name in names
    )
    if not fits:
        raise BundleError("The inputs or outputs of model.onnx differ from bundle.json. Copy the whole bundle again.")


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
