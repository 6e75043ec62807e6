"""QISEND and QISENDEX of the NB-IoT modules ("BC65&BC92&BC95-GR TCP/IP Application Note", 2.2.4,
2.2.5). Data stand in the line, or are typed behind a prompt; OK comes first, SEND OK later."""

from ..args import Bare, Refused
from ..engine import LATER, WRITE
from ..sending import CANCELLED, WRITE_FAILED, Sending, from_hex

BUSY = 568


class NbSending(Sending):
    """Mixin. Needs SEND_LIMIT and HEX_LIMIT, both in bytes of data."""

    HAS_PROMPT = True
    HAS_RAI = False
    QUOTES_NEEDED = True
    fails_alone = False  # SEND FAIL has no OK before it

    def _start(self):
        super()._start()
        self.sending = False  # the last one's SEND OK is not out yet

    def echoes_data(self):
        return self.echo

    def ip_qisend(self, form, args):
        return self._send_command(form, args, self.SEND_LIMIT, bytes)

    def ip_qisendex(self, form, args):
        return self._send_command(form, args, self.HEX_LIMIT, from_hex)

    ip_qisde = None  # these modules do not have it

    def _send_command(self, form, args, limit, decode):
        if form != WRITE:
            raise Refused
        args.expect(1 if self.HAS_PROMPT else 3, 4 if self.HAS_RAI else 3)
        service = self.service(self.connect_id(args))
        length = None if len(args) == 1 else args.integer(1, 1, limit)
        data = None if len(args) < 3 else self._in_line(args, length, decode)
        rai = args.integer(3, 0, 2, 0)
        if self.sending:
            raise Refused(BUSY)  # 4.1.2
        self.can_send(service)
        if data is not None:
            self.send(service, data, None, rai)
            return LATER
        typed = length if decode is bytes or length is None else 2 * length
        return self.prompt(typed, lambda text: self._typed(service, text, limit, decode))

    def _in_line(self, args, length, decode):
        quoted = isinstance(args[2], str) and not isinstance(args[2], Bare)
        if self.QUOTES_NEEDED and not quoted:
            raise Refused
        data = decode(args.texts[2].encode("latin-1"))
        if len(data) != length:
            raise Refused
        return data

    def _typed(self, service, text, limit, decode):
        """What was typed behind the prompt is complete, or None where Esc cancelled it."""
        if text is None:
            raise Refused(CANCELLED)
        if not text:
            return self.final("SEND FAIL", WRITE_FAILED)  # 2.2.4, note 3
        data = decode(text)
        if len(data) > limit:
            raise Refused
        self.send(service, data)

    def taken(self, service):
        self._answer("SEND OK", 0)

    def not_taken(self, service, code):
        if self.fails_alone:
            return self.final("SEND FAIL", code)
        self._answer("SEND FAIL", code)

    def _answer(self, text, code):
        self.sending = True
        self.answer_twice(lambda: self._sent_now(text, code), self.rtt)

    def _sent_now(self, text, code):
        self.sending = False
        self.last_result = code
        self.report(text)
