"""The command line of `tools/package`."""

import argparse
import re
import sys
from pathlib import Path

from tools import manifest
from tools.packaging import build

_EPILOG = """\
What FOLDER then has:
  package.json   mpremote mip install FOLDER/package.json
                 mip.install("http://HOST/") on a board, where HOST serves FOLDER;
                 a mip older than 0.4 (mip.__version__) needs --url http://HOST/
  lib/quectel    mpremote cp -r FOLDER/lib/quectel :lib/
                 mpremote romfs deploy FOLDER/lib
  quectel.romfs  mpremote romfs deploy FOLDER/quectel.romfs (with --romfs)

.mpy files of version 6 run on every MicroPython from %s on, on any processor.

Exit code: 0 built, 1 not built, 2 wrong arguments."""
_OLDEST = "%d.%d" % build.OLDEST


def _release(text):
    found = re.fullmatch(r"v?(\d+)\.(\d+)(\.\d+)?", text)
    if not found:
        raise argparse.ArgumentTypeError("%r is no version such as %s" % (text, _OLDEST))
    if (int(found.group(1)), int(found.group(2))) < build.OLDEST:
        raise argparse.ArgumentTypeError("the driver needs MicroPython %s or newer" % _OLDEST)
    return text


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog="tools/package",
        description="Builds the driver as .mpy files, in a folder that mip installs.",
        epilog=_EPILOG % _OLDEST,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("folder", metavar="FOLDER", type=Path,
        help="is made; what an earlier tools/package made there is replaced")  # fmt: skip
    dialects = manifest.dialects()
    known = ", ".join("%s (%s)" % (name, " ".join(dialects[name])) for name in dialects)
    add("--dialect", choices=dialects, metavar="NAME",
        help="one alone, with only the files that it needs: %s; default: all" % known)  # fmt: skip
    add("--source", action="store_true", help=".py files instead of .mpy")
    add("-O", "--optimise", type=int, choices=build.LEVELS, default=build.LEVEL, metavar="LEVEL",
        help="of mpy-cross, 0 to 3 (%(default)s): 3 without line numbers and asserts")  # fmt: skip
    add("--micropython", type=_release, metavar="VERSION",
        help="compile with the mpy-cross of this release, such as %s" % _OLDEST)  # fmt: skip
    add("--url", default="", metavar="http://HOST/",
        help="where FOLDER will be served, for a board whose mip is older than 0.4")  # fmt: skip
    add("--romfs", action="store_true", help="also make FOLDER/quectel.romfs, of FOLDER/lib")
    return parser.parse_args(argv)


def main(argv=None):
    args = arguments(argv)
    out = args.folder
    try:
        sizes = build.package(
            out, args.dialect, args.source, args.optimise, args.micropython, args.url
        )
        print("%s: %d files, %d bytes" % (out / "lib", len(sizes), sum(sizes.values())))
        if args.romfs:
            image = out / "quectel.romfs"
            print("%s: %d bytes" % (image, build.romfs(out / "lib", image)))
    except (build.Failure, OSError) as failure:
        print("tools/package: %s" % failure, file=sys.stderr)
        return 1
    print("next: mpremote mip install %s" % (out / manifest.MANIFEST.name))
    return 0
