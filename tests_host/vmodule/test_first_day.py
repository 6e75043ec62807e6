"""What the module does when it has just been wired: no power, wrong wires, SIM, network."""

import signal
import socket
import struct
import termios

import pytest
from tools.vmodule import faults
from tools.vmodule.pace import misread

from .endtoend import PATIENCE, Line, Process
from .host import Host
from .nb import NbHost

DIALECTS = ("bg95", "rm500u", "bc95", "bc92", "bc20", "bc25")
TCP = ("--tcp", "127.0.0.1:0")
every_dialect = pytest.mark.parametrize("dialect", DIALECTS)
narrow = pytest.mark.parametrize("dialect", DIALECTS[2:])


def made(dialect, *specs, **options):
    kind = Host if dialect in DIALECTS[:2] else NbHost
    host = kind(faults=specs, dialect=dialect, raw=True, **options)
    host.module.take()
    host.ask("ATE0")
    return host


# --- power ---------------------------------------------------------------------------------


@every_dialect
def test_off_until_pwrkey_is_pressed_long_enough(dialect):
    host = made(dialect, "off")
    module = host.module
    assert host.ask("AT") == []
    module.host_reset()
    assert host.ask("AT") == []
    for held, on in ((0.4, False), (0.5, True)):
        module.set_pwrkey(True)
        module.set_pwrkey(True)  # held, not pressed anew
        host.clock.advance(held)
        module.set_pwrkey(False)
        host.clock.advance(1)
        assert (host.lines()[:1] == ["RDY"]) == on
    host.ask("ATE0")
    assert host.ask("AT") == ["OK"]


def test_a_press_switches_off_what_is_on():
    host = made("bg95")
    host.module.press_key()
    host.clock.advance(1)
    assert host.lines() == ["POWERED DOWN"]
    assert host.ask("AT") == []
    host.module.press_key()
    host.clock.advance(1)
    assert host.lines() == ["RDY", "APP RDY"]


def test_key_let_go_that_was_never_pressed():
    host = made("bg95")
    host.module.set_pwrkey(False)
    host.clock.advance(1)
    assert host.ask("AT") == ["OK"]


def test_how_long_the_key_is_pressed():
    host = made("bg95", "off:2")
    host.module.set_pwrkey(True)
    host.clock.advance(1)
    host.module.set_pwrkey(False)
    host.clock.advance(1)
    assert not host.module.powered
    host.module.press_key()
    host.clock.advance(3)
    assert host.module.powered


def test_reset_pin():
    host = made("bg95")
    host.module.set_reset(True)
    assert host.ask("AT") == []
    host.module.set_reset(True)
    host.module.set_reset(False)
    host.clock.advance(1)
    assert host.lines() == ["RDY", "APP RDY"]
    host.module.power_off()
    host.module.set_reset(True)
    host.module.set_reset(False)
    host.clock.advance(1)
    assert not host.module.powered and host.lines() == []


# --- the line ------------------------------------------------------------------------------


def level(data, rate, at):
    """The level at the time `at` of a line that sends `data` at `rate` from 0 on."""
    bit = int(at * rate)
    byte, place = divmod(bit, 10)
    if byte >= len(data) or place == 9:
        return 1
    return 0 if place == 0 else data[byte] >> (place - 1) & 1


def test_equal_rates_and_nearly_equal_ones_change_nothing():
    data = bytes(range(256))
    assert misread(data, 9600, 9600) == data
    assert misread(data, 115200, 112000) == data
    assert misread(data, 112000, 115200) == data
    assert misread(b"", 9600, 115200) == b""


@pytest.mark.parametrize("sender, receiver", [(9600, 19200), (115200, 57600), (9600, 115200)])
@pytest.mark.parametrize("byte", [0x00, 0x41, 0x55, 0xAA, 0x7F, 0xFF])
def test_one_byte_at_a_wrong_rate(sender, receiver, byte):
    """The first byte read: its bits are what the level is in the middle of each."""
    data = bytes([byte])
    middle = 0.5 / receiver
    read = misread(data, sender, receiver)
    if level(data, sender, middle):
        assert receiver < sender  # a start bit too short to be one
        return
    bits = [level(data, sender, middle + (1 + bit) / receiver) for bit in range(8)]
    assert read[0] == sum(bit << place for place, bit in enumerate(bits))


def test_twice_the_rate_reads_each_bit_twice():
    # 0x55 is high and low in turn: at twice the rate each of its bits is read twice
    assert misread(b"\x55", 9600, 19200)[0] == 0b01100110


@every_dialect
@pytest.mark.parametrize("rate", [9600, 57600, 230400])
def test_wrong_rate_is_garbage_both_ways(dialect, rate):
    host = made(dialect, "baud:{}".format(rate))
    host.type("AT")
    assert b"OK" not in host.module.take()
    host.module.host_baud = rate
    host.type("")  # ends what was misread
    host.module.take()
    host.ask("ATE0")
    assert host.ask("AT") == ["OK"]
    host.module.reboot()
    host.module.host_baud = 115200
    host.clock.advance(1)
    said = host.module.take()
    assert said and b"RDY" not in said


def test_rate_is_changed_behind_the_answer():
    host = made("bg95", "baud:115200")
    assert host.ask("AT+IPR?") == ["+IPR: 115200", "OK"]
    assert host.ask("AT+IPR=921600") == ["OK"]
    host.type("AT")
    assert b"OK" not in host.module.take()
    host.module.host_baud = 921600
    host.type("")
    host.module.take()
    assert host.ask("AT+IPR?") == ["+IPR: 921600", "OK"]


def test_rate_means_nothing_without_the_fault():
    host = made("bg95")
    assert host.ask("AT+IPR=9600") == ["OK"]
    assert host.ask("AT") == ["OK"]
    assert host.ask("AT+IPR=fast") == ["ERROR"]


@every_dialect
def test_loopback(dialect):
    host = made(dialect, "loopback")
    host.type("AT+CSQ")
    assert host.module.take() == b"AT+CSQ\r"
    host.module.reboot()
    host.clock.advance(1)
    assert host.module.take() == b""


@every_dialect
def test_deaf(dialect):
    host = made(dialect, "deaf")
    assert host.ask("AT") == []
    host.module.reboot()
    host.clock.advance(1)
    assert host.lines()[:1] == ["RDY"]


# --- the SIM -------------------------------------------------------------------------------


@every_dialect
def test_blocked_sim(dialect):
    host = made(dialect, "sim-puk:87654321")
    assert host.ask("AT+CPIN?") == ["+CPIN: SIM PUK", "OK"]
    assert host.ask("AT+CIMI") == ["+CME ERROR: 12"]
    assert host.ask('AT+CPIN="12345678","4321"') == ["+CME ERROR: 16"]
    assert host.ask("AT+CEREG?") == ["+CEREG: 0,0", "OK"]
    host.module.reboot()
    host.clock.advance(1)
    host.module.take()
    host.ask("ATE0")
    assert host.ask('AT+CPIN="87654321","4321"')[-2:] == ["OK", "+CPIN: READY"]
    assert host.ask("AT+CPIN?") == ["+CPIN: READY", "OK"]


@every_dialect
def test_three_wrong_pins_block_the_sim(dialect):
    host = made(dialect, "sim-pin:1234")
    assert host.ask("AT+CIMI") == ["+CME ERROR: 11"]
    for _ in range(3):
        assert host.ask("AT+CPIN?") == ["+CPIN: SIM PIN", "OK"]
        assert host.ask('AT+CPIN="4711"') == ["+CME ERROR: 16"]
    assert host.ask("AT+CPIN?") == ["+CPIN: SIM PUK", "OK"]
    assert host.ask('AT+CPIN="1234"') == ["+CME ERROR: 16"]


@every_dialect
def test_no_sim_by_number_and_by_name(dialect):
    host = made(dialect, "no-sim")
    assert host.ask("AT+CPIN?") == ["+CME ERROR: 10"]
    host.ask("AT+CMEE=2")
    assert host.ask("AT+CPIN?") == ["+CME ERROR: SIM not inserted"]


# --- the network ---------------------------------------------------------------------------


@every_dialect
def test_denied(dialect):
    host = made(dialect, "denied:600")
    for name in ("CREG", "CGREG", "CEREG"):
        assert host.ask("AT+{}?".format(name)) == ["+{}: 0,3".format(name), "OK"]
    assert host.ask("AT+CSQ") == ["+CSQ: 24,0", "OK"]  # its cell is heard
    assert host.ask("AT+CESQ")[0] != "+CESQ: 99,99,255,255,255,255"
    assert host.ask("AT+COPS?") == ["+COPS: 0", "OK"]
    assert host.ask("AT+CGATT?") == ["+CGATT: 0", "OK"]
    host.ask("AT+CEREG=1")
    host.clock.advance(601)
    assert "+CEREG: 1" in host.lines()
    assert host.ask("AT+CEREG?") == ["+CEREG: 1,1", "OK"]


@every_dialect
def test_searching_for_ten_minutes(dialect):
    host = made(dialect, "no-coverage:600")
    host.clock.advance(599)
    assert host.ask("AT+CEREG?") == ["+CEREG: 0,2", "OK"]
    assert host.ask("AT+CSQ") == ["+CSQ: 99,99", "OK"]
    host.clock.advance(2)
    assert host.ask("AT+CEREG?") == ["+CEREG: 0,1", "OK"]
    assert host.ask("AT+CSQ") == ["+CSQ: 24,0", "OK"]


def test_wrong_apn_bg95():
    host = made("bg95", "apn:right")
    host.ask('AT+QICSGP=1,1,"wrong"')
    host.refused("AT+QIACT=1", 561)
    host.ask('AT+QICSGP=1,1,"right"')
    assert host.ask("AT+QIACT=1") == ["OK"]
    host.ask("AT+QIDEACT=1")
    host.ask('AT+QICSGP=1,1,""')
    assert host.ask("AT+QIACT=1") == ["OK"]  # the subscription's own


def test_wrong_apn_bg95_asynchronous():
    host = made("bg95", "apn:right")
    host.ask('AT+QICFG="asyncmode",1')
    host.ask('AT+QICSGP=1,1,"wrong"')
    assert host.ask("AT+QIACT=1") == ["OK"]
    host.clock.advance(60)
    assert host.ask("AT+QIACT?") == ["OK"]


def test_wrong_apn_rm500u():
    host = made("rm500u", "apn:right")
    host.ask('AT+QICSGP=1,1,"wrong"')
    assert host.ask("AT+QIACT=1") == ["+CME ERROR: 561"]
    assert host.ask("AT+QIACTEX=1") == ["OK"]
    host.clock.advance(1)
    assert host.lines() == ["+QIACTEX: 1,561"]
    host.ask('AT+QICSGP=1,1,"right"')
    assert host.ask("AT+QIACT=1") == ["OK"]


@narrow
def test_wrong_apn_narrow_band(dialect):
    host = made(dialect, "apn:right")
    host.ask('AT+CGDCONT=1,"IP","wrong"')
    assert [line for line in host.ask("AT+CGPADDR") if "." in line]  # attached with none
    host.ask("AT+CFUN=0")
    host.ask("AT+CFUN=1")
    assert host.ask("AT+CEREG?") == ["+CEREG: 0,1", "OK"]
    assert host.ask("AT+CGATT?") == ["+CGATT: 1", "OK"]
    assert not [line for line in host.ask("AT+CGPADDR") if "." in line]
    said = host.ask('AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0,0,0')
    assert said == ["OK", "+QIOPEN: 0,561"]
    assert host.ask('AT+QIDNSGIP=1,"example.com"')[-1] != "OK"
    if dialect != "bc20":
        host.ask('AT+CGDCONT=2,"IP","wrong"')
        assert host.ask("AT+CGACT=1,2") == ["ERROR"]
    host.ask('AT+CGDCONT=1,"IP","right"')
    assert not [line for line in host.ask("AT+CGPADDR") if "100.127.243.105" in line]
    host.ask("AT+CGATT=0")
    host.ask("AT+CGATT=1")
    assert [line for line in host.ask("AT+CGPADDR") if "100.127.243.105" in line]
    host.module.reboot()
    host.clock.advance(1)
    host.module.take()
    host.ask("ATE0")
    assert [line for line in host.ask("AT+CGPADDR") if "100.127.243.105" in line]


def test_urcs_on_usb_only_where_there_is_usb():
    host = made("bc25", "urcs-on-usb")
    assert host.ask('AT+QURCCFG="urcport"') == ["ERROR"]
    host.ask("AT+CEREG=1")
    host.module.set_coverage(False)
    assert host.lines() == ["+CEREG: 2"]
    host = made("rm500u", "urcs-on-usb")
    assert host.ask('AT+QURCCFG="urcport"') == ['+QURCCFG: "urcport","usbat"', "OK"]
    host.ask("AT+CEREG=1")
    host.module.set_coverage(False)
    assert host.lines() == []


def test_what_is_no_such_fault():
    for spec in ("baud", "off:1,2", "denied:1,2"):
        with pytest.raises(ValueError):
            faults.make(spec)


# --- as a process --------------------------------------------------------------------------


def control(process):
    word, address = process._process.stdout.readline().split()
    assert word == "control"
    host, _, port = address[4:].rpartition(":")
    sock = socket.create_connection((host, int(port)))
    sock.settimeout(PATIENCE)
    return sock, sock.makefile("rb")


def test_pins_over_the_control_port():
    process = Process(*TCP, "--control", "127.0.0.1:0", "--fault", "off:0")
    with process as address:
        sock, answers = control(process)
        sock_place = sock.getpeername()
        line = Line(address)
        for text in (b"pwrkey 1\n", b"pwr", b"key 0\ndtr 1\n"):
            sock.sendall(text)
        assert [answers.readline() for _ in range(3)] == [b"ok\n"] * 3
        line.until(rb"\r\nAPP RDY\r\n")
        line.ask("AT")
        for texts in (b"reset 1\nreset 0\n", b"supply 0\nsupply 1\npwrkey 1\npwrkey 0\n"):
            sock.sendall(texts)
            for _ in texts.splitlines():
                assert answers.readline() == b"ok\n"
            line.until(rb"\r\nAPP RDY\r\n")
        sock.sendall(b"coverage 0\n")
        assert answers.readline() == b"ok\n"
        line.ask("AT+CEREG?", rb"\r\n\+CEREG: 0,2\r\n")
        for wrong in (b"pwrkey 2\n", b"pwrkey\n", b"baud 0\n", b"power 1\n", b"\n", b"dtr -1\n"):
            sock.sendall(wrong)
            assert answers.readline() == b"error\n"
        answers.close()
        sock.close()
        hasty = socket.create_connection(sock_place)
        hasty.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        hasty.sendall(b"dtr 1\n" * 100)
        hasty.close()
        line.ask("AT")
        line.close()


def test_pwrkey_by_a_signal():
    process = Process(*TCP, "--fault", "off:0")
    with process as address:
        line = Line(address)
        process.signal(signal.SIGUSR2)
        line.until(rb"\r\nAPP RDY\r\n")
        line.close()


def test_rate_of_the_host_over_the_control_port():
    process = Process(*TCP, "--control", "127.0.0.1:0", "--fault", "baud:9600")
    with process as address:
        sock, answers = control(process)
        line = Line(address)
        sock.sendall(b"baud 9600\n")
        assert answers.readline() == b"ok\n"
        line.ask("AT")
        line.close()
        answers.close()
        sock.close()


def test_terminal_has_the_rate_that_its_host_sets():
    with Process("--pty", "--fault", "baud:57600") as address:
        line = Line(address)
        attributes = termios.tcgetattr(line._fd)
        attributes[4] = attributes[5] = termios.B57600
        termios.tcsetattr(line._fd, termios.TCSANOW, attributes)
        line.ask("AT")
        attributes[4] = attributes[5] = termios.B9600
        termios.tcsetattr(line._fd, termios.TCSANOW, attributes)
        line.send(b"AT\rAT\rAT\r")
        while not line.buffer:  # garbage: its echo
            line._more()
        assert b"OK" not in line.buffer and b"AT" not in line.buffer
        line.close()


def test_whoever_reads_in_time_loses_nothing():
    with Process(*TCP, "--rxbuf", "40") as address:
        line = Line(address)
        line.ask("ATE0")
        for _ in range(50):
            line.ask("AT")
        line.close()
