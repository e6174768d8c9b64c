"""What computes a network: a runtime, by its name, in a precision that somebody chose and no library by itself."""

from dataclasses import dataclass
from typing import Any, Final

from lentigo.errors import ConfigError, suggest

FLOAT32: Final = "float32"
BFLOAT16: Final = "bfloat16"
INT8: Final = "int8"
PRECISIONS: Final = (FLOAT32, BFLOAT16, INT8)


@dataclass(frozen=True, slots=True)
class Computation:
    """The runtime and the precision of a network.

    Args:
        runtime: onnxruntime, openvino or torch; empty where a backend of another package does not say.
        precision: float32, or bfloat16: then every answer near a border was computed again in float32.
        version: of the runtime.

    Example:
        >>> Computation("openvino", "bfloat16", "2026.4.1").json()
        {'runtime': 'openvino', 'precision': 'bfloat16', 'runtime_version': '2026.4.1'}
    """

    runtime: str = ""
    precision: str = ""
    version: str = ""

    def json(self) -> dict[str, Any]:
        """Return the record as JSON types, null where nothing is known."""
        return {
            "runtime": self.runtime or None,
            "precision": self.precision or None,
            "runtime_version": self.version or None,
        }


def choose_precision(wanted: str | None, *, runtime: str, offered: tuple[str, ...] = (FLOAT32,)) -> str:
    """Return the precision that a runtime shall compute in: float32 unless somebody asks for another.

    Args:
        wanted: by the caller; None for no wish.
        runtime: its name.
        offered: what it can be asked for.

    Raises:
        ConfigError: the runtime does not offer it, or nobody does.

    Example:
        >>> choose_precision(None, runtime="onnxruntime")
        'float32'
    """
    if wanted is None or wanted in offered:
        return wanted or FLOAT32
    if wanted == INT8:
        raise ConfigError(
            "int8 is not supported: its decisions have not been shown to equal those of float32 on other sources "
            "(docs/performance.md). Use --precision bfloat16 or float32."
        )
    if wanted == BFLOAT16 and runtime == "torch":
        raise ConfigError("a run is computed in float32. Export it, and use --runtime openvino for bfloat16.")
    if wanted == BFLOAT16:
        raise ConfigError(f"{runtime} computes in float32 only. Use --runtime openvino for bfloat16.")
    raise ConfigError(f"unknown precision '{wanted}'.{suggest(wanted, PRECISIONS)} Known are: {', '.join(PRECISIONS)}.")
