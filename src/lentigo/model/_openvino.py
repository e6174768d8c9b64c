"""A bundle's network under OpenVINO: in float32, or in bfloat16 with float32 for whatever is near a border.

Where nothing else is said, OpenVINO computes a float32 network in bfloat16 on a processor that has it, and binds its
threads to cores, each process without regard to its neighbours. Both are said here.
"""

import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import BundleError, ConfigError, MissingExtraError
from lentigo.model._bundle import BundleParts
from lentigo.model._cascade import Borders, Cascade
from lentigo.model._computation import BFLOAT16, FLOAT32, Computation, choose_precision
from lentigo.model._files import RECORD
from lentigo.model._outputs import Network, Outputs
from lentigo.model._processor import multiplies_bfloat16
from lentigo.model._runtime import Model
from lentigo.model._same_answers import refuse_other_answers
from lentigo.model._session import INPUT, usable_cores

NAME: Final = "openvino"
DEVICE: Final = "CPU"
TELEMETRY: Final = "openvino_telemetry"
HINTS: Final = {FLOAT32: "f32", BFLOAT16: "bf16"}


def import_openvino() -> Any:
    """Return OpenVINO, kept from telling its maker that it was imported.

    Its import writes an identifier of the machine under ~/intel and sends an event to Google Analytics, unless its
    package for telemetry cannot be found; so it is hidden meanwhile. Where another part of the process has imported
    OpenVINO before, that has happened.

    Raises:
        MissingExtraError: it is not installed.
    """
    hidden = TELEMETRY not in sys.modules
    if hidden:
        sys.modules[TELEMETRY] = None  # type: ignore[assignment]  # Python's own way to say that there is none
    try:
        import openvino
    except ImportError as error:
        raise MissingExtraError(NAME, extra=NAME, purpose="compute with --runtime openvino") from error
    finally:
        if hidden:
            del sys.modules[TELEMETRY]
    return openvino


@dataclass(frozen=True, slots=True, eq=False)
class OpenVinoNetwork:
    """A running network.

    Args:
        request: of a compiled model; it serves one caller at a time.
        names: of the outputs: logits, maps (if there are any), embedding.
    """

    request: Any
    names: tuple[str, ...]
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def load(cls, content: bytes, *, names: tuple[str, ...], precision: str, threads: int) -> "OpenVinoNetwork":
        """Return the network in an ONNX file that onnxruntime has read already.

        Args:
            content: of the file, whole.
            names: of the outputs.
            precision: float32 or bfloat16.
            threads: for one network.

        Raises:
            BundleError: OpenVINO cannot read it.
            ConfigError: this processor does not compute in that precision.
        """
        core = import_openvino().Core()
        if precision == BFLOAT16:
            _refuse_without_bfloat16(core)
        settings = {
            "INFERENCE_PRECISION_HINT": HINTS[precision],
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "ENABLE_CPU_PINNING": False,
        }
        try:
            compiled = core.compile_model(core.read_model(content, b""), DEVICE, settings)
        except Exception as error:
            raise BundleError(f"model.onnx cannot be read by OpenVINO: {_first_line(error)}.") from error
        used = compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
        if used != HINTS[precision]:
            raise ConfigError(
                f"OpenVINO cannot compute in {HINTS[precision]} on this machine; it uses {used}. "
                "Use --precision float32."
            )
        return cls(compiled.create_infer_request(), names)

    def run(self, pixels: NDArray[np.uint8]) -> Outputs:
        """Return what the network says about fitted pixels (N, S, S, 3).

        Raises:
            BundleError: the network fails, or its answers are not numbers.
        """
        try:
            with self._lock:
                said = self.request.infer({INPUT: pixels}, share_inputs=True, share_outputs=False)
                found = [np.array(said[name]) for name in self.names]
        except Exception as error:
            raise BundleError(f"model.onnx cannot be run by OpenVINO: {_first_line(error)}.") from error
        if not all(np.isfinite(values).all() for values in found) or len(found[0]) != len(pixels):
            raise BundleError("model.onnx returns NaN or infinite values under OpenVINO. Export it again.")
        return Outputs(found[0], found[1] if len(found) == 3 else None, found[-1])


def bfloat16_network(content: bytes, names: tuple[str, ...]) -> tuple[OpenVinoNetwork, Computation]:
    """Return an ONNX file's network in bfloat16 without float32 behind it, to measure what that changes.

    Args:
        content: of the file, whole; onnxruntime has read it already.
        names: of the outputs.
    """
    computation = Computation(NAME, BFLOAT16, _version(import_openvino()))
    return OpenVinoNetwork.load(content, names=names, precision=BFLOAT16, threads=usable_cores()), computation


class _OpenVinoBackend:
    """The backend of bundles that is asked for by its name."""

    marker = RECORD

    def open(
        self,
        folder: Path,
        *,
        threads: int | None = None,
        spin: bool = True,
        views: int | None = None,
        precision: str | None = None,
    ) -> Model:
        """Return the bundle in a folder; every network in it has answered as onnxruntime does before.

        Raises:
            BundleError: it is damaged, or OpenVINO answers otherwise than onnxruntime.
            ConfigError: it does not compute in that precision here.
            MissingExtraError: OpenVINO is not installed.
        """
        chosen = choose_precision(precision, runtime=NAME, offered=(FLOAT32, BFLOAT16))
        version = _version(import_openvino())
        parts = BundleParts.read(folder, views=views)
        if chosen == BFLOAT16 and parts.record.decision.fusion is not None:
            # whether an image is near a border would depend on its columns, which the network does not know
            raise ConfigError(f"{folder.name} uses columns beside the image: only --precision float32 computes it.")
        truth = parts.network(threads=threads, spin=spin)
        n_threads = threads or usable_cores()

        def load(precision: str) -> OpenVinoNetwork:
            content = parts.model_content()
            network = OpenVinoNetwork.load(content, names=truth.names, precision=precision, threads=n_threads)
            refuse_other_answers(network, truth, parts, Computation(NAME, precision, version))
            return network

        network: Network = load(FLOAT32)
        parts.check(network)
        if chosen == BFLOAT16:
            network = Cascade(load(BFLOAT16), network, Borders.of(parts.record, parts.typical))
        return parts.model(network, Computation(NAME, chosen, version))


BACKEND: Final = _OpenVinoBackend()


def _version(openvino: Any) -> str:
    return str(openvino.__version__).partition("-")[0]


def _refuse_without_bfloat16(core: Any) -> None:
    """Raise on a processor that would have to imitate bfloat16.

    Raises:
        ConfigError: it has none.
    """
    if "BF16" not in core.get_property(DEVICE, "OPTIMIZATION_CAPABILITIES") or multiplies_bfloat16() is False:
        raise ConfigError("this processor has no bfloat16 arithmetic (see 'lentigo doctor'). Use --precision float32.")


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
