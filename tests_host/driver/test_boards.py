# interpreters: cpython unix
"""boards/*/board.py on a `machine` that refuses what the port refuses (support/ports.py), and what
the READMEs beside them say."""

import errno

import ports
from quectel.nic import Nic
from scripted import ScriptedUART, raises
from test_modem import AT, READY

TOP = __file__.rpartition("/")[0] + "/../../boards/"
UNKNOWN = [
    ("esp32", "ESP32-P4 Dev Kit with ESP32P4", "ESP32P4"),
    ("samd", "Wio Terminal D51R with SAMD51P19A", "Wio Terminal D51R"),
]
MODEL = [(">", "AT+CGMM"), ("<", "BG95-S5"), ("<", "OK")]


def folders():
    return sorted({folder for folder, _, _ in ports.BOARDS})


def read(path):
    with open(TOP + path) as file:
        return file.read()


def rows(folder):
    """The cells of each row of the README's first table."""
    lines = [line for line in read(folder + "/README.md").split("\n\n") if line[:1] == "|"]
    table = lines[0].split("\n")
    assert table[0].startswith("| board | UART | TX | RX | PWRKEY |"), table[0]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table[2:]]


def opened(folder, machine, script=()):
    """(the Machine, the globals of its board.py)."""
    made = ports.Machine(folder, machine, ScriptedUART(list(script)))
    return made, made.execute(TOP + folder + "/board.py")


def test_pins_and_parameters_are_those_of_the_readme():
    for folder, machine, row in ports.BOARDS:
        made, board = opened(folder, machine)
        board["uart"]()
        number, baudrate, rxbuf, tx, rx = made.uarts[0]
        assert (baudrate, rxbuf) == (115200, 2048), machine
        found = [cells for cells in rows(folder) if (cells[0] + " ").startswith(row)]
        assert len(found) == 1, (row, found)
        assert found[0][1] == str(number), machine
        pwrkey = made.port.label(board["PWRKEY"])
        for cell, label in zip(found[0][2:5], (tx, rx, pwrkey)):
            assert cell.split(":")[0] == label, (machine, cell, label)
        for label in (tx, rx, pwrkey):
            drawing = read(folder + "/README.md").split("## Wiring")[1].split("## ")[0]
            # The drawing shows the first board of the table.
            assert label in drawing or found[0] != rows(folder)[0], (machine, label)


def test_every_row_of_the_readme_is_a_board_of_this_test():
    for folder in folders():
        names = [row for each, _, row in ports.BOARDS if each == folder]
        for cells in rows(folder):
            assert any([(cells[0] + " ").startswith(name) for name in names]), cells


def test_modem_gives_an_interface_over_that_uart():
    for folder, machine, _ in ports.BOARDS:
        script = AT + READY
        if folder == "pico_lte":
            script = [(kind, "BG95-M3" if what == "BG95-S5" else what) for kind, what in script]
        made, board = opened(folder, machine, script)
        lines = []
        nic = (
            board["modem"]("BG95S5", lines.append)
            if "MODULE" in board
            else board["modem"](lines.append)
        )
        key = nic.pwrkey
        assert key in made.pins and key.id == board["PWRKEY"], machine
        assert key.mode == made.Pin.OUT and key.level == 0, (
            machine
        )  # released from the first moment
        nic.active(True)
        assert made.line.done(), (machine, made.line.script)
        assert lines[0] == "> AT", lines
        assert nic.module.chunk == 1500, machine  # rxbuf was found in the UART's repr


def test_modem_asks_who_the_module_is():
    for folder, machine, _ in ports.BOARDS:
        made, board = opened(folder, machine, AT + MODEL + AT + READY)
        if "MODULE" in board:
            nic = board["modem"]()
            assert nic.dialect.MODEL == "BG95S5" and nic.active(), machine
            assert nic.pwrkey.id == board["PWRKEY"], machine
            assert made.line.done(), machine


def test_a_pico_lte_takes_no_other_module():
    folder, machine, _ = ports.BOARDS[-1]
    assert folder == "pico_lte"
    _, board = opened(folder, machine, AT + [(">", "ATE0"), ("<", "OK")] + MODEL)
    nic = board["modem"]()
    error = raises(OSError, nic.active, True)
    assert error.args[0] == errno.ENODEV and "BG95M3" in str(error)


def test_pwrkey_may_be_left_out():
    for folder, machine, _ in ports.BOARDS:
        _, board = opened(folder, machine)
        if "MODULE" in board:
            board["PWRKEY"] = None
            assert board["modem"]("BG95S5").pwrkey is None, machine


def test_other_pins_can_be_chosen():
    made, board = opened("rp2", "Raspberry Pi Pico with RP2040")
    board["modem"]("BG95S5", tx=8, rx=9)
    assert made.uarts[0][3:] == ("GP8", "GP9")
    raises(ValueError, board["uart"], tx=0, rx=1)  # of UART 0
    made, board = opened("stm32", "PYBv1.1 with STM32F405RG")
    raises(ValueError, board["uart"], number=7)


def test_a_board_without_pins_is_told_so():
    for folder, machine, name in UNKNOWN:
        made = ports.Machine(folder, ports.BOARDS[{"esp32": 3, "samd": 11}[folder]][1])
        made.implementation = ports.Implementation(machine)
        error = raises(RuntimeError, made.execute, TOP + folder + "/board.py")
        assert name in str(error) and "add" in str(error)


def test_platforms():
    for folder, machine, _ in ports.BOARDS:
        made, board = opened(folder, machine)
        assert board["PLATFORM"] == made.platform, machine
        assert board["APN"] == "internet", machine


def test_the_first_program_is_the_same_everywhere():
    for folder in folders():
        assert read(folder + "/main.py") == read("unix/main.py"), folder


def test_readmes_tell_all_that_a_wirer_must_know():
    for folder in folders():
        text = read(folder + "/README.md")
        for words in (
            "## Wiring",
            "peaks of 2 A",
            "**Power**",
            "**Levels**",
            "**PWRKEY**: the driver presses it for %d ms" % Nic.PWRKEY_MS,
            "waits up to %d s" % (Nic.BOOT_MS // 1000),
            "**Antenna**",
            "115200 baud, `rxbuf` 2048",
            "RTS/CTS",
        ):
            assert words in text.replace("\n  ", " "), (folder, words)
        assert folder == "pico_lte" or ("`repr(uart)`" in text and "`write`" in text), folder


def test_the_times_of_the_pins_are_the_drivers():
    text = read("README.md")
    for name in ("PWRKEY_MS", "BOOT_MS", "RESET_MS"):
        assert "| `%s` | %d |" % (name, getattr(Nic, name)) in text, name
