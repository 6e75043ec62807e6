"""The command line of `tools/demo`, and the order of events."""

import argparse
import os
import sys

from tools.showing import on_pico, steps
from tools.showing.children import Children, Failure, Signals, Stopped
from tools.showing.find import TOP, find
from tools.showing.page import PageServer
from tools.showing.view import Screen

_BAUD = 921600


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog="tools/demo",
        description="Fetches a page over a virtual BG95-S5 with the driver, and shows the AT "
        "traffic. Needs Python and nothing else; uses MicroPython where one is found. With "
        "--board pico all of it runs on an emulated Raspberry Pi Pico, installed by mpremote.",
        epilog="Exit code: 0 the page came whole, 1 it did not, 130 Ctrl-C.",
    )
    add = parser.add_argument
    add("--quiet", "--no-trace", action="store_true", help="hide the AT traffic")
    add("--python", action="store_true", help="run the driver in CPython, not in MicroPython")
    add("--board", choices=["pico"],
        help="run the driver on this board, emulated: python3 tools/setup makes it")  # fmt: skip
    add("--baud", type=int, metavar="N", help="of the UART (%d)" % _BAUD)
    add("--latency", type=float, default=2.0, metavar="MS",
        help="how long the module thinks before each answer, 0 to 300 (%(default)g)")  # fmt: skip
    add("--damage", action="store_true", help="change one byte of the page, to be found out")
    args = parser.parse_args(argv)
    if args.board and (args.python or args.baud):
        parser.error("--board goes with neither --python nor --baud: its programs choose the rate")
    args.baud = _BAUD if args.baud is None else args.baud
    if args.baud < 1200:
        parser.error("--baud is at least 1200")
    if not 0 <= args.latency <= 300:
        parser.error("--latency is 0 to 300")
    return args


def _on_this_machine(screen, args, signals):
    interpreter, reasons = find(args.python)
    # The children end before the server does: they are the ones that use it.
    with PageServer(args.damage) as server, Children(signals) as children:
        options = ("--baud", str(args.baud))
        modem = steps.start_module(children, server.port, args.latency, *options)
        screen.line("driver     in %s" % interpreter.name)
        for reason in reasons:
            screen.line("           " + reason)
        screen.line("module     virtual BG95-S5 at %s, %d baud, answers after %g ms"
                    % (modem, args.baud, args.latency))  # fmt: skip
        screen.line("server     http://127.0.0.1:%d, which the module knows as %s"
                    % (server.port, steps.HOST))  # fmt: skip
        screen.line("")
        env = interpreter.environment(modem)
        child = children.start("the program", interpreter.words, env, str(TOP))
        limit = steps.silence(args.baud)
        facts, traffic = steps.fetch(child, screen, args.quiet, limit)
    return steps.report(screen, args.baud, server, facts, traffic)


def main(argv=None):
    args = arguments(argv)
    screen = Screen(sys.stdout)
    signals = Signals()
    try:
        with signals:
            show = on_pico.show if args.board else _on_this_machine
            return show(screen, args, signals)
    except Stopped as stopped:
        print("\ntools/demo: stopped by %s" % stopped, file=sys.stderr)
        return 128 + stopped.number
    except Failure as failure:
        print("tools/demo: %s" % failure, file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Nobody reads on: Python must not complain about that once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
