"""Power saving that the network is asked for (3GPP TS 27.007, 7.38 and 7.40), and PSM.

T3324 runs from the release of the RRC connection: then the module is in PSM until it sends, or
until T3412 has expired and it updates its tracking area.
"""

import re

from .args import Refused
from .engine import EXECUTE, READ, TEST
from .radio import RELEASE

_BITS = re.compile(r"[01]*$")

# The first three bits of a timer: seconds of its unit, None where it is switched off. GPRS Timer 2
# and GPRS Timer 3 (3GPP TS 24.008, 10.5.7.4, 10.5.7.4a).
ACTIVE_UNITS = {0: 2, 1: 60, 2: 360, 7: None}
UPDATE_UNITS = {0: 600, 1: 3600, 2: 36000, 3: 2, 4: 30, 5: 60, 6: 1152000, 7: None}
MINUTE = 60  # any other unit

UART_QUIET = 10.0  # s without a byte from the host before it falls asleep


def seconds_of(bits, units):
    """How long a timer runs, or None if it is switched off."""
    unit = units.get(int(bits[:3], 2), MINUTE)
    return None if unit is None else unit * int(bits[3:], 2)


class PowerSaving:
    """Mixin: AT+CPSMS, CEDRXS. EDRX_TYPES are its <AcT-type>s. The network grants what is asked
    for. For CPSMS the module sleeps, if it has a sleep to fall into; for CEDRXS nothing changes.
    """

    EDRX_TYPES = (5,)  # E-UTRAN, NB-S1 mode
    PSM_TIMERS = ("", "", "00100001", "00000000")  # RAU and READY (GERAN), TAU, active time

    psm = (0, *PSM_TIMERS)  # kept over a restart
    off_in_psm = False
    _active_timer = _tau_timer = None

    def _start(self):
        super()._start()
        if not self.off_in_psm:
            self._stop_timers()
        self._psm_due = False
        self._heard = self.clock.now()
        self.edrx_mode, self.edrx = 0, {}

    def _bits(self, args, index, length, default):
        text = args.string(index, length, default)
        if text != default and not (_BITS.match(text) and len(text) == length):
            raise Refused
        return text

    def at_cpsms(self, form, args):
        if form == TEST:
            timers = '("00000000"-"11111111")'
            return self.info("+CPSMS: (0-2),,,{},{}".format(timers, timers))
        if form == READ:
            shown = ['"{}"'.format(text) if text else "" for text in self.psm[1:]]
            return self.info("+CPSMS: {},{}".format(self.psm[0], ",".join(shown)))
        if form == EXECUTE:
            raise Refused
        args.expect(1, 5)
        mode = args.integer(0, 0, 2)
        given = [self._bits(args, 1 + at, 8, self.psm[1 + at]) for at in range(4)]
        self.psm = (0, *self.PSM_TIMERS) if mode == 2 else (mode, *given)
        if not self.rrc_connected:
            self._idle_begins()

    def at_cedrxs(self, form, args):
        if form == TEST:
            kinds = ",".join(str(kind) for kind in self.EDRX_TYPES)
            return self.info('+CEDRXS: (0-3),({}),("0000"-"1111")'.format(kinds))
        if form == READ:
            for kind in sorted(self.edrx):
                self.info('+CEDRXS: {},"{}"'.format(kind, self.edrx[kind]))
            return
        if form == EXECUTE:
            raise Refused
        args.expect(1, 3)
        mode = args.integer(0, 0, 3)
        kind = args.integer(1, 0, 5, self.EDRX_TYPES[0])
        value = self._bits(args, 2, 4, "0010")
        if kind not in self.EDRX_TYPES:
            raise Refused
        self.edrx_mode = mode
        if mode in (1, 2):
            self.edrx[kind] = value
        elif args.given(1) and mode == 0:
            self.edrx.pop(kind, None)
        else:
            self.edrx.clear()

    # --- PSM: 3GPP TS 23.682, 4.5.4 ---------------------------------------------------------

    def radio_state(self, connected):
        super().radio_state(connected)
        if connected:
            self._stop_timers()
        else:
            self._idle_begins()

    def _booted(self):
        super()._booted()
        self._idle_begins()

    def _stop_timers(self):
        self._psm_due = False
        for timer in (self._active_timer, self._tau_timer):
            if timer:
                timer.cancel()

    def _idle_begins(self):
        """T3324 runs until PSM, T3412 until the periodic tracking area update."""
        self._stop_timers()
        if self.psm[0] != 1:
            return
        active = seconds_of(self.psm[4], ACTIVE_UNITS)
        update = seconds_of(self.psm[3], UPDATE_UNITS)
        if active is not None:
            self._active_timer = self.after(active, self._psm_begins)
        if update is not None:
            self._tau_timer = self.clock.call_later(update, self._update_due)

    def _psm_begins(self):
        self._psm_due = True
        self._save_power()

    def _save_power(self):
        """Falls asleep once nobody has typed for so long and nothing is under way."""
        if not self._psm_due:
            return
        left = self._heard + UART_QUIET - self.clock.now()
        if left > 1e-9 or not self.sleep_in_psm():
            self._active_timer = self.after(left if left > 1e-9 else UART_QUIET, self._save_power)

    def woken(self):
        """The host has woken it. If it does not use the radio, PSM goes on."""
        self._heard = self.clock.now()
        self._save_power()

    def feed(self, data):
        self._heard = self.clock.now()
        super().feed(data)

    def sleep_in_psm(self):
        """Falls asleep as it does in PSM: True; or cannot now. Without such a sleep nothing is
        left to do."""
        return True

    def wake_for_update(self):
        """The module is awake when this is done, or will be."""

    def _update_due(self):
        self.wake_for_update()
        self.after(self.BOOT_TIME if self._booting else 0, self._update_area)

    def _update_area(self):
        self._connected(RELEASE)
        if not self.rrc_connected:
            self._idle_begins()


class OffInPsm:
    """Mixin: in PSM the module is off until PWRKEY is pressed or T3412 has expired."""

    def sleep_in_psm(self):
        if not self.idle():
            return False
        self.counts["psm"] += 1
        self.off_in_psm = True
        self.power_off()
        return True

    def power_on(self):
        self.off_in_psm = False
        super().power_on()

    def wake_for_update(self):
        if self.off_in_psm:
            self.power_on()
