"""The command line: `python3 -m tools.vmodule --dialect KEY (--tcp HOST:PORT | --pty) …`."""

import argparse
import os
import signal
import socket
import sys
import time

from . import canned, create, dialects, faults
from .bridge import Bridge
from .control import Control
from .front import PtyUart, TcpUart
from .hosts import Hosts
from .loop import READ, Loop

EPILOG = "--fault takes one of these, and may be given several times:\n" + faults.help_text()


def _program():
    """What started this: the installed command, or Python with the package."""
    name = os.path.basename(sys.argv[0])
    return "python3 -m " + __package__ if name in ("__main__.py", "-m") else name


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog=_program(),
        description="Plays a Quectel module on a UART, bridged to this machine's sockets.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=EPILOG,
    )
    add = parser.add_argument
    add("--dialect", metavar="KEY", required=True, choices=sorted(dialects.KEYS),
        help="one of " + " ".join(dialects.KEYS))  # fmt: skip
    add("--model", metavar="NAME", help="one of the modules that speak the dialect")
    line = parser.add_mutually_exclusive_group(required=True)
    line.add_argument("--tcp", metavar="HOST:PORT", help="the UART is a TCP port; 0: a free one")
    line.add_argument("--pty", action="store_true", help="the UART is a pseudo-terminal")
    add("--symlink", metavar="PATH",
        help="of --pty: a name of the terminal that stays the same; gone at the end")  # fmt: skip
    add("--answers", metavar="FILE",
        help="answers to commands that it does not know; `help` tells the form")  # fmt: skip
    add("--host", metavar="NAME=ADDR[:PORT]", action="append", default=[],
        help="where a name or address leads; no other name resolves")  # fmt: skip
    add("--baud", type=int, metavar="N", help="pace both directions as 8N1 at N baud")
    add("--rxbuf", type=int, metavar="BYTES",
        help="of --tcp: the host's UART holds so many bytes, and loses more")  # fmt: skip
    add("--control", metavar="HOST:PORT",
        help="a port for PWRKEY, RESET, DTR, the host's baud rate")  # fmt: skip
    add("--latency", type=float, default=0.0, metavar="MS", help="delay each answer")
    add("--rtt", type=float, default=0.0, metavar="MS", help="the way to the peer and back")
    add("--seed", type=int, default=0, metavar="N", help="of what faults pick at random")
    add("--fault", metavar="SPEC", action="append", default=[], help="see below")
    add("--log", metavar="FILE", help="what passed over the UART, a line for each piece")
    add("--allow-network", action="store_true", help="reach beyond this machine")
    args = parser.parse_args(argv)
    if args.baud is not None and args.baud < 1:
        parser.error("--baud is at least 1")
    if args.rxbuf is not None and (args.pty or args.rxbuf < 1):
        parser.error("--rxbuf is for --tcp, and at least 1")
    if args.symlink and not args.pty:
        parser.error("--symlink is for --pty")
    return parser, args


def opened_log(path, clock):
    """A function that writes a line for each piece, or None without a path."""
    if not path:
        return None
    file = open(path, "w", encoding="ascii", buffering=1)
    start = clock.now()

    def log(direction, data):
        file.write("{:10.6f} {} {!r}\n".format(clock.now() - start, direction, data))

    return log


def build(args):
    """The loop, the UART with its module on it, and the Control or None. ValueError for what
    cannot be."""
    loop = Loop()
    hosts = Hosts(args.host, args.allow_network)
    log = opened_log(args.log, loop.clock)
    module = create(args.dialect, Bridge(loop, hosts), loop.clock, args.fault,
                    model=args.model, latency=args.latency / 1000, rtt=args.rtt / 1000,
                    seed=args.seed)  # fmt: skip
    module.utc = int(time.time())
    if args.answers:
        with open(args.answers, encoding="latin-1") as file:
            module.answers = canned.Answers(file.read(), args.answers)
        module.answers.refuse_known(module)
    if args.pty:
        uart = PtyUart(loop, args.baud, log, args.symlink)
    else:
        uart = TcpUart(loop, *_place("--tcp", args.tcp), args.baud, log, args.rxbuf)
    uart.module = module
    if not args.control:
        return loop, uart, None
    return loop, uart, Control(loop, module, *_place("--control", args.control))


def _place(option, text):
    host, _, port = text.rpartition(":")
    if not port.isdigit():
        raise ValueError("{} {}: not HOST:PORT".format(option, text))
    return host.strip("[]") or "127.0.0.1", int(port)


def run(loop, uart, control=None):
    """Until SIGINT or SIGTERM. SIGUSR1: the network takes every context away. SIGUSR2: somebody
    presses PWRKEY. What a signal asks for is done between two steps, never within one."""
    asked = []

    def stop(_signal, _frame):
        loop.running = False

    def take_away(_signal, _frame):
        asked.append(uart.module.detach)

    def press(_signal, _frame):
        asked.append(uart.module.press_key)

    awake, wake = socket.socketpair()
    for end in (awake, wake):
        end.setblocking(False)
    signal.set_wakeup_fd(wake.fileno())
    loop.watch(awake, READ, lambda _events: awake.recv(64))
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGUSR1, take_away)
    signal.signal(signal.SIGUSR2, press)
    loop.running = True
    print("listening " + uart.address, flush=True)
    if control:
        print("control " + control.address, flush=True)
    while loop.running:
        while asked:
            asked.pop()()
        uart.service()
        loop.step()
    signal.set_wakeup_fd(-1)
    loop.watch(awake, 0, None)
    awake.close()
    wake.close()


def main(argv=None):
    argv = sys.argv[1:] if argv is None else argv
    for option, text in (("--fault", faults.help_text()), ("--answers", canned.__doc__)):
        if [option, "help"] in [argv[at : at + 2] for at in range(len(argv))]:
            print(text)
            return 0
    parser, args = arguments(argv)
    try:
        loop, uart, control = build(args)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    try:
        run(loop, uart, control)
    finally:
        if control:
            control.close()
        uart.close()
        loop.close()
    return 0
