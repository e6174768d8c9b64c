"""torch's compiler, imported when somebody compiles: torchvision and every optimiser load all of it and use none of it.

`torch._dynamo` costs three of the five seconds that it takes to import timm. torchvision needs one function of it, to
ask whether a device can compile; optimisers ask it to stand aside (`disable`, `graph_break`), which does nothing where
nothing is compiled. Those three are given here. Any other name, and any of its modules, brings the real package.
"""

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final, TypeVar

F = TypeVar("F", bound=Callable[..., Any])
PACKAGE: Final = "torch._dynamo"
UTILS: Final = f"{PACKAGE}.utils"


class _LazyModule(ModuleType):
    """A module that knows a few names, and becomes the real one when it is asked for another."""

    def __getattr__(self, name: str) -> Any:
        is_plain = self.__name__ == UTILS and name == "__path__"  # asked for by every `from ... import`
        if is_plain or name in {
            "__file__",
            "__spec__",
            "__wrapped__",
            "__warningregistry__",
        }:  # and by who lists modules
            raise AttributeError(name)
        return getattr(real(self.__name__), name)


def put_off_compiler() -> None:
    """Have torch's compiler imported on its first use; nothing happens where it has been imported already.

    Example:
        >>> put_off_compiler()
    """
    if PACKAGE in sys.modules:
        return
    package, utils = _LazyModule(PACKAGE), _LazyModule(UTILS)
    package.disable = _disable  # type: ignore[attr-defined]
    package.graph_break = _graph_break  # type: ignore[attr-defined]
    package.utils = utils  # type: ignore[attr-defined]
    utils.is_compile_supported = _is_compile_supported  # type: ignore[attr-defined]
    sys.modules[PACKAGE], sys.modules[UTILS] = package, utils


def real(name: str) -> ModuleType:
    """Return the real package, or one of its modules."""
    for standing_in in (UTILS, PACKAGE):
        if isinstance(sys.modules.get(standing_in), _LazyModule):
            del sys.modules[standing_in]
    return importlib.import_module(name)


def _disable(fn: F | None = None, *args: Any, **options: Any) -> Any:
    # what nobody compiles need not be kept from being compiled; a decorator with arguments is for those who compile
    if fn is None or PACKAGE not in sys.modules or not isinstance(sys.modules[PACKAGE], _LazyModule):
        return real(PACKAGE).disable(fn, *args, **options)
    return fn


def _graph_break(*args: Any, **options: Any) -> None:
    if not isinstance(sys.modules.get(PACKAGE), _LazyModule):
        real(PACKAGE).graph_break(*args, **options)


def _is_compile_supported(device_type: str) -> bool:
    return bool(real(UTILS).is_compile_supported(device_type))
