"""MicroPython's WebAssembly port in .tools/wasm: the 32-bit interpreter, run by Node."""

import shutil

from common import HERE, TOOLS, Stamp, Unavailable, apt_install, run

_RECIPE = HERE / "wasm"
_FILES = ("package.json", "package-lock.json", ".npmrc")
FOLDER = TOOLS / "wasm"
PACKAGE = FOLDER / "node_modules" / "@micropython" / "micropython-webassembly-pyscript"
_OLDEST_NODE = 16


def check_node():
    """Node and npm are there, and new enough; in CI they are installed."""
    missing = [name for name in ("node", "npm") if not shutil.which(name)]
    if missing:
        apt_install("nodejs", "npm")
        missing = [name for name in missing if not shutil.which(name)]
    if missing:
        raise Unavailable("no %s in PATH (Debian: apt-get install nodejs npm)" % missing[0])
    version = run(["node", "--version"]).strip()
    if int(version.lstrip("v").split(".")[0]) < _OLDEST_NODE:
        raise Unavailable("Node %s is older than %d" % (version, _OLDEST_NODE))


def install():
    """Install the npm package from its lock file; return the module to load."""
    check_node()
    module = PACKAGE / "micropython.mjs"
    stamp = Stamp("wasm", *(_RECIPE / name for name in _FILES))
    if not (stamp.fresh() and module.exists()):
        stamp.clear()
        FOLDER.mkdir(parents=True, exist_ok=True)
        for name in _FILES:
            shutil.copyfile(_RECIPE / name, FOLDER / name)
        run(["npm", "ci", "--loglevel=error"], cwd=FOLDER)
        stamp.set()
    return module
