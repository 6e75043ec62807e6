"""Plays a document's conversations on a module, and notes where it says something else."""

import re

from tools.conforming import documents, forms
from tools.conforming.peer import PeerError
from tools.conforming.talk import Silent

_WITH_ID = re.compile(r'((?:AT\+QI(?:RD|CLOSE|SWTMD|SEND|SENDEX)=)|(?:\+QIURC: "recv",))(\d+)')
_DEFAULTS = {
    "bg95": (
        "AT+QISDE=0",
        'AT+QICFG="dataformat",0,0',
        'AT+QICFG="viewmode",0',
        'AT+QICFG="recvind",0',
        "AT+QCSCON=0",
    ),
    "rm500u": (
        "AT+QISDE=0",
        'AT+QICFG="dataformat",0,0',
        'AT+QICFG="viewmode",0',
        'AT+QICFG="recvind",0',
        'AT+QICFG="close mode",0',
        'AT+QICFG="sendinfo",0',
    ),
}
_NARROW_BAND = ('AT+QICFG="dataformat",0,0', 'AT+QICFG="viewmode",0', 'AT+QICFG="showlength",0')

_RADIO_ON = "+QCSCON: 1,1"  # 3.10.2 of the BG95-S5 document: an RRC connection


class Stop(Exception):
    """This section goes no further; the text says why."""


class Deviation:
    """What a document prints, and what came. `sort`: "spaces", "blank lines", "text", "missing",
    "more", …"""

    def __init__(self, place, sort, printed, seen):
        self.place, self.sort, self.printed, self.seen = place, sort, printed, seen


class Outcome:
    """What became of a section or a scenario."""

    def __init__(self, title):
        self.title = title
        self.deviations = []
        self.not_tried = []  # reasons
        self.tried = True


class Player:
    """Plays sections on `talk` with `peer` (None without one) for the World `world`."""

    def __init__(self, talk, model, world, peer):
        self.talk = talk
        self.model = model
        self.world = world
        self.peer = peer

    def section(self, parts):
        """Play the parts of a section; returns its Outcome."""
        self.outcome = outcome = Outcome(documents.title(parts))
        reason = documents.needs(parts, self.world)
        if reason:
            outcome.tried = False
            outcome.not_tried.append(reason)
            return outcome
        self.ids = {}  # connectIDs of incoming connections: as printed, as the module chose them
        self.early = []  # URCs that came before their place
        self.service = None  # the local port of a UDP SERVICE or a listener
        self._source = None  # where datagrams of the module's come from
        self.place = "before it"
        try:
            self._begin(parts)
            for key, steps in parts:
                if documents.ipv6(key):
                    outcome.not_tried.append("%s: %s" % (key, documents.IPV6))
                else:
                    self._part(key, steps)
            self._end()
        except Stop as stop:
            outcome.not_tried.append("%s; from there on not tried" % stop)
        except PeerError as error:
            outcome.not_tried.append("%s: the peer: %s" % (self.place, error))
        try:
            self._clean_up()
        except Silent as error:
            self._deviates("missing", "an answer to AT", str(error))
        return outcome

    # ---- before and after ----

    def _begin(self, parts):
        for line in _DEFAULTS.get(self.talk.key, _NARROW_BAND):
            self.talk.ask(line)
        if self.talk.key in _DEFAULTS:
            active = self.talk.value("AT+QIACT?", "+QIACT: 1,1") is not None
            wanted = ("given", ("context", 1, 1)) in parts[0][1]
            if active != wanted:
                self.talk.ask("AT+QIACT=1" if wanted else "AT+QIDEACT=1")
        if self.peer:
            self.peer.new()
        self.talk.settle()

    def _end(self):
        # What the module says behind the last line of a section.
        self.place = "at the end"
        self.talk.pause(0.2)
        while True:
            line = self.talk.line(0)
            if line is None:
                return
            self._more(line)

    def _clean_up(self):
        if self.outcome.not_tried or self.outcome.deviations:
            self.talk.recover()
        lines, _ = self.talk.ask("AT+QISTATE?")
        for line in lines:
            found = re.match(r"\+QISTATE: ?(\d+)", line)
            if found:
                self.talk.ask("AT+QICLOSE=" + found.group(1))
                if self.talk.key not in _DEFAULTS:
                    self._await_close()
        self.talk.settle()

    def _await_close(self):
        line = self.talk.line(self.talk.bound("AT+QICLOSE=0"))
        while line is not None and line.text not in ("CLOSE OK", "ERROR"):
            line = self.talk.line(self.talk.bound("AT+QICLOSE=0"))

    # ---- steps ----

    def _part(self, key, steps):
        steps, left_out = documents.fitted(steps, self.world)
        self.outcome.not_tried += ["%s: %s" % (key, reason) for reason in left_out]
        if ("!", _RADIO_ON) in steps:
            self._await_release()
        for i, (kind, what) in enumerate(steps):
            self.place = key
            self.ahead = [step[1] for step in steps[i + 1 :] if step[0] == "!"]
            getattr(
                self,
                "_"
                + {
                    ">": "type",
                    ">>": "give",
                    "<": "answer",
                    "!": "urc",
                    "<<": "payload",
                    "<=": "stream",
                    "<prompt": "prompt",
                    "peer": "far_end",
                    "given": "given",
                }[kind],
            )(what)

    def _await_release(self):
        # The example of release assistance begins when the network has released the radio.
        end = self.talk.clock.now() + self.talk.report_bound(_RADIO_ON)
        while self.talk.clock.now() < end:
            state = self.talk.value("AT+QCSCON?", "+QCSCON: ")
            if state is None or not state.endswith(",1"):
                return
            self.talk.pause(1)

    def _with_ids(self, text):
        def own(found):
            return found.group(1) + self.ids.get(found.group(2), found.group(2))

        return _WITH_ID.sub(own, text)

    def _type(self, text):
        self.text = self._with_ids(text)
        found = re.search(r'"(?:UDP SERVICE|TCP LISTENER)","[^"]*",\d+,(\d+)', self.text)
        if found:
            self.service = int(found.group(1))
        self.talk.command(self.text)

    def _give(self, data):
        if data == b"+++":
            self.text = "+++"
            self.talk.escape()
        else:
            self.talk.send(data)

    def _answer(self, text):
        self._expect(text, self.talk.bound(self.text))

    def _urc(self, text):
        for line in self.early:
            if forms.kind(line.text) == forms.kind(text):
                self.early.remove(line)
                self._compare(text, line)
                return
        self._expect(text, self.talk.report_bound(text))

    def _prompt(self, text):
        while True:
            line = self.talk.prompt(self.talk.bound(self.text))
            if line is None:
                return
            if line is False:
                self._deviates("missing", text, "nothing")
                raise Stop("%s: no prompt" % self.place)
            if forms.is_result(line.text):
                self._deviates("text", text, line.text)
                raise Stop("%s: %s in place of a prompt" % (self.place, line.text))
            self._other(line)

    def _payload(self, data):
        seen = self.talk.data(len(data) + 2, documents.OTHERS)
        if seen != data + b"\r\n":
            self._deviates("data", repr(data + b"\r\n"), repr(seen))
            raise Stop("%s: other data" % self.place)

    def _stream(self, data):
        seen = self.talk.data(len(data), documents.OTHERS)
        if seen != data:
            self._deviates("data", repr(data), repr(seen))
            raise Stop("%s: other data" % self.place)

    # ---- lines ----

    def _expect(self, text, bound):
        text = self._with_ids(text)
        end = self.talk.clock.now() + bound
        while True:
            line = self.talk.line(max(0.0, end - self.talk.clock.now()))
            if line is None:
                self._deviates("missing", text, "nothing within %g s" % bound)
                raise Stop("%s: no %s" % (self.place, text))
            if forms.kind(line.text) == forms.kind(text):
                self._compare(text, line)
                return
            if forms.is_failure(line.text):
                self._deviates("text", text, line.text)
                raise Stop("%s: %s in place of %s" % (self.place, line.text, text))
            self._other(line)

    def _compare(self, text, line):
        printed = documents.incoming_id(text)
        found = re.match(r'\+QIURC: ?"incoming", ?(\d+)', line.text)
        if printed and found:
            self.ids[printed] = found.group(1)
        if text == "ERROR" and self.talk.key == "rm500u" and line.text.startswith("+CME ERROR"):
            return
        sort = forms.difference(text, line.text, self.world.ports.values())
        if sort:
            self._deviates(sort, text, line.text)
        # Counted data are behind their header, and bring their own end.
        if not line.framed:
            self._deviates("blank lines", "\\r\\n%s\\r\\n" % text, line.shown())
        if sort and forms.is_failure(line.text) != forms.is_failure(text):
            raise Stop("%s: %s in place of %s" % (self.place, line.text, text))

    def _other(self, line):
        # A line that is not the next: a URC may come before its place, or for other reasons.
        for text in self.ahead:
            if forms.kind(text) == forms.kind(line.text):
                self.early.append(line)
                return
        self._more(line)

    def _more(self, line):
        if not forms.is_besides(line.text):
            self._deviates("more", "nothing", line.text)

    def _deviates(self, sort, printed, seen):
        self.outcome.deviations.append(Deviation(self.place, sort, printed, seen))

    # ---- the world ----

    def _given(self, what):
        if what[0] == "nat":
            self.talk.ask('AT+QCFG="nat",%d' % what[1])

    def _far_end(self, what):
        if isinstance(what, bytes):
            self._await_connection()
            self.peer.send(what)
        else:
            getattr(self, "_far_" + what[0].replace(" ", "_"))(*what[1:])

    def _await(self, condition):
        end = self.talk.clock.now() + documents.OTHERS
        while True:
            result = condition()
            if result or self.talk.clock.now() > end:
                return result
            self.talk.pause(0.05)

    def _await_connection(self):
        if not self._await(self.peer.connections):
            raise Stop("%s: the connection has not come to the peer" % self.place)

    def _module_address(self):
        if self.world.incoming is None:
            raise Stop(
                "%s: the peer must reach the module: --incoming, where the network lets it"
                % self.place
            )
        return self.world.incoming or self.world.address

    def _far_accept(self, _ip, _port):
        if not self.peer:
            raise Stop("%s: needs a peer: --peer" % self.place)
        self.peer.connect(self._module_address(), self.service)

    def _far_got(self, data):
        got = b""

        def more():
            nonlocal got
            got += self.peer.got()
            return len(got) >= len(data)

        self._await_connection()
        self._await(more)
        if got != data:
            self._deviates("data", "at the peer: %r" % data, repr(got))

    def _far_datagram(self, data, _ip, _port):
        if not self.peer:
            raise Stop("%s: needs a peer: --peer" % self.place)
        # Through a network that translates addresses only an answer finds the module.
        place = self._source
        if self.service is not None and self.world.incoming is not None:
            place = (self._module_address(), self.service)
        for _, host, port in self.peer.datagrams():
            place = place or (host, port)
        if place is None:
            self._module_address()
        self.peer.datagram(data, *place)

    def _far_got_datagram(self, data, _ip, _port):
        seen = self._await(self.peer.datagrams)
        if not seen:
            self.outcome.not_tried.append(
                "%s: the datagram has not come to the peer, as datagrams may not" % self.place
            )
            return
        self._source = seen[-1][1:]
        if seen[0][0] != data:
            self._deviates("data", "at the peer: %r" % data, repr(seen[0][0]))
