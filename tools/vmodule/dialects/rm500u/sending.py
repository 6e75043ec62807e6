"""QISEND with "sendinfo", "qisend/timeout" and "formatcfg" (2.3.1, 2.3.10)."""

import ipaddress

from ...engine import COMMAND, DATA, TEST
from ...network import TIMED_OUT
from ...sending import Sending
from ...services import SERVICE

SEND_BUFFER = 10240  # bytes: the range of <free_size>


def is_dotted(text):
    """Whether it is "in dotted decimal format"."""
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


class Sending5G(Sending):
    PEER_PORTS = (1, 65535)

    def _start(self):
        super()._start()
        self._patience = None

    def ip_qisend(self, form, args):
        if form == TEST:
            return self.info("+QISEND: (0-{}),(0-{}),<remoteIP>,({}-{})".format(
                self.CONNECT_IDS - 1, self.SEND_LIMIT, *self.PEER_PORTS))  # fmt: skip
        return super().ip_qisend(form, args)

    def peer_address(self, text):
        return is_dotted(text)

    # --- "sendinfo" ------------------------------------------------------------------------

    def send_room(self, service):
        endpoint = service.endpoint
        return max(0, min(SEND_BUFFER - endpoint.waiting(), endpoint.room()))

    def taken(self, service):
        if self._informs(service):
            self._inform(service, 0)
        else:
            super().taken(service)

    def not_taken(self, service, code):
        if self._informs(service):
            self._inform(service, 1)
        else:
            super().not_taken(service, code)

    def _informs(self, service):
        return self.config["sendinfo"][0] and service.kind != SERVICE

    def _inform(self, service, status):
        free = self.send_room(service) if service.is_stream else SEND_BUFFER
        self.info("+QISEND: {},{},{}".format(service.number, status, free))
        self.final()

    # --- the prompt ------------------------------------------------------------------------

    def prompt_text(self):
        """ "S3S4" or "S3S4>S3S4"; S3 is CR and S4 is LF here."""
        return b"\r\n>\r\n" if self.config["formatcfg"][0] else super().prompt_text()

    def prompt(self, length, then):
        result = super().prompt(length, then)
        self._wait_for_data()
        return result

    def _keep(self, count):
        super()._keep(count)
        self._wait_for_data()

    def _data_done(self, data):
        self._stop_waiting()
        super()._data_done(data)

    def _wait_for_data(self):
        self._stop_waiting()
        milliseconds = self.config["qisend/timeout"][0]
        if milliseconds:
            self._patience = self.after(milliseconds / 1000, self._nothing_typed)

    def _stop_waiting(self):
        if self._patience:
            self._patience.cancel()
            self._patience = None

    def _nothing_typed(self):
        self._patience = None
        if self._mode != DATA:
            return
        self._then = None
        self._data.clear()
        self._mode = COMMAND
        self.refuse(TIMED_OUT)
