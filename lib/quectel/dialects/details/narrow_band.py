# What the documents of the BC modules share.

from quectel.dialects import details


class Details(details.Details):
    """No context commands; settings that a module keeps over a restart."""

    REGISTRATION = ()
    ATTACH_MS = 60000
    RESTART = (b"AT+CFUN=1,1", b"AT+NRB")  # no document has the second: BC95 does
    # Kept in flash: an earlier program may have chosen otherwise.
    SETTINGS = (
        b'AT+QICFG="dataformat",0,0',
        b'AT+QICFG="viewmode",0',
        b'AT+QICFG="showlength",1',
    )
    STATES = ("initial", "opening", "connected", "closing", "remote closing", "closed")
    TEXT_FORMS = HEX_FORMS = ("line", "length", "ctrl-z")
    QICFG = {"dataformat": ((0, 1), (0, 1)), "viewmode": ((0, 1),), "showlength": ((0, 1),)}
    # BC25&BC32 4.4: whether the module may sleep deeply. The others have the command as well.
    OPTIONS = {"qsclk": (b"AT+QSCLK", ((0, 1),))}
    DNS = "one"
    PING_SIZES = (32, 200)
