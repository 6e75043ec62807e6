"""The UART as such: echo, framing, what is no command, time, power."""

from .host import Host


def test_echo_is_on_at_power_up():
    host = Host(raw=True)
    host.module.feed(b"AT\r")
    assert host.module.take() == b"AT\r\r\nOK\r\n"
    host.module.feed(b"ATE0\r")
    assert host.module.take() == b"ATE0\r\r\nOK\r\n"
    host.module.feed(b"AT\r")
    assert host.module.take() == b"\r\nOK\r\n"
    host.module.feed(b"ATE1\r")
    assert host.module.take() == b"\r\nOK\r\n"
    host.module.feed(b"AT\r")
    assert host.module.take() == b"AT\r\r\nOK\r\n"


def test_echo_as_it_is_typed():
    host = Host(raw=True)
    said = []
    for byte in b"AT+CSQ\r":
        host.module.feed(bytes((byte,)))
        said.append(host.module.take())
    assert said[:-1] == [b"A", b"T", b"+", b"C", b"S", b"Q"]
    assert said[-1] == b"\r\r\n+CSQ: 24,0\r\n\r\nOK\r\n"


def test_lower_case_line_feeds_and_blank_lines():
    host = Host()
    host.module.feed(b"\r\n\r\nat+csq\r\n")
    assert host.lines() == ["+CSQ: 24,0", "OK"]
    host.module.feed(b"\x1a\x1b  AT\r")  # what a driver may send to get out of a prompt
    assert host.lines() == ["OK"]


def test_several_lines_at_once():
    host = Host()
    host.module.feed(b"AT\rAT+CSQ\rAT\r")
    assert host.lines() == ["OK", "+CSQ: 24,0", "OK", "OK"]


def test_a_line_that_is_too_long():
    host = Host()
    host.module.feed(b"AT" + b"x" * 100000)
    assert host.lines() == []
    host.module.feed(b"x\r")
    assert host.lines() == ["ERROR"]
    assert host.ask("AT") == ["OK"]


def test_latency():
    host = Host(latency=0.3)
    host.clock.advance(2)
    host.module.take()
    host.type("AT")
    host.clock.advance(0.29)
    assert host.module.take() == b""
    host.clock.advance(0.02)
    assert host.lines() == ["OK"]


def test_a_urc_comes_between_a_command_and_its_answer():
    host = Host()
    peer = host.open()
    host.module.latency = 0.3
    host.type("AT")
    peer.send(b"x")
    assert host.lines() == ['+QIURC: "recv",0']
    host.clock.advance(0.3)
    assert host.lines() == ["OK"]


def test_a_urc_does_not_come_into_a_half_typed_line():
    host = Host()
    peer = host.open()
    host.ask("ATE1")
    host.module.feed(b"AT+C")
    peer.send(b"x")
    assert host.module.take() == b"AT+C"
    host.module.feed(b"SQ\r")
    assert host.lines() == ["SQ\r", '+QIURC: "recv",0', "+CSQ: 24,0", "OK"]


def test_identity():
    host = Host()
    for command in ("CGMM", "GMM"):
        assert host.ask("AT+" + command) == ["BG95-S5", "OK"]
    assert host.ask("ATI")[:2] == ["Quectel", "BG95-S5"]
    assert host.ask("AT+CGMI") == ["Quectel", "OK"]
    imei = host.ask("AT+CGSN")[0]
    assert len(imei) == 15 and imei.isdigit()
    assert host.ask("AT+CPIN?") == ["+CPIN: READY", "OK"]
    assert host.ask("AT+QCCID")[0].startswith("+QCCID: 89")
    assert host.ask("AT+CEREG=2;")[0] == "ERROR"
    assert host.ask("AT+CEREG?") == ["+CEREG: 0,1", "OK"]
    assert host.ask("AT+CGATT?") == ["+CGATT: 1", "OK"]
    assert host.ask("AT+CGPADDR=1") == ['+CGPADDR: 1,"10.7.157.1"', "OK"]
    assert host.ask("AT+COPS?") == ['+COPS: 0,0,"Virtual",8', "OK"]
    assert host.ask("AT&W") == ["OK"]
    assert host.ask("ATV1") == ["OK"]


def test_reboot_forgets_what_is_in_ram():
    host = Host()
    peer = host.open()
    host.ask('AT+QICFG="viewmode",1')
    assert host.ask("AT+CFUN=1,1") == ["OK"]
    assert peer.closed
    assert host.ask("AT") == []  # nobody listens while it boots
    host.clock.advance(1)
    assert host.lines() == ["RDY", "APP RDY"]
    host.module.feed(b"AT\r")
    assert host.module.take() == b"AT\r\r\nOK\r\n"  # echo is on again
    host.ask("ATE0")
    assert host.ask("AT+QISTATE") == ["OK"]
    assert host.ask("AT+QIACT?") == ["OK"]
    assert host.ask('AT+QICFG="viewmode"') == ['+QICFG: "viewmode",0', "OK"]
    assert host.ask("AT+QICSGP=1")[0] == '+QICSGP: 1,"internet","","",0'  # is saved


def test_power_down_and_the_next_start_of_the_host():
    host = Host()
    assert host.ask("AT+QPOWD") == ["OK"]
    host.clock.advance(1)
    assert host.lines() == ["POWERED DOWN"]
    assert host.ask("AT") == []
    host.module.host_reset()
    host.clock.advance(1)
    assert host.lines() == ["RDY", "APP RDY"]


def test_a_host_that_starts_anew_finds_the_sockets_open():
    host = Host()
    host.open()
    host.module.host_reset()
    assert host.ask("AT+QISTATE")[0].startswith('+QISTATE: 0,"TCP"')


def test_functionality():
    host = Host()
    peer = host.open()
    assert host.ask("AT+CFUN=0") == ["OK"]
    assert peer.closed
    assert host.ask("AT+CEREG?") == ["+CEREG: 0,0", "OK"]
    assert host.ask("AT+QIACT?") == ["OK"]
    assert host.ask("AT+CFUN=1") == ["OK"]
    assert host.ask("AT+CEREG?") == ["+CEREG: 0,1", "OK"]


def test_uart_settings_are_accepted():
    host = Host()
    assert host.ask("AT+IPR?") == ["+IPR: 115200", "OK"]
    assert host.ask("AT+IPR=921600") == ["OK"]
    assert host.ask("AT+IFC=2,2") == ["OK"]
