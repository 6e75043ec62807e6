# What keeps a module from working, step by step: the line and its baud rate, the module, SIM,
# signal, registration, operator, access point, context, DNS, one packet.

import errno
import time

from micropython import const
from quectel import detect, load
from quectel.dialects import is_address, quoted, within
from quectel.errors import Error
from quectel.nic import Nic

# The usual ones, the likeliest first: each costs a second.
_RATES = (115200, 9600, 921600, 460800, 230400, 57600, 38400, 19200)
_PIECE = const(32)  # bytes, which every receive buffer has room for
_QUIET_MS = const(300)  # after which nothing more comes
_STUCK_MS = const(5000)  # in which the UART takes some bytes
_FRAMING = const(64)  # bytes around the data of a read, which module.py counts on
_TEXT_MOST = const(256)  # bytes; what is shorter on a module it says itself
_REGISTERED = {1: "at home", 5: "roaming"}  # <stat> of AT+CEREG? (3GPP TS 27.007)


class Diagnosis:
    """What was found; true where all is well.

    steps  (name, whether it is well, words), in order
    cause  the words of the first that is not well, None where all is
    """

    def __init__(self, show):
        self.steps = []
        self.cause = None
        self._show = show

    def __bool__(self):
        return self.cause is None

    def add(self, name, ok, words):
        """Note a step, and show it."""
        self.steps.append((name, ok, words))
        if not ok and self.cause is None:
            self.cause = words
        self._show("%s  %s: %s" % ("ok" if ok else "NO", name, words))


def diagnose(uart, access, place, timeout, show, options):
    """Look at one step after the other; returns a Diagnosis. Another baud rate and a small buffer
    are told, and the steps go on; any other step that is not well is the last.

    uart     as for detect; or an interface over it, as a board's modem() gives
    access   apn, user, key, as for connect
    place    host and port of a TCP server, which is to be found and reached
    timeout  s for SIM, registration and context
    show     called with a line for each step
    options  the keywords of the classes, such as pwrkey and pin

    It is over within the time-outs of active(True), of connect and of a socket, and 9 s for other
    baud rates, with pwrkey three times that and BOOT_MS. The UART is left at the rate at which the
    module answers, the interface connected if it could be. Nothing that the module does is an
    exception here."""
    if not isinstance(uart, Nic):
        load("bringup.uart").check(uart, options)
    for text, name in zip(access + place, ("apn", "user", "key", "host")):
        quoted(text or "", _TEXT_MOST, name)
    within(place[1], (1, 65535), "port")
    load("bringup.wait").milliseconds(timeout)
    found = Diagnosis(show)
    step = "line"
    try:
        for step in _steps(found, uart, access, place, timeout, options):
            pass
    except OSError as e:
        found.add(step, False, _words(e))
    return found


def _words(error):
    return str(error.args[1] if len(error.args) > 1 else error)


def _steps(found, uart, access, place, timeout, options):
    # Generator: the name of each step before it is done. An OSError is what is wrong there, and
    # the end: each step needs the one before.
    yield "line"
    nic = _answering(found, uart, options)
    yield "module"
    found.add("module", True, "%s, firmware %s" % (nic.config("model"), nic.config("firmware")))
    yield "buffer"
    found.add("buffer", *_buffer(nic))
    yield "access point"
    error = None
    try:
        nic.connect(*access, timeout=timeout)
    except OSError as e:
        if e.args[0] == errno.EOPNOTSUPP:
            raise  # of its arguments
        error = e
        _give_up(nic)
    yield "SIM"
    if error and not _sim_ready(nic):
        raise error
    found.add("SIM", True, "ready")
    yield "signal"
    rssi = nic.status("rssi")
    found.add("signal", True, "not known" if rssi is None else "%d dBm" % rssi)
    yield "registration"
    stat = nic.status("registration")
    if error and stat not in _REGISTERED:
        raise error
    found.add("registration", True, _REGISTERED.get(stat, "not told"))
    yield "operator"
    found.add("operator", True, nic.status("operator") or "not told")
    yield "access point"
    found.add("access point", True, nic.config("apn") or "the operator's own")
    yield "context"
    if error:
        raise error
    found.add("context", True, "its address is " + nic.address[0])
    yield "DNS"
    host = place[0]
    asks = nic.dialect.QIDNSGIP  # where it does not, the packet tells
    named = not is_address(host)
    if named and asks:
        found.add("DNS", True, "%s is %s" % (host, nic.resolve(host)[0]))
    error = _packet(nic, place)
    if named and not asks:
        if error and error.args[0] == errno.EHOSTUNREACH:
            raise error
        found.add("DNS", True, host + " was found")
    yield "packet"
    if error:
        raise error
    found.add("packet", True, "%s:%d answers" % place)


def _answering(found, uart, options):
    # The interface, active, whatever the baud rate of the module is.
    nic = None
    if isinstance(uart, Nic):
        nic, uart = uart, uart.channel.uart
    rates, why = _rates(uart)
    trace = options.get("trace")
    idle = nic.idle if nic else options.get("idle")
    rate = _find(uart, rates, trace, idle)
    try:
        nic = _active(uart, nic, options)
    except OSError as e:
        if e.args[0] != errno.ETIMEDOUT:
            raise
        # PWRKEY may have switched it on, at another baud rate.
        if (nic.pwrkey if nic else options.get("pwrkey")) is None:
            rate = None
        else:
            rate = _find(uart, rates, trace, idle)
            if rate is None and rates:
                # It was pressed twice: the second time that switched off what was not heard.
                pressed = nic or load("bringup.identify").unknown(uart, options)
                start = time.ticks_ms()
                _press(pressed)
                while rate is None and time.ticks_diff(time.ticks_ms(), start) < pressed.BOOT_MS:
                    rate = _find(uart, rates, trace, idle)
                if rate is None:
                    _press(pressed)  # it is left as it was found
        if rate is None:
            tried = ", ".join([str(each) for each in rates[1:]])
            why = why or "other baud rates were tried: " + tried
            raise Error(errno.ETIMEDOUT, "%s (%s)" % (_words(e), why))
        nic = _active(uart, nic, options)
    base = rates[0] if rates else None
    if rate == base or rate is None:
        text = "the module answers"
        found.add("line", True, text + " at %d baud" % base if base else text)
    else:
        text = "the module answers at %d baud, and the UART was at %d: make it UART(…, %d)"
        found.add("line", False, text % (rate, base, rate))
    return nic


def _active(uart, nic, options):
    if nic is None:
        return detect(uart, **options)
    nic.active(True)
    return nic


def _press(nic):
    power = load("bringup.power")
    power.finish(nic, power.press(nic, nic.pwrkey, nic.PWRKEY_PRESSED, nic.PWRKEY_MS))


def _rates(uart):
    # The baud rates that can be tried, that of the UART first, and words where there are none.
    if not hasattr(uart, "init"):
        return [], "other baud rates were not tried: this UART has no init()"
    base = load("bringup.baudrate").Rate(uart, 0, {}).base
    if not base:
        return [], "other baud rates were not tried: repr() of this UART does not tell its own"
    return [base] + [rate for rate in _RATES if rate != base], None


def _find(uart, rates, trace, idle):
    # The baud rate at which the module answers, None where it does not: the UART has that, or the
    # first again. What the UART cannot do is taken out of `rates`.
    size = load("bringup.uart").shown(uart, "rxbuf=")
    # Some ports take init without rxbuf as the default.
    options = {"rxbuf": size} if size else {}
    for rate in rates[:]:
        try:
            if rate != rates[0]:
                uart.init(baudrate=rate, **options)
        except ValueError:
            rates.remove(rate)
            continue
        if load("bringup.identify").hears(uart, trace, idle):
            return rate
    if rates:
        uart.init(baudrate=rates[0], **options)
    return None


def _buffer(nic):
    # Whether the UART holds what the driver counts on between two reads, and words: the module
    # echoes what is typed, and nobody reads meanwhile.
    wanted = nic.module.chunk + _FRAMING
    nic.command("ATE1")  # ITU-T V.250, 6.2.4
    read, held = _echoed(nic, wanted, True), _echoed(nic, wanted, False)
    nic.command("ATE0")
    if read < wanted:
        return True, "not looked at, the module echoes %d bytes of %d" % (read, wanted)
    if held >= wanted:
        return True, "it holds %d bytes" % wanted
    text = "it holds %d bytes, and the driver counts on %d: make it UART(…, rxbuf=2048), or say "
    return False, (text + "rxbuf=%d to the class") % (held, wanted, held)


def _echoed(nic, count, reads):
    # How many of `count` bytes come back; with `reads` each piece is read before the next.
    uart = nic.channel.uart
    came = 0
    text = b"AT" + b" " * (_PIECE - 2)
    for sent in range(0, count, _PIECE):
        size = min(_PIECE, count - sent)
        at = 0
        start = time.ticks_ms()
        while at < size:
            at += uart.write(text, at, size - at) or 0
            nic.module.rest()
            if time.ticks_diff(time.ticks_ms(), start) > _STUCK_MS:
                return came  # the UART takes nothing: RTS/CTS
        text = b" " * _PIECE
        if reads:
            came += _read(nic, size)
    # 10 bits for each byte, at a rate that may not be known.
    rate = load("bringup.uart").shown(uart, "baudrate=") or 9600
    start = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), start) < _QUIET_MS + count * 10000 // rate:
        nic.module.rest()
    came += _read(nic, count)
    uart.write(b"\r", 0, 1)  # that was a line with nothing in it
    _read(nic, count)
    return came


def _read(nic, most):
    # How many bytes come, up to `most`, or until nothing more does.
    uart = nic.channel.uart
    buf = bytearray(_PIECE)
    came = 0
    start = time.ticks_ms()
    while came < most and time.ticks_diff(time.ticks_ms(), start) < _QUIET_MS:
        waiting = uart.any()
        count = uart.readinto(buf, min(waiting, _PIECE)) if waiting else 0
        if count:
            came += count
            start = time.ticks_ms()
        else:
            nic.module.rest()
    return came


def _give_up(nic):
    # A connect that goes on would have the line.
    try:
        nic.disconnect()
    except OSError:
        pass  # the next step says so


def _sim_ready(nic):
    try:
        return nic.command("AT+CPIN?")[-1].endswith("READY")
    except (OSError, IndexError):
        return False


def _packet(nic, place):
    # A connection to `place`: None where it was opened, else the OSError.
    try:
        with nic.socket() as s:
            s.connect(place)
    except OSError as e:
        return e
    return None
