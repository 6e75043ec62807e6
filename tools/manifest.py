#!/usr/bin/env python3
"""Writes package.json, mip's manifest, from what is in lib/quectel.

python3 tools/manifest.py            write it
python3 tools/manifest.py --check    say whether it is as it should be (exit code 1: no)
"""

import ast
import json
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
LIB = TOP / "lib"
MANIFEST = TOP / "package.json"


def _of_the_driver(name):
    # The value that quectel/__init__.py gives to a name, without importing it.
    text = (LIB / "quectel" / "__init__.py").read_text(encoding="utf-8")
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == name:
            return ast.literal_eval(node.value)
    raise NameError(name)


def version():
    """`__version__` of the driver."""
    return _of_the_driver("__version__")


def dialects():
    """{dialect: names of the classes that talk it}, sorted."""
    lines = sorted(line.split() for line in _of_the_driver("_DIALECTS"))
    return {words[0]: words[1:] for words in lines}


def _needed_by(file):
    # The files in dialects/ that one of them names: by an import, or as its DETAILS.
    for node in ast.walk(ast.parse((LIB / file).read_text(encoding="utf-8"))):
        modules = []
        if isinstance(node, ast.ImportFrom) and node.module.startswith("quectel.dialects"):
            modules = [node.module, *("%s.%s" % (node.module, each.name) for each in node.names)]
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "DETAILS":
            modules = ["quectel.dialects.details", "quectel.dialects.details." + node.value.value]
        for module in modules:
            path = module.replace(".", "/")
            for name in (path + ".py", path + "/__init__.py"):
                if (LIB / name).is_file():
                    yield name


def files(dialect=None):
    """The driver's files as "quectel/at.py", sorted: all, or those that one dialect needs."""
    found = {path.relative_to(LIB).as_posix() for path in LIB.glob("quectel/**/*.py")}
    if dialect is None:
        return sorted(found)
    needed = set()
    looking = ["quectel/dialects/%s.py" % dialect]
    while looking:
        file = looking.pop()
        if file not in needed:
            needed.add(file)
            looking += _needed_by(file)
    return sorted(needed | {name for name in found if not name.startswith("quectel/dialects/")})


def text(names=None, url=""):
    """package.json as text, a file a line: each one's place on the board, and where it is.

    names  the files, in a folder lib beside it; None: all of the driver
    url    the address of the folder that it is in, to stand before each file"""
    pairs = [[name, url + "lib/" + name] for name in names or files()]
    urls = ",\n".join("    " + json.dumps(pair) for pair in pairs)
    return '{\n  "urls": [\n%s\n  ],\n  "deps": [],\n  "version": %s\n}\n' % (
        urls,
        json.dumps(version()),
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
