"""QICFG with what is kept in flash, QIGETERROR of the last error, and BC25's QIKALIVE
("BC65&BC92&BC95-GR TCP/IP Application Note", 2.2.11, 2.2.12; "BC25&BC32 TCP/IP", 2.1.13)."""

from ..args import Refused
from ..config import Config
from ..engine import READ, WRITE

NOT_SUPPORTED = 555
KEPT = ("dataformat", "viewmode", "showlength")


class NbConfig(Config):
    """Mixin. `flash` outlives a reboot: {"access": mode, key of QICFG: its values}."""

    SETTING_SHOWN = True  # a setting is answered with its line, as the examples of QICFG have it

    def _start(self):
        super()._start()
        self.flash = getattr(self, "flash", {})
        for key in KEPT:
            self.config[key] = self.flash.get(key, self.config[key])

    def _config_plain(self, key, args):
        super()._config_plain(key, args)
        if len(args) == 1:
            return
        if key in KEPT:
            self.flash[key] = self.config[key]
        if self.SETTING_SHOWN:
            self.show_config(key, self.config[key])

    def config_dataformat(self, key, args):
        if len(args) > 1:
            args.expect(3, 3)
            if args.integer(1, 0, 1):
                raise Refused(NOT_SUPPORTED)  # 2.2.11: sending can only be text
        self._config_plain(key, args)


class LastError:
    """Mixin: QIGETERROR tells the last error, also after what went well (chapter 3)."""

    def _start(self):
        self._last_error = 0
        super()._start()

    @property
    def last_result(self):
        return self._last_error

    @last_result.setter
    def last_result(self, code):
        self._last_error = code or self._last_error


class KeepAlive:
    """Mixin."""

    KEEPALIVE = ((0, 1), (1, 36000, 60), (10, 20, 10), (1, 255, 9))

    def _start(self):
        super()._start()
        self.keepalive = (0, 60, 10, 9)

    def ip_qikalive(self, form, args):
        if form == READ:
            return self.info("+QIKALIVE: {},{},{},{}".format(*self.keepalive))
        if form != WRITE:
            raise Refused
        args.expect(1, 5)
        values = tuple(args.integer(at, *field) for at, field in enumerate(self.KEEPALIVE))
        if args.given(4):
            raise Refused(NOT_SUPPORTED)  # note 1: <keepalive_data>
        self.keepalive = values
