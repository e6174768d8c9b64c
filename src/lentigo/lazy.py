"""Public names that are imported on first use (PEP 562), so that naming a package never loads torch."""

import importlib
from collections.abc import Callable, Mapping

from lentigo.extras import missing_extra

__all__ = ["lazy_names"]


def lazy_names(package: str, names: Mapping[str, str]) -> Callable[[str], object]:
    """Return a module `__getattr__` that imports each name from the module given for it.

    A package that an extra would bring is named with that extra.

    Example:
        >>> lazy_names("os", {"join": "os.path"})("join")("a", "b")
        'a/b'
    """

    def __getattr__(name: str) -> object:  # noqa: N807
        if name not in names:
            raise AttributeError(f"module '{package}' has no attribute '{name}'")
        try:
            return getattr(importlib.import_module(names[name]), name)
        except ModuleNotFoundError as error:
            if (named := missing_extra(error, purpose=f"use {package}.{name}")) is None:
                raise
            raise named from error

    return __getattr__
