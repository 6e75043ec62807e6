"""Python runs this at its start when the shim is on PYTHONPATH: it completes `time`."""

import micropython  # noqa: F401
