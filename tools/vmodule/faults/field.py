"""What real modules do and the application notes do not say, as logs of them have it."""

import re

from ..args import Refused
from ..engine import COMMAND, DATA, READ, WRITE
from ..services import CLOSING, CONNECTED
from .base import Counted, Fault
from .plain import SendFail


class _Kind(Fault):
    """A module that is of another kind for as long as it lives."""

    changes = {}  # attribute of the module: its value

    def begin(self):
        for name, value in self.changes.items():
            setattr(self.module, name, value)


class _Timed(Fault):
    """Strikes after so many seconds, again and again, when no command is under way."""

    arguments = (("after", None),)
    LOOK = 0.05  # s between looks while one is

    def begin(self):
        self.module.clock.call_later(self.interval(self.after), self._due)

    def _due(self):
        if self.over:
            return
        if not self.module.idle():
            self.module.clock.call_later(self.LOOK, self._due)
            return
        self.strike()
        _Timed.begin(self)


# --- restarts, sleep -----------------------------------------------------------------------


class Restart(_Timed):
    """restart:AFTER  AFTER seconds, again and again, the module restarts, and says so"""

    def strike(self):
        self.module.reboot()


class RestartUnheard(_Timed):
    """restart-unheard:AFTER  AFTER seconds, again and again, it restarts and says nothing"""

    unheard = False

    def strike(self):
        self.unheard = True
        self.module.reboot()

    def boot(self, texts):
        texts, self.unheard = () if self.unheard else texts, False
        return texts


class NoReady(Fault):
    """no-ready  the module says nothing when it has booted"""

    def boot(self, texts):
        return ()


class BootTime(Fault):
    """boot-time:SECONDS  the module hears nothing for so long after a restart"""

    arguments = (("seconds", None),)

    def begin(self):
        self.module.BOOT_TIME = self.seconds


class Neul(Fault):
    """neul[:SECONDS]  it boots with a text with an OK of its own, first after SECONDS (1)"""

    arguments = (("seconds", 1),)
    TEXT = "REBOOT_CAUSE_SECURITY_RESET_PIN\r\nNeul\r\nOK"

    def begin(self):
        self.module.after(self.seconds, lambda: self.module.urc(self.TEXT))

    def boot(self, texts):
        return (self.TEXT,)


class BootLines(Fault):
    """boot-lines[:SECONDS]  for SECONDS (5) after each start lines about SIM, SMS, phone book"""

    arguments = (("seconds", 5),)
    TEXTS = (
        "+CFUN: 1", "+CPIN: READY", "+QUSIM: 1", "+CEREG: 2", "+QIND: SMS DONE", "SMS Ready",
        "+CEREG: 1", "+QIND: PB DONE", "Call Ready",
    )  # fmt: skip

    def begin(self):
        step = self.seconds / len(self.TEXTS)
        for at, text in enumerate(self.TEXTS):
            self.module.after((at + 1) * step, lambda text=text: self.module.urc(text))

    def boot(self, texts):
        self.begin()
        return texts


class StrayAnswers(Fault):
    """stray-answers  behind the first result come answers to commands of an earlier program"""

    TEXT = "\r\n\r\n+CFUN: 1\r\n\r\nOK\r\n\r\nOK\r\n\r\n+CME ERROR: 14\r\n\r\n+CPIN: READY"
    done = False

    def result(self, text):
        if self.done or text is None:
            return text
        self.done = True
        return text + self.TEXT


class Sleepy(Fault):
    """sleepy[:SECONDS]  SECONDS (10) after the last byte it sleeps; the line that wakes it is lost

    Its sockets live on. AT+QSCLK=0 keeps it awake; it is 1 after each restart.
    """

    arguments = (("seconds", 10),)

    def begin(self):
        self.last = self.module.clock.now()
        self.module.has_qsclk = True
        self.started()

    def started(self):
        self.waking = False
        self.module.sleep_enabled = 1

    def output(self, data):
        if data:
            self.last = self.module.clock.now()
        return data

    def input(self, data):
        module, now = self.module, self.module.clock.now()
        if now - self.last >= self.seconds and module.sleep_enabled and module.idle():
            module.counts["slept"] += 1
            self.waking = True
        self.last = now
        if not self.waking:
            return data
        end = data.find(b"\r") + 1
        self.waking = not end
        return data[end:] if end else b""


class DtrSleep(Fault):
    """dtr-sleep[:SECONDS]  after AT+QSCLK=1 it sleeps while DTR is high, SECONDS (1) after a byte

    It hears nothing then, and WAKE_TIME after DTR has gone low it does again. Its sockets live
    on, and what it has to say is said. AT+QSCLK is 0 after each start.
    """

    arguments = (("seconds", 1),)
    WAKE_TIME = 0.05  # s

    def begin(self):
        self.quiet_since = self.module.clock.now()
        self.awake_from = 0.0
        self.module.has_qsclk = True
        self.started()

    def started(self):
        self.module.sleep_enabled = 0

    def asleep(self):
        module = self.module
        quiet = module.clock.now() - self.quiet_since
        may = module.dtr_high and module.sleep_enabled and module.idle()
        return may and quiet >= self.seconds

    def dtr_changes(self):
        now = self.module.clock.now()
        if self.asleep():
            self.awake_from = now + self.WAKE_TIME
        self.quiet_since = now

    def output(self, data):
        if data:
            self.quiet_since = self.module.clock.now()
        return data

    def input(self, data):
        now = self.module.clock.now()
        if self.asleep() or now < self.awake_from:
            self.module.counts["typed asleep"] += len(data)
            return b""
        self.quiet_since = now
        return data


# --- contexts and identities ---------------------------------------------------------------


class LoseContext(_Timed):
    """lose-context:AFTER[,CODE]  AFTER seconds, again and again, the contexts are gone, unsaid

    What needs one is refused with CODE (561) from then on: 561, 570 or 572. On an NB-IoT module
    the attach is gone until AT+CGATT=1.
    """

    arguments = (("after", None), ("code", 561))

    def begin(self):
        super().begin()
        self.module.no_context_code = int(self.code)

    def strike(self):
        self.module.lose_context(int(self.code))


class OtherContext(Fault):
    """other-context[:NUMBER]  at each start the network has given NUMBER (9) the only context

    QIACT of any other is refused with 572 until AT+CGACT=0,NUMBER.
    """

    arguments = (("number", 9),)

    def begin(self):
        self.started()

    def started(self):
        self.module.foreign_context = int(self.number)


class ActiveAtBoot(Fault):
    """active-at-boot  context 1 is up after each start, as IPv4v6 of the network's own APN"""

    def begin(self):
        self.started()

    def started(self):
        self.module.activate_by_itself()


class ContextZero(Fault):
    """context-zero  CGPADDR tells the address of context 1 on context 0, without quotes"""

    def line(self, text):
        if text.startswith("+CGPADDR: 1,"):
            if self.module.form == WRITE:
                return "+CGPADDR: 1"
            return "+CGPADDR: 0," + text[12:].replace('"', "") + "\r\n+CGPADDR: 1"
        return text


class TakenIds(Fault):
    """taken-ids:COUNT  COUNT connectIDs are still an earlier program's; QISTATE tells none"""

    arguments = (("number", None),)

    def begin(self):
        for number in range(int(self.number)):
            service = self.module.new_service(number, "TCP", 1)
            service.hidden = True
            self.module.services[number] = service


class SerialNumber(_Kind):
    """serial-number  AT+CGSN tells a serial number with letters; AT+CGSN=1 the IMEI"""

    changes = {"cgsn_is_serial": True}


class SimPin(Fault):
    """sim-pin[:PIN]  the SIM asks for PIN (1234) at each start"""

    arguments = (("pin", ""),)

    def begin(self):
        self.module.sim_pin = self.pin or "1234"
        self.module.sim_asks = "SIM PIN"


class VendorInModel(_Kind):
    """vendor-in-model  the model is told as Quectel_NAME"""

    changes = {"model_prefix": "Quectel_"}


class StateThree(Fault):
    """state-three  QISTATE tells a connection in state 3, where a document calls that listening"""

    def begin(self):
        if self.module.STATES.get(CLOSING) != 3:
            self.module.STATES = {**self.module.STATES, CONNECTED: 3}


# --- forms of answers ----------------------------------------------------------------------


class NoSpace(Fault):
    """no-space  no space behind the colon of an answer, a URC, a +CME ERROR"""

    def line(self, text):
        return re.sub(r"(^|\n)(\+[A-Z ]+): ", r"\1\2:", text)

    def result(self, text):
        return text if text is None else self.line(text)


class LongForms(Fault):
    """long-forms  CREG?, CGREG?, CEREG?, COPS? with more fields, a comma in the operator's name,
    and the URC of the same name before the answer"""

    PLACE = '"1848","0014B501",9'

    def line(self, text):
        name = (self.module.command or "").upper()
        if self.module.form != READ or not text.startswith("+{}: ".format(name)):
            return text
        if name == "COPS":
            return text.replace('"Virtual",', '"Virtual, IN",') + ',"00101",1'
        if name not in ("CREG", "CGREG", "CEREG"):
            return text
        state = text.split(": ")[1].split(",")[1]
        urc = "\r\n+{}: {},{}\r\n".format(name, state, self.PLACE)
        self.module.emit(urc.encode())
        return "+{}: 3,{},{},0,15".format(name, state, self.PLACE)


class BareLines(Fault):
    """bare-lines  no CRLF before an answer or a URC, one behind it"""

    def output(self, data):
        whole = self.module.mode == COMMAND and data.endswith(b"\r\n")
        return data[2:] if whole and data.startswith(b"\r\n") else data


class CapitalTexts(Fault):
    """capital-texts  QIGETERROR tells its text in capital letters"""

    def line(self, text):
        return text.upper() if text.startswith("+QIGETERROR") else text


class UrcField(Fault):
    """urc-field  the closed URC, and the recv URC without a length, have one field more"""

    URC = re.compile(r'\+QIURC: "(recv|closed)",\d+$')

    def line(self, text):
        return text + ",0" if self.URC.match(text) else text


class UnknownSetting(Fault):
    """unknown-setting[:KEY]  QICFG does not know KEY; without it: refuses what is so already"""

    arguments = (("key", ""),)

    def setting(self, key, args):
        same = len(args) > 1 and tuple(args[1:]) == self.module.config[key]
        if key == self.key.lower() if self.key else same:
            raise Refused


class UrcsOnUsb(Fault):
    """urcs-on-usb  no URC on the UART before AT+QURCCFG="urcport","uart1" since each start

    Not on a module without USB."""

    def begin(self):
        self.started()

    def started(self):
        if self.module.has_usb:
            self.module.urc_port = "usbat"

    def keep_urc(self, text):
        return self.module.urc_port in (None, "uart1")


# --- sockets -------------------------------------------------------------------------------


class BuffFull(Fault):
    """buff-full[:BYTES]  an NB-IoT module holds BYTES (4000) of a socket; TCP data beyond are
    acknowledged and dropped, and "buff full" is told each time"""

    arguments = (("bytes", 4000),)

    def begin(self):
        if hasattr(self.module, "drops_tcp"):
            self.module.RECEIVE_BUFFER = int(self.bytes)
            self.module.drops_tcp = True


class CloseForgets(Counted):
    """close-forgets[:EVERY]  every so many ends by the peer free the socket and what is unread"""

    arguments = (("every", 1),)

    def forgets(self):
        return self.due()


class SilentPrompt(Fault):
    """silent-prompt  no recv URC, now or later, for what comes while data are asked for or sent"""

    def announces(self, service):
        module = self.module
        sending = module.busy_with("qisend", "qisendex")
        if module.mode == DATA or sending:
            service.announced = True
            module.counts["recv untold"] += 1
            return False
        return True


class LateUrc(Counted):
    """late-urc:EVERY,SECONDS  every so many URCs of any kind come SECONDS late"""

    arguments = (("every", None), ("seconds", None))
    late = None
    BEGINNING = ""

    def keep_urc(self, text):
        if text == self.late or not (text.startswith(self.BEGINNING) and self.due()):
            return True
        self.module.after(self.seconds, lambda: self._told(text))
        return False

    def _told(self, text):
        self.late = text
        self.module.urc(text)
        self.late = None


class LateRecv(LateUrc):
    """late-recv:EVERY,SECONDS  every so many recv URCs (buffer mode) come SECONDS late"""

    BEGINNING = '+QIURC: "recv"'


class RecvFrom(Fault):
    """recv-from:BYTES  a recv URC (buffer mode) comes only when at least BYTES wait"""

    arguments = (("bytes", None),)

    def announces(self, service):
        return service.unread >= self.bytes


class WakeupInClose(Counted):
    """wakeup-in-close:EVERY  in every so many closes of an NB-IoT module it says +QATWAKEUP

    It stands before CLOSE OK; the other TCP connections are gone, as after deep sleep.
    """

    def between(self):
        module = self.module
        if module.command == "qiclose" and self.due():
            for service in list(module.services.values()):
                if service.is_stream and not service.closing:
                    module.drop(service)
            module.urc("+QATWAKEUP")


class SendFailAlone(SendFail):
    """sendfail-alone:EVERY  as sendfail, without the OK that an NB-IoT module says before it"""

    def begin(self):
        super().begin()
        self.module.fails_alone = True


class SlowDns(Counted):
    """slow-dns:EVERY,SECONDS  every so many look-ups take SECONDS; others are taken meanwhile"""

    arguments = (("every", None), ("seconds", None))

    def begin(self):
        super().begin()
        self.module.dns_overlaps = True

    def dns_delay(self):
        return self.seconds if self.due() else 0.0


class DnsJoined(_Kind):
    """dns-joined  QIDNSGIP tells all addresses in one text, as if it were one"""

    changes = {"dns_joined": True}


# --- time ----------------------------------------------------------------------------------


class NtpUtc(_Kind):
    """ntp-utc  QNTP tells the time in UTC with the local zone behind it"""

    changes = {"ntp_is_utc": True}


class Zone(Fault):
    """zone:QUARTERS  the network's zone, in quarters of an hour from UTC (32 without this)"""

    arguments = (("quarters", None),)

    def begin(self):
        self.module.ZONE = int(self.quarters)


class ShortZone(_Kind):
    """short-zone  QNTP tells a zone below 10 with one digit"""

    changes = {"ntp_short_zone": True}


FAULTS = (
    Restart, RestartUnheard, NoReady, BootTime, Neul, BootLines, StrayAnswers, Sleepy,
    DtrSleep, LoseContext, OtherContext, ActiveAtBoot, ContextZero, TakenIds, SerialNumber, SimPin,
    VendorInModel, StateThree, NoSpace, LongForms, BareLines, CapitalTexts, UrcField,
    UnknownSetting, UrcsOnUsb, BuffFull, CloseForgets, SilentPrompt, LateUrc, LateRecv, RecvFrom,
    WakeupInClose, SendFailAlone, SlowDns, DnsJoined, NtpUtc, Zone, ShortZone,
)  # fmt: skip
