"""A virtual environment in .tools/venv with the Python packages the tests and the lint need."""

import importlib.util
import shutil
import sys
from pathlib import Path

from common import HERE, TOOLS, Stamp, Unavailable, apt_install, run

_REQUIREMENTS = HERE / "requirements.txt"
VENV = TOOLS / "venv"


def _venv_works():
    return all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))


def install():
    """Make the environment if it is not there yet; return its Python."""
    python = VENV / "bin" / "python"
    # The environment holds absolute paths: a moved checkout needs a new one.
    stamp = Stamp("venv", _REQUIREMENTS, sys.version, str(VENV), Path(__file__))
    if stamp.fresh() and python.exists():
        return python
    if not _venv_works() and not apt_install("python3-venv"):
        raise Unavailable("Python's venv is missing (Debian: apt-get install python3-venv)")
    stamp.clear()
    shutil.rmtree(VENV, ignore_errors=True)
    run([sys.executable, "-m", "venv", VENV])
    run([python, "-m", "pip", "install", "--quiet", "--requirement", _REQUIREMENTS])
    stamp.set()
    return python
