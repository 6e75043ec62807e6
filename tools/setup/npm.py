"""Packages of npm's registry, each recipe a folder here with a lock file; Node runs them."""

import shutil

from common import HERE, TOOLS, Stamp, Unavailable, apt_install, run

_FILES = ("package.json", "package-lock.json", ".npmrc")


def _check_node(oldest):
    missing = [name for name in ("node", "npm") if not shutil.which(name)]
    if missing:
        apt_install("nodejs", "npm")
        missing = [name for name in missing if not shutil.which(name)]
    if missing:
        raise Unavailable("no %s in PATH (Debian: apt-get install nodejs npm)" % missing[0])
    version = run(["node", "--version"]).strip()
    if int(version.lstrip("v").split(".")[0]) < oldest:
        raise Unavailable("Node %s is older than %d" % (version, oldest))


def install(name, package, oldest):
    """Install the recipe `name` into .tools/`name`; return the folder of its package.

    oldest: the first release of Node that runs it"""
    _check_node(oldest)
    recipe, folder = HERE / name, TOOLS / name
    found = folder / "node_modules" / package
    stamp = Stamp("npm-" + name, *(recipe / file for file in _FILES))
    if not (stamp.fresh() and found.is_dir()):
        stamp.clear()
        folder.mkdir(parents=True, exist_ok=True)
        for file in _FILES:
            shutil.copyfile(recipe / file, folder / file)
        run(["npm", "ci", "--loglevel=error"], cwd=folder)
        stamp.set()
    return found
