"""The two seams of the core: whatever stands there has all that the core asks of it."""

from quectel.at import Command
from quectel.bringup.counted import Counted
from quectel.bringup.waking import Waker
from quectel.config.options import HexSend
from quectel.connection import Read
from quectel.dialects import PromptSend
from quectel.dialects.bc20 import LineSend
from quectel.modes.formats import Decoder, Sender
from quectel.modes.pipe import Pipe
from quectel.modes.push import Pushed
from quectel.modes.server import ServiceRead, ServiceSend
from quectel.output import Output
from quectel.staging import Staging

SINK = ("write", "complete", "damaged")


def lacking(kinds, names):
    return [
        (kind.__name__, name)
        for kind in kinds
        for name in names
        if not callable(getattr(kind, name, None))
    ]


def test_every_sink_has_what_the_channel_calls():
    assert lacking((Staging, Pushed, Decoder, Pipe), SINK) == []


def test_the_sink_of_a_stream_says_how_much_room_it_has():
    assert lacking((Pipe,), ("room",)) == []


def test_every_staging_has_what_a_connection_calls():
    names = ("open", "close", "take", "read", "find", "drop", "__len__")
    assert lacking((Staging, Pushed, Pipe), names) == []


def test_every_output_has_what_the_channel_calls():
    assert lacking((Output, Counted, Waker), ("write", "pace", "nap_ms")) == []


def test_every_reader_and_writer_is_a_command_with_what_a_connection_calls():
    readers = (Read, ServiceRead)
    writers = (PromptSend, LineSend, ServiceSend, Sender, HexSend)
    assert lacking(readers, ("ask", "line")) == []
    assert lacking(writers, ("load", "largest")) == []
    assert [kind for kind in readers + writers if not issubclass(kind, Command)] == []


def test_what_lacks_something_is_found():
    class Deaf:
        def write(self, buf, start, count):
            pass

    assert lacking((Deaf,), SINK) == [("Deaf", "complete"), ("Deaf", "damaged")]
