"""mqtt_async, unmodified, with the interface as network.WLAN(), and mosquitto as the broker."""

import end_to_end
import end_to_end_daemons
import others
import pytest

pytestmark = pytest.mark.interpreters("unix")


@pytest.mark.parametrize("dialect", ["bg95", "bc25", "bc95"])
def test_mqtt_async(interpreter, dialect, tmp_path):
    with end_to_end_daemons.broker(tmp_path) as broker:
        host = "broker.example=127.0.0.1:%d" % broker.port
        with end_to_end.module(interpreter, "--host", host, dialect=dialect) as modem:
            others.run(modem, ["micropython-mqtt"], "wifi_mqtt", "messages", 6)
