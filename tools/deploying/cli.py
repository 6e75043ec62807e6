"""The command line of `tools/deploy`."""

import argparse
import json
import shlex
import sys
from pathlib import Path

from tools.deploying import checks
from tools.deploying.mpremote import Mpremote, find

_PORTABLE = Path(__file__).resolve().parent / "portable"
_OK = "first light: ok"


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog="tools/deploy",
        description="Installs the driver and the files of a board with mpremote, whose commands "
        "it shows, and checks that the module works, up to its first packet.",
        epilog="Exit code: 0 all is well, 1 mpremote failed, 2 wrong arguments, 3 no mpremote or "
        "an old one, 4 no board, 5 another board, 6 MicroPython is too old, 7 too little memory, "
        "8 the file system is full, 9 the module does not answer, has no SIM, no network or no "
        "context, or reaches nobody: what quectel.diagnose says.",
    )
    add = parser.add_argument
    add(
        "board",
        help="one of %s, or a folder with a board.py of your own" % ", ".join(checks.names()),
    )
    add("--device", help="as for `mpremote connect`; without it: the first board at USB")
    add(
        "--package",
        metavar="FILE",
        type=Path,
        default=checks.TOP / "package.json",
        help="a package.json of the driver in another form, such as compiled (.mpy)",
    )
    add("--main", action="store_true", help="replace a main.py that the board has")
    add("--no-install", action="store_true", help="only look at board and module")
    add("--no-light", action="store_true", help="do not ask the module")
    add("--mpremote", metavar="COMMAND", help="which mpremote to use")
    return parser.parse_args(argv)


def main(argv=None):
    args = arguments(argv)
    try:
        _deploy(args)
    except checks.Trouble as trouble:
        print("tools/deploy: %s" % trouble, file=sys.stderr)
        return trouble.code
    except KeyboardInterrupt:
        return 130
    return 0


def _deploy(args):
    folder = checks.folder(args.board)
    driver = checks.package(args.package.resolve())
    mpremote = Mpremote(shlex.split(args.mpremote) if args.mpremote else find(), args.device)
    mpremote.check_version()
    facts = _facts(mpremote)
    checks.right_board(facts, folder)
    checks.new_enough(facts)
    checks.enough_memory(facts, driver)
    if not args.no_install:
        checks.enough_room(facts, driver)
        if facts.held:  # a .py that is left would go before a .mpy of the same name
            mpremote.run("rm", "-r", ":%s/quectel" % facts.lib)
        _install(mpremote, folder, driver, args.main or not facts.main)
    if not args.no_light:
        _first_light(mpremote)
        print("All is well. To run the first program:")
        print("  " + mpremote.command("run", folder.path / "main.py"))


def _facts(mpremote):
    for line in mpremote.run("run", _PORTABLE / "facts.py", shown=False):
        word, _, text = line.partition(" ")
        if word == "facts":
            facts = checks.Facts(**json.loads(text))
            print("  " + facts.described(), flush=True)
            return facts
    raise checks.Trouble(checks.FAILED, "the board did not say what it is.")


def _install(mpremote, folder, driver, with_main):
    mpremote.run("mip", "install", driver.path)
    mpremote.run("cp", *folder.files(with_main), ":")
    if not with_main:
        print("main.py on the board is kept: --main replaces it.")


def _first_light(mpremote):
    lines = mpremote.run("run", _PORTABLE / "first_light.py")
    if not lines or lines[-1] != _OK:
        verdict = lines[-1].partition("first light: ")[2] if lines else ""
        raise checks.Trouble(
            checks.NO_LIGHT, verdict or "the check ended early: what it said stands above."
        )
