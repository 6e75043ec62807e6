"""Every example conversation of the five documents, line by line through the driver's channel:
each answer reaches its command whole, each URC its owner, in the order of the document. Played
whole, cut at every position, a byte at a time, with echo, and with another socket's URC at every
boundary.

What the driver's own calls make of them is in the test of each document."""

from conversations import bc20, bc25, bc95, bg95, rm500u
from quectel import at
from quectel.services.command import Raw
from scripted import SILENT_LOOKS, connected, variants

FINALS = {"OK": at.OK, "SEND OK": at.SEND_OK, "CLOSE OK": at.CLOSE_OK, "CONNECT": at.CONNECT}


def exchanges(steps):
    """[(line or None, data after the prompt, final results, refused, answer lines), …]; None where
    the document has what this driver never does: a command before the last one was answered."""
    played = []
    for i, (kind, what) in enumerate(steps):
        if kind == "!" and what == "+QATWAKEUP":
            return None  # the driver asks then what has outlived the sleep
        if kind == ">":
            played.append([what, None, 0, False, []])
        elif kind == ">>":
            if steps[i - 1][0] != "<prompt":
                return None  # bytes of transparent mode
            played[-1][1] = what
        elif kind == "<" and played:
            if what in FINALS:
                if what == "SEND OK" and played[-1][3]:
                    return None  # of the send before the refused one
                played[-1][2] |= FINALS[what]
            elif what == "ERROR":
                played[-1][3] = True
            else:
                played[-1][4].append(what)
        elif kind == "<<" and steps[i - 1][0] == "<":
            played[-1][4].append(what)
        elif kind == "<<":
            return None  # pushed: only an open socket knows that it is data
        elif kind == "<=" or (kind == "<" and what == "CONNECT"):
            return None
    return played


def play(name, steps):
    wanted = exchanges(steps)
    if not wanted:
        return False

    def program(uart):
        nic = connected(name, uart)
        urcs = []
        nic.on_urc("+Q", urcs.append)
        seen = []
        for line, data, needs, refused, lines in wanted:
            query = Raw(line.encode(), 1000)
            query.needs = needs or at.OK
            if data is not None:
                query.give(data, 0, len(data))
            nic.module.finish(nic.run(query))
            assert query.result == (at.ERROR if refused else at.DONE), (line, query.result)
            got = [part if isinstance(part, str) else bytes(part) for part in query.lines]
            assert got == lines, (line, got, lines)
            seen.append(got)
        silent = 0
        while silent <= SILENT_LOOKS:
            silent = 0 if nic.poll() else silent + 1
        return seen, [line for line in urcs if line != '+QIURC: "recv",7']

    script = [step for step in steps if step[0] not in ("given", "peer", "wait")]
    variants(script, program)
    return True


def play_all(name, conversations):
    count = 0
    for key in sorted(conversations):
        # An exchange of the examples that the driver's own rules exclude is left out.
        count += play(name, conversations[key])
    return count


def test_bg95():
    assert play_all("BG95S5", bg95.CONVERSATIONS) > 30


def test_bc95():
    assert play_all("BC95GR", bc95.CONVERSATIONS) > 10


def test_bc20():
    assert play_all("BC20", bc20.CONVERSATIONS) > 8


def test_bc25():
    assert play_all("BC25", bc25.CONVERSATIONS) > 10


def test_rm500u():
    assert play_all("RM500U", rm500u.CONVERSATIONS) > 15
