"""A run: find out who the module is, keep its settings, the driver's scenarios, the document's
conversations, the settings again."""

import re

from tools.conforming import capture, documents, forms, masks
from tools.conforming.line import Clock, Tap
from tools.conforming.peer import PeerError
from tools.conforming.player import Deviation, Outcome, Player
from tools.conforming.scenarios import NotTried, Scenarios, told
from tools.conforming.settings import Settings
from tools.conforming.talk import Silent, Talk

# Commands whose parameters are the user's, and the driver's own in a test: any will do.
_OPEN_ENDED = re.compile(r"^> (AT\+(?:QIOPEN|QIDNSGIP|QPING|QNTP|QICSGP=\d+,|CGDCONT)=?).*$", re.M)


class CannotRun(Exception):
    """There is no run; the text says what to do."""


class Run:
    """One run on `uart`. `chosen(name)`: whether a section or scenario is wanted; `say`: called
    with what happens. Afterwards: `outcomes`, `restored`, `slow`, `module`, `firmware`."""

    def __init__(self, uart, world, peer, options, say=print, clock=None):
        clock = clock or Clock()
        self.capture = capture.Capture(clock)
        self.tap = Tap(uart, self.capture)
        self.talk = Talk(self.tap, clock, options.longest)
        self.world = world
        self.peer = peer
        self.options = options
        self.say = say
        self.outcomes = []  # (kind, name, Outcome)
        self.heads = {}  # of a chapter's file
        self.restored = []
        self.model = self.name = self.firmware = None
        self.settings = None

    def identify(self):
        """Find out the module; CannotRun where it does not answer or is another."""
        talk = self.talk
        try:
            talk.recover()
        except Silent as error:
            raise CannotRun(
                "%s: is it switched on, is the line right (TX at RX), and the speed (--baud)?"
                % error
            ) from None
        echo = talk.echoes()
        talk.ask("ATE0", 5)
        said = "".join(talk.ask("AT+CGMM", 5)[0])
        self.name = re.sub(r"[^A-Z0-9]", "", said.upper())
        found = [model for model in documents.MODULES if model in self.name]
        if self.options.module:
            found = [self.options.module]
        if not found:
            if echo:
                talk.ask("ATE1", 5)
            raise CannotRun(
                "the module says that it is %r: none of %s. If it is of their kind: --module"
                % (said, " ".join(documents.MODULES))
            )
        self.model = found[0]
        self.title, talk.key = documents.MODULES[self.model]
        talk.guard = documents.GUARD.get(self.model, 1.0)
        self.firmware = " ".join(talk.ask("AT+CGMR", 5)[0])
        self.settings = Settings(talk, talk.key, echo)

    def go(self, chosen):
        """Play all that is `chosen`, and set the settings again."""
        try:
            self._scenarios(chosen)
            self.capture.chapter("between")
            self.talk.recover()
            self._conversations(chosen)
        except (Silent, OSError) as error:  # an OSError: the line is gone
            outcome = Outcome("the end of the run")
            outcome.deviations.append(
                Deviation("from here on", "missing", "an answer", str(error))
            )
            outcome.not_tried.append("what is not listed above")
            self.outcomes.append(("line", "", outcome))
        finally:
            self.capture.chapter("after")
            self._restore()

    def settle_down(self):
        """Nothing was done but to ask: leave the echo as it was."""
        self.settings.restore()

    def _restore(self):
        try:
            self.talk.recover()
            self.restored = self.settings.restore()
        except (Silent, OSError) as error:
            self.restored = ["nothing could be set again: %s" % error]

    # ---- the driver ----

    def _scenarios(self, chosen):
        options = self.options
        scenarios = Scenarios(self._make, self.peer, self.world, options.access, options.bulk)
        self.online = False
        for name, title, call, play in scenarios.all():
            # The others stand on these two.
            if not chosen(name) and name not in ("bringup", "network"):
                continue
            self.capture.chapter(name)
            outcome = Outcome(title)
            self._one(name, outcome, call, play, scenarios)
            scenarios.settle()
            if name == "network":
                self.online = outcome.tried and not outcome.deviations
            self._look_at_urcs(name, outcome)
            self.outcomes.append(("scenario", name, outcome))
            self._said(name, outcome)
            if name == "network":
                self._look_around()

    def _make(self):
        import quectel

        nic = getattr(quectel, self.model)(self.tap)
        if self.options.module:  # whatever it calls itself
            nic.dialect.choose("MODEL", self.name)
        return nic

    def _one(self, name, outcome, call, play, scenarios):
        scenarios.want = None
        try:
            wanted, seen = call()
        except NotTried as reason:
            outcome.tried = False
            outcome.not_tried.append(str(reason))
            return
        except PeerError as error:
            outcome.not_tried.append("from there on: the peer: %s" % error)
            return
        except ValueError as error:  # the driver refuses what the user gave
            raise CannotRun(str(error)) from None
        except OSError as error:
            wanted, seen = "no error", "raises " + told(error)
        if wanted != seen:
            outcome.deviations.append(Deviation(name, "outcome", wanted, seen))
        if play:
            if name == "network" and self.options.access:
                play += " " + masks.APN
            self.heads[name] = (
                "play: %s %s" % (self.model, play),
                "want: " + (scenarios.want or seen),
            )

    def _look_at_urcs(self, name, outcome):
        # The driver lives with other forms; a report tells them, each form once.
        told = {each.printed for _, _, other in self.outcomes for each in other.deviations}
        for line in capture.lines(self.capture.chapters[-1][1]):
            found = forms.urc_difference(line)
            if found and found[0] not in told:
                told.add(found[0])
                outcome.deviations.append(Deviation(name, found[1], found[0], line))

    def _look_around(self):
        # What the conversations need to know. The driver is at rest.
        self.capture.chapter("between")
        talk = self.talk
        question, prefix = (
            ("AT+QIACT?", "+QIACT:")
            if talk.key in ("bg95", "rm500u")
            else ("AT+CGPADDR?", "+CGPADDR:")
        )
        for line in talk.ask(question)[0]:
            found = re.search(r'[,"](\d{1,3}(?:\.\d{1,3}){3})', line)
            if line.startswith(prefix) and found and not self.world.address:
                self.world.address = found.group(1)
        found = talk.value("AT+QICSGP=1", "+QICSGP:") if prefix == "+QIACT:" else None
        self.world.access_point = found and found.split(",")

    # ---- the document ----

    def _conversations(self, chosen):
        player = Player(self.talk, self.model, self.world, self.peer)
        for name, parts in documents.sections(self.model):
            if not chosen(name):
                continue
            self.capture.chapter(name)
            reason = None
            if self.talk.dead:
                reason = "the module does not answer any more"
            elif documents.uses_network(parts) and not self.online:
                reason = "there is no network"
            if reason:
                outcome = Outcome(documents.title(parts))
                outcome.tried = False
                outcome.not_tried.append(reason)
            else:
                outcome = player.section(parts)
            self.outcomes.append(("conversation", name, outcome))
            self._said(name, outcome)

    def _said(self, name, outcome):
        word = "as documented"
        if outcome.deviations:
            word = "%d deviations" % len(outcome.deviations)
        elif not outcome.tried:
            word = "not tried: " + outcome.not_tried[0]
        self.say("%-14s %s: %s" % (name, outcome.title, word))

    # ---- what is left of it ----

    @property
    def deviations(self):
        """All of them."""
        return [each for _, _, outcome in self.outcomes for each in outcome.deviations]

    def masked(self):
        """The Masks for all that has passed."""
        known = masks.Masks()
        world, options = self.world, self.options
        if world.peer:
            known.add(world.peer[0], masks.PEER)
            known.add_port(world.peer[1], masks.PEER_PORT)
        known.add(options.peer_name, masks.PEER)
        known.add(world.host, masks.HOST)
        known.add(world.ntp, masks.TIME_SERVER)
        for secret, shown in zip(options.access, (masks.APN, masks.USER, masks.PASSWORD)):
            known.add(secret, shown)
        for _, pieces in self.capture.chapters:
            capture.learn(known, pieces)
        return known

    def files(self):
        """(name of a file, its text) for each chapter in which something passed."""
        known = self.masked()
        before = []
        for number, (name, pieces) in enumerate(self.capture.chapters):
            if name == "bringup":
                before = pieces
            elif name == "network":
                pieces = before + pieces  # as its scenario plays both
            if not pieces:
                continue
            head = self.heads.get(name, ())
            title = "%s, %s: %s." % (self.model, self.firmware, name)
            text = capture.behaviour(title, pieces, known, head)
            if head:
                text = _OPEN_ENDED.sub(r"> \1*", text)
            yield "%02d-%s.txt" % (number, name), text
