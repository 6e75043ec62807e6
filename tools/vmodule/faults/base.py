"""What every fault is made of. The engine says where it calls each hook."""


class Fault:
    """Nothing goes wrong. `module` is the Engine."""

    # (name, default). Default None: it must be given; default "", or the name "text" for the last
    # one: it is a text, else a number.
    arguments = ()

    over = False  # it has been removed

    def __init__(self, module, values, about=False):
        self.module = module
        self.about = about
        for (name, _), value in zip(self.arguments, values):
            setattr(self, name, value)

    def begin(self):
        """The module has been built."""

    def started(self):
        """The module has forgotten what was in RAM, at a restart or when it is switched off."""

    def boot(self, texts):
        """What the module says when it has booted."""
        return texts

    def interval(self, seconds):
        """Seconds until the next time: about so many, or just so many."""
        return self.module.random.uniform(0, 2 * seconds) if self.about else seconds

    # --- the line --------------------------------------------------------------------------

    def input(self, data):
        """Bytes from the host, on their way in."""
        return data

    def output(self, data):
        """Bytes to the host, on their way out."""
        return data

    def typed(self, data):
        """Bytes of a send that the module takes behind a prompt."""
        return data

    def boundary(self):
        """A line boundary: a text to put there, or None."""
        return None

    def dtr_changes(self):
        """DTR is about to go to the other level."""

    # --- commands and their answers --------------------------------------------------------

    def swallows(self, line):
        """True if this command line gets no answer."""
        return False

    def refusal(self, name):
        """May raise Refused before the command `name` is carried out."""

    def restarts(self):
        """AT+CFUN=1,1: False if no restart follows its OK. May raise Refused."""
        return True

    def delay(self):
        """Seconds more before the answer."""
        return 0.0

    def line(self, text):
        """A line of information, a URC, or the header of a payload; None where it is lost."""
        return text

    def result(self, text):
        """A result line such as OK or SEND OK; None where it is lost."""
        return text

    def count(self, count, asked):
        """What the header of a payload says instead of `count`; `asked` bytes were asked for."""
        return count

    def payload(self, data):
        """The data behind such a header."""
        return data

    def shows_prompt(self):
        """False if the prompt for data is lost, though the module waits for them."""
        return True

    def between(self):
        """After the OK of an answer of two lines, before the second."""

    def setting(self, key, args):
        """May raise Refused before a known key of QICFG is asked for or set."""

    def send_fails(self):
        return False

    # --- sockets ---------------------------------------------------------------------------

    def announces(self, service):
        """False if no recv URC is told of what has just come."""
        return True

    def forgets(self):
        """True if this end by the peer frees the socket, with what nobody has read."""
        return False

    def dns_delay(self):
        """Seconds more that a look-up takes."""
        return 0.0

    # --- URCs ------------------------------------------------------------------------------

    def keep_urc(self, text):
        """False if this URC is lost."""
        return True

    def cut(self, text):
        """How many characters are lost at the front of this URC, its CRLF among them."""
        return 0


class Counted(Fault):
    """A fault that comes every so many times."""

    arguments = (("every", None),)

    def begin(self):
        self.occasions = 0

    def due(self):
        self.occasions += 1
        if self.about:
            return self.module.random.random() * self.every < 1
        return self.occasions % int(self.every) == 0
