"""Importing this makes the driver, and its line to a module, importable on CPython."""

import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent

for _folder in ("lib", "boards/unix", "tests_host/shim"):
    if str(TOP / _folder) not in sys.path:
        sys.path.insert(0, str(TOP / _folder))

import micropython  # noqa: E402, F401 - gives `time` what the driver uses of it
