"""MicroPython's WebAssembly port in .tools/wasm: the 32-bit interpreter, run by Node."""

import npm

_PACKAGE = "@micropython/micropython-webassembly-pyscript"
_OLDEST_NODE = 16


def install():
    """Install the npm package from its lock file; return the module to load."""
    return npm.install("wasm", _PACKAGE, _OLDEST_NODE) / "micropython.mjs"
