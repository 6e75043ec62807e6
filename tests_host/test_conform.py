"""tools/conform on the virtual module: a healthy one is as its document says; of one that is not,
exactly that is told; a captured deviation is played by the driver's tests. On CPython."""

import os
import re
import socket
import subprocess
import sys

import interpreters
import pytest
from end_to_end import module
from end_to_end_peers import time_server, udp
from tools.conforming import capture, documents, forms, masks, peer
from tools.conforming.talk import Line
from tools.pico import emulated, found, image

_LIMIT = 600  # s: ends only what hangs
_NOON = 1_783_080_000  # 2026-07-03 12:00:00 UTC
DIALECTS = ("bc95", "bc92", "bc20", "bg95", "bc25", "rm500u")


def conform(*words, path=""):
    """The CompletedProcess of `tools/conform WORDS`; `path`: one more to import from."""
    return subprocess.run(
        [sys.executable, str(interpreters.TOP / "tools" / "conform"), *words],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=_LIMIT,
        env=dict(os.environ, PYTHONPATH=str(path)),
    )


def on(dialect, folder, *words, faults=()):
    """tools/conform on a virtual module; returns (exit code, what it printed, the report)."""
    options = [word for fault in faults for word in ("--fault", fault)]
    options += ["--host", "far.example=127.0.0.1"]
    world = "--here 127.0.0.1:0 --incoming 127.0.0.1 --host far.example --ntp time.example".split()
    if dialect == "rm500u" and "--apn" not in words:
        world += ["--apn", "internet"]  # it has none of its own
    with udp(time_server(_NOON)) as server:
        options += ["--host", "time.example=127.0.0.1:%d" % server.port]
        with module("cpython", *options, dialect=dialect) as virtual:
            done = conform(virtual.modem, "--yes", "--out", str(folder), *world, *words)
    assert done.stderr == "", done.stdout + done.stderr
    return done.returncode, done.stdout, (folder / "report.md").read_text()


def deviations(report):
    """(where, what, documented, came) of each row of the report."""
    rows = report.partition("## Deviations")[2].partition("\n## ")[0].splitlines()
    return [
        tuple(cell.strip(" `") for cell in row[2:-2].split(" | "))
        for row in rows
        if row.startswith("| ") and not row.startswith("| where")
    ]


# ---- healthy ----


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_healthy_module_is_as_documented(dialect, tmp_path):
    # 3.10 waits for the network to release the radio, as the example does.
    code, printed, report = on(dialect, tmp_path, "--bulk", "3000")
    assert code == 0, printed + report
    assert "None." in report and deviations(report) == []
    tried = re.findall(r"\| conversation ([\d.]+) .*as documented", report)
    skipped = [line for line in printed.splitlines() if "not tried:" in line and line[0].isdigit()]
    assert all("IPv6" in line for line in skipped), skipped
    assert len(tried) >= {"bg95": 11, "rm500u": 9, "bc92": 8}.get(dialect, 5)


def test_without_a_peer_only_what_needs_none_is_tried(tmp_path):
    with module("cpython", dialect="bc20") as virtual:
        done = conform(virtual.modem, "--yes", "--out", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    report = (tmp_path / "report.md").read_text()
    assert "conversation 4.1: needs a peer: --peer" in report
    assert "| conversation 4.5 | error code | as documented |" in report
    assert "scenario udp: needs a peer: --peer" in report


def test_settings_are_set_again(tmp_path):
    with module("cpython", dialect="bg95") as virtual:
        first = socket.create_connection(address(virtual.modem))
        ask(first, "AT")  # its echo is on
        for line in ('AT+QICFG="viewmode",1', 'AT+QICFG="recvind",1', "AT+QISDE=1"):
            assert "OK" in ask(first, line)
        first.close()
        done = conform(virtual.modem, "--yes", "--out", str(tmp_path), "--only", "3.13")
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        last = socket.create_connection(address(virtual.modem))
        said = [
            ask(last, line)
            for line in ('AT+QICFG="viewmode"', 'AT+QICFG="recvind"', "AT+QISDE?", "AT+QIACT?")
        ]
        last.close()
    assert said[0].startswith('AT+QICFG="viewmode"\r')  # the echo is back
    assert '"viewmode",1' in said[0] and '"recvind",1' in said[1] and "+QISDE: 1" in said[2]
    assert "+QIACT" not in said[3].replace("AT+QIACT", "")  # the context was not active
    report = (tmp_path / "report.md").read_text()
    assert '- QICFG="viewmode" is as it was' in report


def address(modem):
    """Where the line of a virtual module is."""
    host, _, port = modem.removeprefix("tcp:").rpartition(":")
    return host, int(port)


def ask(line, text):
    """What a module answers, up to its OK or ERROR."""
    line.sendall(text.encode() + b"\r")
    got = b""
    while b"OK\r\n" not in got and b"ERROR\r\n" not in got:
        got += line.recv(1000)
    return got.decode()


# ---- deviations, and nothing else ----


def printed(dialect, names):
    """The lines that these sections print, with their own addresses."""
    steps = __import__("conversations." + dialect, fromlist=["x"]).CONVERSATIONS
    return [
        what
        for key in sorted(steps)
        for kind, what in steps[key]
        if kind in "<!" and key.startswith(names)
    ]


def test_spaces(tmp_path):
    code, _, report = on("bg95", tmp_path, "--only", "3.2", "--only", "3.13", faults=["no-space"])
    found = deviations(report)
    assert code == 1 and {row[1] for row in found} == {"spaces otherwise"}
    wanted = [text for text in printed("bg95", ("3.2.", "3.13.")) if ": " in text]
    assert len(found) == len(wanted)
    assert ("3.2.3 tcp client read", "spaces otherwise", "+QIRD: 5,5,0", "+QIRD:5,5,0") in found


def test_line_ends(tmp_path):
    code, _, report = on("bc95", tmp_path, "--only", "4.1", "--only", "4.6", faults=["bare-lines"])
    found = deviations(report)
    assert code == 1 and {row[1] for row in found} == {"CRLF otherwise"}
    assert ("4.6.1 error code", "CRLF otherwise", "\\r\\nERROR\\r\\n", "ERROR\\r\\n") in found


def test_another_text(tmp_path):
    code, out, report = on("bc25", tmp_path, "--only", "conversations", faults=["capital-texts"])
    assert code == 1
    assert deviations(report) == [
        (
            "4.8.1 error code",
            "capital or small letters otherwise",
            "+QIGETERROR: 552, invalid parameters",
            "+QIGETERROR: 552, INVALID PARAMETERS",
        )
    ]
    assert "1 with deviations" in out


def test_a_urc_in_another_form(tmp_path):
    words = "--only request --only 3.2 --only 3.5".split()
    code, _, report = on("rm500u", tmp_path, *words, faults=["urc-field"])
    assert code == 1
    assert [row[2:] for row in deviations(report)] == [
        ('+QIURC: "closed",<connectID>', '+QIURC: "closed",0,0'),
        ('+QIURC: "recv",0', '+QIURC: "recv",0,0'),
        ('+QIURC: "recv",11', '+QIURC: "recv",11,0'),
    ]


def test_a_state_and_a_model(tmp_path):
    code, _, report = on(
        "bg95",
        tmp_path,
        "--only",
        "3.2",
        "--only",
        "scenarios",
        "--bulk",
        "100",
        faults=["state-three", "vendor-in-model", "serial-number"],
    )
    assert code == 1
    (row,) = deviations(report)  # the driver lives with all of them
    assert row[0] == "3.2.1 tcp client open" and ",3,1,0,0," in row[3]


def test_a_failed_send_ends_its_section(tmp_path):
    code, _, report = on(
        "bg95", tmp_path, "--only", "3.2", "--only", "3.13", faults=["sendfail:1"]
    )
    assert code == 1
    assert deviations(report) == [
        ("3.2.2 tcp client send", "another text", "SEND OK", "SEND FAIL")
    ]
    assert "SEND FAIL in place of SEND OK; from there on not tried" in report
    assert "| conversation 3.13 | error code | as documented |" in report


def test_what_does_not_come_is_told(tmp_path):
    code, _, report = on(
        "bc20", tmp_path, "--only", "4.1", "--longest", "20", faults=["lose-line:1,QIOPEN"]
    )
    assert code == 1
    (row,) = deviations(report)
    assert row[:3] == ("4.1.1 tcp client open", "nothing came", "+QIOPEN: 0,0")


# ---- the capture ----


def with_field(program, *words):
    """Run a line of Python that uses support/field.py, as the driver's tests do."""
    path = [interpreters.LIB, interpreters.SHIM, interpreters.SUPPORT, interpreters.HERE]
    return subprocess.run(
        [sys.executable, "-c", "import field, sys; " + program, *words],
        check=False,
        capture_output=True,
        text=True,
        timeout=_LIMIT,
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(map(str, path))),
    )


def play(file):
    """Play a captured file."""
    name = os.path.relpath(file, interpreters.HERE / "field")[: -len(".txt")]
    return with_field("field.play(sys.argv[1])", name)


def test_every_byte_can_be_written_down():
    program = "assert field.unescaped(sys.argv[1]) == bytes(range(256))"
    done = with_field(program, capture.escaped(bytes(range(256))))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("dialect", ["bg95", "bc25", "bc20", "rm500u"])
def test_a_capture_is_played_by_the_drivers_tests(dialect, tmp_path):
    on(
        dialect,
        tmp_path,
        "--only",
        "scenarios",
        "--bulk",
        "300",
        "--apn",
        "secret.apn",
        faults=["no-space", "capital-texts"],
    )
    files = [file for file in sorted(tmp_path.glob("*.txt")) if "# play:" in file.read_text()]
    assert len(files) == 8
    for file in files:
        done = play(file)
        assert done.returncode == 0, file.read_text() + done.stderr
    file = next(file for file in files if "request" in file.name)
    file.write_text(re.sub("# want: .*", "# want: nothing", file.read_text()))
    assert "AssertionError" in play(file).stderr


def test_nothing_secret_is_written(tmp_path):
    _, out, _ = on(
        "bg95",
        tmp_path,
        "--only",
        "scenarios",
        "--only",
        "2.3",
        "--bulk",
        "10",
        "--apn",
        "secret.apn",
        "--user",
        "secret-user",
        "--password",
        "secret-key",
    )
    identities = []
    with module("cpython", dialect="bg95") as virtual:
        line = socket.create_connection(address(virtual.modem))
        for text in ("AT+CGSN", "AT+CIMI", "AT+QCCID"):
            identities += re.findall(r"\d{14,}", ask(line, text))
        line.close()
    assert len(identities) == 3
    assert "secret-" not in out
    written = "".join(file.read_text() for file in tmp_path.iterdir())
    for secret in [*identities, "secret"]:
        assert secret not in written, secret
    assert masks.IMEI in written and '"%s","%s"' % (masks.USER, masks.PASSWORD) in written


def test_secrets_that_the_user_did_not_give():
    known = masks.Masks()
    pieces = [
        (0, capture.SENT, b"AT+CNUM\r", 0),
        (1, capture.CAME, b'\r\n+CNUM: ,"+491701234567",145\r\n\r\nOK\r\n', 1),
        (2, capture.SENT, b"AT+QICSGP=1\r", 2),
        (3, capture.CAME, b'\r\n+QICSGP: 1,"m2m.corp","joe","pw",2\r\n\r\nOK\r\n', 3),
        (4, capture.SENT, b"AT+CEREG?\r", 4),
        (5, capture.CAME, b'\r\n+CEREG: 2,1,"1A2D","01C3B002",7\r\n\r\nOK\r\n', 5),
        (6, capture.SENT, b"AT+CGPADDR\r", 6),
        (
            7,
            capture.CAME,
            b"\r\n+CGPADDR: 1,100.71.2.9\r\n\r\nOK\r\n\r\n+X: 868000000000001\r\n",
            7,
        ),
    ]
    capture.learn(known, pieces)
    text = capture.behaviour("x", pieces, known)
    for secret in (
        "491701234567",
        "m2m.corp",
        "joe",
        '"pw"',
        "1A2D",
        "01C3B002",
        "100.71.2.9",
        "868000000000001",
        "203.0.113.77",
    ):
        assert secret not in text, text
    assert '+QICSGP: 1,"internet","user","password",2' in text
    assert "+CGPADDR: 1,%s" % masks.OWN in text


def test_an_own_address_that_looks_masked_is_no_peer():
    known = masks.Masks()
    known.learn("AT+QIACT?", '+QIACT: 1,1,1,"%s"' % masks.OWN)
    line = '+QISTATE: 1,"TCP LISTENER","%s",0,2020,3,1,1,0,"uart1"' % masks.OWN
    known.learn("AT+QISTATE?", line)
    assert known.text(line) == line


def test_the_steps_of_a_send():
    pieces = [
        (0, capture.SENT, b"AT+QISEND=0,4\r", 0),
        (0.1, capture.CAME, b"\r\n> ", 0.1),
        (0.11, capture.SENT, b"a\rb\xff", 0.11),
        (0.5, capture.CAME, b"\r\nSEND OK\r\n", 0.5),
        (0.51, capture.SENT, b"AT\r", 0.51),
    ]
    text = capture.behaviour("a send.", pieces, masks.Masks())
    assert text.splitlines() == [
        "# a send.",
        "> AT+QISEND=0,4",
        "~ 100",
        "< \\r\\n> ",
        ">> a\\rb\\xff",
        "~ 390",
        "< \\r\\nSEND OK\\r\\n",
        "> AT",
    ]


def test_the_steps_of_transparent_mode():
    pieces = [
        (0, capture.SENT, b"ATO\r", 0),
        (0.01, capture.CAME, b"\r\nCONNECT\r\n", 0.01),
        (0.02, capture.SENT, b"AT\rno command", 0.02),
        (1.2, capture.SENT, b"+++", 1.2),
        (2.2, capture.CAME, b"\r\nOK\r\n", 2.2),
        (2.21, capture.SENT, b"AT\r", 2.21),
    ]
    kinds = [step for step in capture.steps(pieces) if step[0] in (">", ">>")]
    assert kinds == [(">", "ATO"), (">>", b"AT\rno command"), (">>", b"+++"), (">", "AT")]


# ---- parts ----


@pytest.mark.parametrize(
    ("text", "seen", "sort"),
    [
        ("OK", "OK", None),
        ("+QIRD: 5", "+QIRD: 4", "text"),
        ("+QIRD: 5", "+QIRD:5", "spaces"),
        ('+QPING: 0,"192.0.2.2",32,192,255', '+QPING: 0,"10.0.0.9",32,7,64', None),
        ('+QPING: 0,"192.0.2.2",32,192,255', "+QPING: 0,10.0.0.9,32,7,64", "quotes"),
        ("+QPING: 0,4,4,0,192,479,287", "+QPING: 0,4,3,1,20,30,25", None),
        ("+QPING: 2,4,4,0,192,479,287", "+QPING: 0,4,4,0,192,479,287", "text"),
        ('+QNTP: 0,"18/04/20,11:08:20+32"', '+QNTP: 0,"26/01/31,01:02:03-20"', None),
        ('+QNTP: 0,"18/04/20,11:08:20+32"', '+QNTP: 0,"2026/01/31,01:02:03-20"', "text"),
        ("+QIGETERROR: 552,invalid parameters", "+QIGETERROR: 552, invalid parameters", None),
        ("+QIGETERROR: 552,invalid parameters", "+QIGETERROR: 552,invalid parameter", "text"),
        ('+QIACT: 1,1,1,"10.7.157.1"', '+QIACT: 1,1,3,"10.1.2.3","2001:db8::1"', None),
        (
            '+QISTATE: 0,"TCP","192.0.2.2",8009,65514,2,1,0,0,"usbmodem"',
            '+QISTATE: 0,"TCP","192.0.2.2",8009,4711,2,1,0,0,"uart1"',
            None,
        ),
        (
            '+QISTATE: 0,"TCP","192.0.2.2",8009,65514,2,1,0,0,"usbmodem"',
            '+QISTATE: 0,"TCP","192.0.2.3",8009,4711,2,1,0,0,"uart1"',
            "text",
        ),
        (
            '+QIURC: "incoming",11,1,"172.31.242.222",54091',
            '+QIURC: "incoming",2,1,"10.0.0.1",9',
            None,
        ),
    ],
)
def test_what_is_the_same(text, seen, sort):
    assert forms.difference(text, seen) == sort


@pytest.mark.parametrize(("line", "found"), [
    ('+QIURC: "recv",3', None),
    ('+QIURC: "recv",3,1460', None),
    ('+QIURC: "recv",0,"buff full"', None),
    ('+QIURC: "dnsgip",0,2,300', None),
    ('+QIURC: "dnsgip","192.0.2.7"', None),
    ("+QIURC: \"dnsgip\",192.0.2.7", None),
    ('+QIURC: "pdpdeact",1', None),
    ("+QIOPEN: 0,0", None),
    ('+QIURC:"closed",1', ('+QIURC: "closed",<connectID>', "spaces")),
    ('+QIURC: "closed",1,0', ('+QIURC: "closed",<connectID>', "text")),
])  # fmt: skip
def test_what_a_urc_may_be(line, found):
    assert forms.urc_difference(line) == found


def test_every_printed_line_has_its_own_form():
    world = documents.World(("192.0.2.9", 7000), "far.example", "time.example", "")
    world.address = "10.0.0.7"
    world.access_point = ["1", '"internet"', '""', '""', "0"]
    for model in documents.MODULES:
        for _, parts in documents.sections(model):
            for _, steps in parts:
                for kind, what in documents.fitted(steps, world)[0]:
                    if kind in "<!":
                        same = forms.difference(what, what, world.ports.values())
                        assert same is None, what


def test_a_line_in_another_frame():
    assert Line(b"\r\n", "OK", b"\r\n").framed
    assert not Line(b"", "OK", b"\r\n").framed
    assert Line(b"\r\r\n", "OK", b"\n").shown() == "\\r\\r\\nOK\\n"


def test_a_peer_wants_its_key():
    with peer.here("127.0.0.1", 0) as server:
        with pytest.raises(peer.PeerError, match="key"):
            peer.Peer("127.0.0.1", server.port, "wrong")
        far = peer.Peer("127.0.0.1", server.port, server.key)
        with pytest.raises(peer.PeerError, match="no connection"):
            far.send(b"x")
        far.end()


# ---- lines ----


def test_a_serial_port(tmp_path):
    with module("wasm", dialect="bc20") as virtual:  # on a pty
        done = conform(virtual.modem, "--yes", "--only", "4.5", "--out", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr


def test_a_port_of_pyserial(tmp_path):
    pytest.importorskip("serial")
    with module("wasm", dialect="bc20") as virtual:
        where = "spy://%s?file=%s" % (virtual.modem, tmp_path / "spied")
        done = conform(where, "--yes", "--only", "4.5", "--out", str(tmp_path / "out"))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert "QIGETERROR" in (tmp_path / "spied").read_text()


def test_pyserial_is_missing(tmp_path):
    (tmp_path / "serial.py").write_text("raise ImportError\n")
    done = conform("rfc2217://127.0.0.1:1", path=tmp_path)
    assert done.returncode == 2 and "python3 -m pip install pyserial" in done.stderr


def test_a_board_without_micropython():
    with module("cpython", dialect="bc20") as virtual:
        done = conform("board:" + virtual.modem)
    assert done.returncode == 2 and "no MicroPython answers there" in done.stderr


@pytest.mark.skipif(found.missing() is not None, reason="emulated Pico: %s" % found.missing())
def test_a_board_passes_its_uart_through(tmp_path):
    flash = tmp_path / "flash.img"
    flash.write_bytes(image.build(found.FIRMWARE.read_bytes(), {}))
    with module("cpython", dialect="bg95") as virtual:
        with emulated.board(flash, uart1=virtual.modem.partition(":")[2]) as pico:
            wrong = conform("board:" + pico.repl, "--uart", "UART(99)")
            done = conform(
                "board:" + pico.repl, "--here", "127.0.0.1:0", "--yes", "--out",
                str(tmp_path / "out"), "--bulk", "1000", *"--only request --only up --only down "
                "--only transparent --only 3.2 --only 3.4".split(),
            )  # fmt: skip
    assert wrong.returncode == 2 and "UART(99)" in wrong.stderr
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert "8 tried, 8 as documented" in done.stdout


def test_a_peer_of_its_own(tmp_path):
    words = [sys.executable, str(interpreters.TOP / "tools" / "conform"), "--serve", "127.0.0.1:0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as serving:
        try:
            where, key = re.search(r"at (\S+), key (\w+)", serving.stdout.readline()).groups()
            with module("cpython", dialect="bc20") as virtual:
                done = conform(virtual.modem, "--yes", "--out", str(tmp_path), "--only", "udp",
                               "--only", "4.2", "--peer", where, "--key", key)  # fmt: skip
                wrong = conform(virtual.modem, "--yes", "--out", str(tmp_path / "none"),
                                "--peer", where, "--key", "wrong")  # fmt: skip
        finally:
            serving.terminate()
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert "4 tried, 4 as documented" in done.stdout
    assert wrong.returncode == 2 and "a wrong --key?" in wrong.stderr


# ---- trouble ----


def test_a_peer_that_goes_away(tmp_path):
    with module("cpython", dialect="bc20") as virtual, peer.here("127.0.0.1", 0) as server:
        whole = server._ask

        def ask(line):
            return {"error": "out of order"} if b"count" in line else whole(line)

        server._ask = ask
        done = conform(virtual.modem, "--yes", "--out", str(tmp_path), "--only", "request",
                       "--key", server.key, "--peer", "127.0.0.1:%d" % server.port)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert "from there on: the peer: out of order" in (tmp_path / "report.md").read_text()


def test_a_module_that_falls_silent(tmp_path):
    # 36 commands: in the first section of the document.
    code, printed, report = on("bg95", tmp_path, "--only", "2.3", "--only", "3.13", "--longest",
                               "5", faults=["silence:36"])  # fmt: skip
    assert code == 1, printed
    assert "does not answer AT" in deviations(report)[-1][3]
    assert "conversation 3.13: the module does not answer any more" in report
    assert "nothing could be set again: the module does not answer AT" in report


# ---- arguments ----


def test_what_will_happen_is_told_first(tmp_path):
    with module("cpython", dialect="bg95") as virtual:
        done = conform(virtual.modem, "--out", str(tmp_path / "none"))
    assert done.returncode == 2 and "add --yes" in done.stderr
    assert "KB of the SIM's data" in done.stdout and "set again as found" in done.stdout
    assert "never sends PIN" in done.stdout
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "either LINE or --serve"),
        (["tcp:127.0.0.1:1", "--peer", "nowhere"], "not HOST:PORT"),
        (["tcp:nowhere"], "HOST:PORT"),
        (["/dev/no-such-port"], "Is it plugged in"),
        (["tcp:127.0.0.1:1", "--only", "png"], "no scenario"),
        (["tcp:127.0.0.1:1", "--user", "joe"], "--apn"),
    ],
)
def test_what_cannot_be_is_refused(words, told):
    done = conform(*words)
    assert done.returncode == 2 and told in done.stderr


def test_a_module_that_does_not_answer():
    with module("cpython", "--fault", "mute", dialect="bg95") as virtual:
        done = conform(virtual.modem)
    assert done.returncode == 2 and "does not answer AT" in done.stderr
    assert "--baud" in done.stderr


def test_help():
    done = conform("--help")
    assert done.returncode == 0 and "Exit code: 0" in done.stdout
