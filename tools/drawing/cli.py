"""tools/draw: the arguments, and what it writes."""

import argparse
import sys

from tools import manifest
from tools.drawing import pictures


def _library():
    folder = manifest.TOP / ".tools" / "drawing"
    if not folder.is_dir():
        sys.exit("tools/draw: pygal is not set up; run once: python3 tools/setup")
    sys.path.append(str(folder))


def main(args=None):
    parser = argparse.ArgumentParser(
        prog="tools/draw",
        description="Draws the pictures in %s from tools/bench_figures.json. Each run gives the "
        "same text." % pictures.FOLDER.relative_to(manifest.TOP),
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit code 1 if a picture is not what would be drawn",
    )
    check = parser.parse_args(args).check
    _library()
    from tools.drawing import chart

    old = 0
    for name, picture in pictures.all_of().items():
        file = pictures.FOLDER / name
        text = chart.svg(picture)
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        old += 1
        if check:
            print("%s is not what tools/draw draws" % file.relative_to(manifest.TOP))
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            print("drawn:", file.relative_to(manifest.TOP))
    return int(check and old > 0)
