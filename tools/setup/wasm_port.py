"""MicroPython's WebAssembly port: the 32-bit interpreter, run by Node.

In .tools/wasm what most tests run on; in .tools/oldest and .tools/newest the oldest release that
the driver promises to run on, and the newest there is."""

import npm

_PACKAGE = "@micropython/micropython-webassembly-pyscript"
_OLDEST_NODE = 16


def install(name):
    """Install the npm package from the lock file of a recipe; return the module to load."""
    return npm.install(name, _PACKAGE, _OLDEST_NODE) / "micropython.mjs"
