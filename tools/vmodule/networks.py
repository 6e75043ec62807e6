"""Which networks there are and which one is chosen, AT+COPS (3GPP TS 27.007, 7.3); and what the
modem is told to look for, AT+QCFG.

AT+QCFG is Quectel's own. The notes here name it for RM500U's call mode alone; its names for bands
and technologies are those that a BG95 answers with.
"""

import re

from .args import CmeError, Refused
from .cellular import NO_NETWORK
from .engine import EXECUTE, LATER, READ, TEST, WRITE
from .general import HOME, NOT_REGISTERED

NOT_ALLOWED_HERE = (32, "network not allowed - emergency calls only")
AVAILABLE, CURRENT, FORBIDDEN = 1, 2, 3
AUTOMATIC, MANUAL, DEREGISTER, FORMAT, EITHER = range(5)


class Networks:
    """Mixin. NETWORKS: long name, short name, code; the first takes the SIM, no other does."""

    NETWORKS = (("Virtual", "Virt", "00101"), ("Other (old), Ltd", "Other", "00102"))

    def _start(self):
        super()._start()
        self.operator_mode, self.operator_format = AUTOMATIC, 0

    def registration(self):
        return NOT_REGISTERED if self.operator_mode == DEREGISTER else super().registration()

    def at_cops(self, form, args):
        if form == READ:
            shown = "+COPS: {}".format(self.operator_mode)
            if self.registration() == HOME:
                name = self.NETWORKS[0][self.operator_format]
                shown += ',{},"{}",{}'.format(self.operator_format, name, self.ACCESS_TECHNOLOGY)
            return self.info(shown)
        if form == EXECUTE:
            raise Refused
        if form == TEST:
            return self._list_networks()
        args.expect(1, 4)
        mode = args.integer(0, AUTOMATIC, EITHER)
        shown = args.integer(1, 0, 2, self.operator_format)
        if mode in (MANUAL, EITHER):
            self._may_choose(args.string(2, 30), shown, mode)
        elif mode == FORMAT:
            args.integer(1, 0, 2)
        self.operator_format = shown
        return None if mode == FORMAT else self._enter_mode(mode)

    def _list_networks(self):
        self.need_pin()
        home = self.registration() == HOME
        rows = []
        for names in self.NETWORKS if self.coverage else ():
            state = FORBIDDEN if rows or self.denied else CURRENT if home else AVAILABLE
            rows.append('({},"{}","{}","{}",{})'.format(state, *names, self.ACCESS_TECHNOLOGY))
        self.info("+COPS: {},,(0-4),(0-2)".format(",".join(rows)))

    def _may_choose(self, name, shown, mode):
        self.need_pin()
        known = [names[shown] for names in self.NETWORKS if self.coverage]
        if name not in known:
            if mode == EITHER:
                return
            raise CmeError(*NO_NETWORK)
        if name != known[0] or self.denied:
            raise CmeError(*NOT_ALLOWED_HERE)

    def _enter_mode(self, mode):
        before = self.registration()
        self.operator_mode = mode
        if self.registration() == before:
            return None
        self.final()
        self._tell_registration()
        if mode == DEREGISTER:
            self.detach()
        return LATER


class ModemSettings:
    """Mixin: AT+QCFG. SETTINGS: what each value of a name may be, and what it is at first. Behind
    the values may stand whether they hold at once (1) or from the next start on (0); here they
    always hold at once."""

    SETTINGS = {
        "nwscanmode": (("0", "1", "3"), ["0"]),
        "nwscanseq": (re.compile("0[0-3](0[1-3])?(0[1-3])?"), ["020301"]),
        "servicedomain": (("1", "2"), ["2"]),
        "roamservice": (("1", "2", "255"), ["255"]),
        "iotopmode": (("0", "1", "2"), ["0"]),
        "band": (re.compile("(0[xX])?[0-9a-fA-F]{1,32}"), ["0xf", "0x80084", "0x80084"]),
    }

    def __init__(self, *args, **kwargs):
        self.modem_settings = {name: first for name, (_, first) in self.SETTINGS.items()}
        super().__init__(*args, **kwargs)

    def at_qcfg(self, form, args):
        if form == TEST:
            for name, (allowed, first) in self.SETTINGS.items():
                values = ",".join(allowed) if isinstance(allowed, tuple) else "hex"
                self.info('+QCFG: "{}"'.format(name) + ",({})".format(values) * len(first))
            return
        if form != WRITE:
            raise Refused
        name = args.string(0, 30).lower()
        if name not in self.SETTINGS:
            raise Refused
        if len(args) == 1:
            return self.info('+QCFG: "{}",{}'.format(name, ",".join(self.modem_settings[name])))
        allowed, first = self.SETTINGS[name]
        args.expect(1 + len(first), 2 + len(first))
        args.integer(1 + len(first), 0, 1, 0)
        given = args.texts[1 : 1 + len(first)]
        for index, text in enumerate(given, 1):
            known = text in allowed if isinstance(allowed, tuple) else allowed.fullmatch(text)
            if type(args[index]) is str or not known:  # none of them stands in quotes
                raise Refused
        if name == "band":
            given = [hex(int(text, 16)) for text in given]
        self.modem_settings[name] = given
        return None
