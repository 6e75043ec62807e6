#!/usr/bin/env python3
"""Writes package.json, mip's manifest, from what is in lib/quectel.

python3 tools/manifest.py            write it
python3 tools/manifest.py --check    say whether it is as it should be (exit code 1: no)
"""

import json
import re
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
MANIFEST = TOP / "package.json"


def version():
    """`__version__` of the driver, read without importing it."""
    text = (TOP / "lib" / "quectel" / "__init__.py").read_text()
    return re.search(r'^__version__ = "([^"]+)"$', text, re.M).group(1)


def manifest():
    """What package.json must say: every Python file, its place on the board and its place here."""
    lib = TOP / "lib"
    files = sorted(path.relative_to(lib).as_posix() for path in lib.glob("quectel/**/*.py"))
    urls = [[name, "lib/" + name] for name in files]
    return {"urls": urls, "deps": [], "version": version()}


def text():
    """The same as the file's text, a file a line."""
    entries = manifest()
    urls = ",\n".join("    " + json.dumps(pair) for pair in entries["urls"])
    return '{\n  "urls": [\n%s\n  ],\n  "deps": [],\n  "version": %s\n}\n' % (
        urls,
        json.dumps(entries["version"]),
    )


def main(args):
    if args == ["--check"]:
        if MANIFEST.is_file() and MANIFEST.read_text() == text():
            return 0
        print("package.json does not match lib/quectel: run python3 tools/manifest.py")
        return 1
    if args:
        print(__doc__)
        return 2
    MANIFEST.write_text(text())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
