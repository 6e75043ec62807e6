"""The command line of `tools/conform`."""

import argparse
import contextlib
import re
import sys
from pathlib import Path
from types import SimpleNamespace

from tools.conforming import documents, line, report, settings, talk
from tools.conforming import peer as peers
from tools.conforming.run import CannotRun, Run
from tools.conforming.scenarios import Scenarios

_KB = 1024
_SMALL = 8 * _KB  # of the SIM's data: conversations, look-ups, pings, with their headers

_UART = "UART(1, 115200, tx=Pin(4), rx=Pin(5), rxbuf=4096)"

_EPILOG = """\
LINE is a serial port (/dev/ttyUSB0, COM3; a pty), tcp:HOST:PORT or socket://HOST:PORT. With
board: before it, it is the REPL of a MicroPython board, whose UART the module is on:
    tools/conform board:/dev/ttyACM0 --uart "UART(1, 115200, tx=Pin(4), rx=Pin(5), rxbuf=4096)"

The peer is the far end of the module's connections. Start it on a machine that the module reaches:
    tools/conform --serve 0.0.0.0:7000
and give its address and the key that it prints: --peer 192.0.2.2:7000 --key KEY. Where the module
reaches this PC: --here 192.0.2.2:7000. Without a peer only what needs none is tried.

Scenarios: %s.

Exit code: 0 all that was tried is as documented, 1 there are deviations, 2 it could not run."""


_GROUPS = ("conversations", "scenarios")


def arguments(argv):
    names = [row[0] for row in Scenarios(None, None, None, (), 0).all()]
    parser = argparse.ArgumentParser(
        prog="tools/conform",
        usage="%(prog)s LINE [options] --yes | %(prog)s --serve HOST:PORT",
        description="Plays the examples of a module's document, and what programs do with the "
        "driver, on a real module. Writes a report and a capture, with secrets masked.",
        epilog=_EPILOG % " ".join(names),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("line", nargs="?", metavar="LINE", help="where the module is")
    add("--baud", type=int, default=115200, metavar="N", help="of a serial port (%(default)s)")
    add("--uart", default=_UART, metavar="EXPRESSION", help="of a board (%(default)s)")
    add(
        "--module",
        metavar="NAME",
        choices=sorted(documents.MODULES),
        help="the driver's class; without it the module is asked",
    )
    add("--yes", action="store_true", help="do what is announced; without it only say it")
    add("--peer", metavar="HOST:PORT", help="where a `tools/conform --serve` runs")
    add("--key", default="", help="that it has printed")
    add("--here", metavar="HOST:PORT", help="the module reaches this PC there: be the peer")
    add(
        "--incoming",
        metavar="HOST",
        nargs="?",
        const="",
        help="the peer reaches the module, at its address or at HOST: try servers",
    )
    add("--host", default="", metavar="NAME", help="a name that DNS knows and that answers pings")
    add("--ntp", default="", metavar="NAME", help="a time server")
    add("--apn", default=None, help="the access point; without it the module's own setting")
    add("--user", default=None, help="of the access point")
    add("--password", default=None, help="of the access point")
    add("--bulk", type=int, default=10000, metavar="BYTES", help="each way (%(default)s)")
    add(
        "--only",
        action="append",
        metavar="NAME",
        help="a section (4.1) or scenario (ping), all `conversations` or `scenarios`; repeat",
    )
    add(
        "--longest",
        type=float,
        metavar="SECONDS",
        help="no wait of a conversation is longer, whatever the document allows",
    )
    add("--out", metavar="FOLDER", help="for report and capture (conform-MODULE)")
    add("--serve", metavar="HOST:PORT", help="be the peer, until Ctrl-C")
    args = parser.parse_args(argv)
    if (args.line is None) == (args.serve is None):
        parser.error("either LINE or --serve")
    if args.peer and args.here:
        parser.error("--peer or --here, not both")
    for name in args.only or ():
        if name not in names and name not in _GROUPS and not re.fullmatch(r"\d+\.\d+", name):
            parser.error("--only: %s is no section such as 4.1, and no scenario" % name)
    if args.bulk < 0:
        parser.error("--bulk is at least 0")
    if (args.user or args.password) and args.apn is None:
        parser.error("--user and --password go with --apn")
    for name in ("peer", "here", "serve"):
        try:
            setattr(args, name, _endpoint(getattr(args, name)))
        except ValueError as error:
            parser.error("--%s: %s" % (name, error))
    return args


def _endpoint(text):
    if text is None:
        return None
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ValueError("%s is not HOST:PORT" % text)
    return host.strip("[]"), int(port)


def plan(args, run):
    """What a run will do, as lines."""
    far = args.peer or args.here
    data = _SMALL + (2 * args.bulk if far else 0)
    access = "access point %s" % args.apn if args.apn is not None else "its own access point"
    return [
        "%s, firmware %s, on %s" % (run.model, run.masked().text(run.firmware), args.line),
        "This will:",
        "- send the AT commands of %s, and those of the driver" % run.title,
        "- go online with %s, and use about %d KB of the SIM's data" % (access, -(-data // _KB)),
        "- " + ("connect to %s:%d" % far if far else "make no connection: no --peer, no --here"),
        "- close the sockets that are open, and open new ones",
        "- change, and set again as found: " + settings.names(run.talk.key),
        "- set the module's clock, where its AT+QNTP does"
        if args.ntp
        else "- not ask for the time: no --ntp",
        "- wait at most as long as the document allows; all takes some minutes",
        "It never sends PIN or PUK, and leaves the firmware alone.",
    ]


def chosen(args):
    """A function: whether a section or scenario is wanted."""
    wanted = args.only

    def choose(name):
        group = "conversations" if name[0].isdigit() else "scenarios"
        return not wanted or name in wanted or group in wanted

    return choose


def main(argv=None):
    args = arguments(argv)
    if args.serve:
        try:
            peers.serve(*args.serve)
        except OSError as error:
            return _cannot("%s:%d: %s" % (*args.serve, error))
        return 0
    try:
        return _run(args)
    except (line.NoLine, CannotRun, peers.PeerError, OSError) as error:
        return _cannot(error)
    except KeyboardInterrupt:
        return 130


def _cannot(error):
    print("tools/conform: %s" % error, file=sys.stderr)
    return 2


def _run(args):
    uart = line.opened(args.line, args.baud, args.uart)
    access = (args.apn, args.user, args.password) if args.apn is not None else ()
    world = documents.World(None, args.host, args.ntp, args.incoming)
    options = SimpleNamespace(
        longest=args.longest,
        module=args.module,
        access=access,
        bulk=args.bulk,
        peer_name=(args.peer or args.here or ("",))[0],
    )
    with contextlib.ExitStack() as stack:
        run = Run(uart, world, None, options, lambda text: print(text, flush=True))
        stack.callback(run.tap.close)
        run.identify()
        print("\n".join(plan(args, run)))
        if not args.yes:
            run.settle_down()
            return _cannot("nothing was done: add --yes to do it")
        try:
            run.peer, world.peer = _peer(args, stack)
            out = _folder(args.out or "conform-" + run.model)
        except (CannotRun, peers.PeerError):
            run.settle_down()
            raise
        run.go(chosen(args))
        _write(out, run)
        print("\n".join(["", *report.summary(run), "report: %s" % (out / "report.md")]))
        return 1 if run.deviations else 0


def _folder(name):
    folder = Path(name)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotRun("%s is there already: give another --out" % name)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _peer(args, stack):
    if args.here:
        host, port = args.here
        local = host if host.startswith("127.") or host == "::1" else "0.0.0.0"
        server = stack.enter_context(peers.here(local, port))
        peer = peers.Peer("127.0.0.1" if local == "0.0.0.0" else local, server.port, server.key)
        where = (host, server.port)
    elif args.peer:
        peer = peers.Peer(*args.peer, args.key)
        where = args.peer
    else:
        return None, None
    stack.callback(peer.end)
    return peer, (peers.address(where[0]), where[1])


def _write(out, run):
    import quectel

    (out / "report.md").write_text(report.markdown(run, talk.now(), quectel.__version__))
    for name, text in run.files():
        (out / name).write_text(text)
