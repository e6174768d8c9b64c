"""What the processor of this machine can do, as its system names it."""

from pathlib import Path
from typing import Final

_CPU_FILE: Final = Path("/proc/cpuinfo")


def cpu_flags(path: Path = _CPU_FILE) -> frozenset[str] | None:
    """Return what the processor can do, as Linux names it; None where the system does not tell.

    Example:
        >>> cpu_flags(Path("nowhere")) is None
        True
    """
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    found = next((line for line in lines if line.partition(":")[0].strip() in {"flags", "Features"}), None)
    return None if found is None else frozenset(found.partition(":")[2].split())


def has_any(flags: frozenset[str] | None, wanted: tuple[str, ...]) -> bool | None:
    """Return whether one of the wanted flags is there; None where the flags are not known.

    Example:
        >>> has_any(frozenset({"avx_vnni"}), ("avx512_vnni", "avx_vnni")), has_any(None, ("bf16",))
        (True, None)
    """
    return None if flags is None else any(name in flags for name in wanted)


def multiplies_bfloat16(flags: frozenset[str] | None = None) -> bool | None:
    """Return whether the processor multiplies bfloat16; None where the system does not tell.

    Args:
        flags: as from `cpu_flags`, which is asked when they are left out.

    Example:
        >>> multiplies_bfloat16(frozenset({"avx512f"})), multiplies_bfloat16(frozenset({"avx512_bf16"}))
        (False, True)
    """
    return has_any(cpu_flags() if flags is None else flags, ("avx512_bf16", "amx_bf16", "bf16"))
