"""`python3 -m tools.pico`: an emulated Pico for mpremote, and for programs, until Ctrl-C."""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from tools.pico import emulated, found, image


def _arguments(argv):
    parser = argparse.ArgumentParser(
        prog="python3 -m tools.pico",
        description="Starts an emulated Raspberry Pi Pico. Its REPL is for "
        "`mpremote connect socket://HOST:PORT`, UART1 (GP4, GP5) is at a virtual module.",
    )
    add = parser.add_argument
    add("--uart1", metavar="HOST:PORT", help="where `python3 -m tools.vmodule --tcp` listens")
    add("--repl", metavar="HOST:PORT", default="127.0.0.1:0", help="default: a free port")
    add("--flash", metavar="FILE", type=Path, help="keep the flash memory in this file")
    add(
        "--files",
        metavar="FOLDER",
        type=Path,
        action="append",
        default=[],
        help="put what is in the folder into a new flash memory (may be repeated)",
    )
    return parser.parse_args(argv)


def main(argv=None):
    args = _arguments(argv)
    reason = found.missing()
    if reason:
        print("tools.pico: %s" % reason, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        flash = args.flash or Path(folder) / "flash.img"
        if not flash.exists():
            files = {}
            for tree in args.files:
                files.update(image.tree(tree))
            flash.write_bytes(image.build(found.FIRMWARE.read_bytes(), files))
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        save = args.flash is not None
        with emulated.board(flash, args.uart1, args.repl, save) as pico:
            print("mpremote connect %s" % pico.repl, flush=True)
            try:
                pico.wait()
            except KeyboardInterrupt:
                pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
