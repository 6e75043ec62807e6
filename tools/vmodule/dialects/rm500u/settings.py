"""QICFG where it does something of its own, QIGETERROR (2.3.1, 2.3.16)."""

from ...config import Config


class Settings(Config):
    KEEPALIVE_BRIEF = False

    def peer_ended(self, service):
        """ "passiveclosed" 1: the peer's FIN is answered with ours at once, not at QICLOSE."""
        if not self.config["passiveclosed"][0] or self.streaming is service:
            return
        endpoint, service.endpoint = service.endpoint, None
        if endpoint:
            endpoint.close(self.CLOSE_TIMEOUT, lambda: None)
