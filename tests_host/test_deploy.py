"""tools/deploy: on an mpremote that is data, on the real one without a board, on the Pico."""

import json
import os
import re
import shlex
import subprocess
import sys

import end_to_end
import end_to_end_peers as peers
import interpreters
import pytest
from test_examples import NAME, number_of
from test_first_program import PAGE, web_server
from tools.benching import memory
from tools.deploying import checks
from tools.pico import emulated, found, image

TOP = interpreters.TOP
DEPLOY = TOP / "tools" / "deploy"
# An emulated Pico beside a busy neighbour is slow: it must not be given up.
PATIENT = [sys.executable, str(TOP / "tools" / "pico" / "patient_mpremote.py")]
_LIMIT = 1800  # s; only what hangs is ended by it

PICO = {
    "platform": "rp2",
    "machine": "Raspberry Pi Pico with RP2040",
    "version": [1, 22, 0],
    "heap": 190000,
    "block": 4096,
    "room": 1400000,
    "lib": "/lib",
    "held": 0,
    "main": False,
}
FIRST_LIGHT = TOP / "tools" / "deploying" / "portable" / "first_light.py"
LIGHT = "ok  module: BG95-S5, firmware R01\nfirst light: ok"
LEAST_HEAP = "%d KB" % -(-checks.least_heap(False) // 1024)  # as the kept figures say


def deploy(*words, env=None, cwd=None):
    return subprocess.run(
        [sys.executable, str(DEPLOY), *map(str, words)],
        check=False,
        cwd=cwd,
        env=dict(os.environ, **(env or {})),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=_LIMIT,
    )


@pytest.fixture
def acted(tmp_path):
    """A function that runs tools/deploy on the fake mpremote; the process, and its commands.

    `answers` go before the usual ones, `facts` are what is unusual of the board."""

    def act(*words, answers=(), cwd=None, **facts):
        told = tmp_path / "answers.json"
        log = tmp_path / "log"
        usual = [
            ["version", 0, "mpremote 1.25.0"],
            ["facts.py", 0, "facts " + json.dumps(dict(PICO, **facts))],
            ["first_light.py", 0, LIGHT],
        ]
        told.write_text(json.dumps({"log": str(log), "answers": [*answers, *usual]}))
        log.write_text("")
        command = shlex.join([sys.executable, str(interpreters.HERE / "fake_mpremote.py")])
        done = deploy("--mpremote", command, *words, env={"FAKE_MPREMOTE": str(told)}, cwd=cwd)
        return done, [json.loads(line) for line in log.read_text().splitlines()]

    return act


def mpremote(*words):
    done = subprocess.run(
        [*PATIENT, *words],
        check=False,
        cwd=TOP,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_LIMIT,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout.strip()


def fails(done, code, *words):
    assert done.returncode == code, (done.stdout, done.stderr)
    assert done.stderr.startswith("tools/deploy: ")
    for word in words:
        assert word in done.stderr, word
    assert "Traceback" not in done.stderr


def programs(name, without=None):
    """The files of a folder of boards/ as a command has them."""
    names = sorted(path.name for path in (TOP / "boards" / name).glob("*.py"))
    return ["boards/%s/%s" % (name, each) for each in names if each != without]


def installs(commands):
    return [words for words in commands if "mip" in words or "cp" in words]


# ---- what it does ----


def test_what_it_runs_and_shows(acted):
    done, commands = acted("rp2")
    assert done.returncode == 0, done.stderr
    wanted = [
        ["run", "tools/deploying/portable/facts.py"],
        ["mip", "install", "package.json"],
        ["cp", *programs("rp2"), ":"],
        ["run", "tools/deploying/portable/first_light.py"],
    ]
    assert commands == [["version"], *wanted]
    shown = [line[2:] for line in done.stdout.splitlines() if line.startswith("$ ")]
    assert shown == ["mpremote " + " ".join(words) for words in wanted]
    assert "  ok  module: BG95-S5, firmware R01" in done.stdout.splitlines()
    assert done.stdout.splitlines()[-1] == "  mpremote run boards/rp2/main.py"


def test_a_device_is_given_to_every_command(acted):
    done, commands = acted("rp2", "--device", "/dev/ttyACM1")
    assert done.returncode == 0
    assert all(words[:2] == ["connect", "/dev/ttyACM1"] for words in commands[1:])


def test_the_main_py_of_the_board_is_kept(acted):
    done, commands = acted("rp2", main=True)
    assert ["cp", *programs("rp2", "main.py"), ":"] in commands
    assert "--main" in done.stdout
    _, commands = acted("rp2", "--main", main=True)
    assert ["cp", *programs("rp2"), ":"] in commands


def test_it_can_only_look(acted):
    done, commands = acted("rp2", "--no-install", room=0)
    assert done.returncode == 0
    assert not installs(commands) and len(commands) == 3
    done, commands = acted("rp2", "--no-light")
    assert done.returncode == 0
    assert "tools/deploying/portable/first_light.py" not in commands[-1]


def test_a_board_and_a_package_of_ones_own(acted, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "board.py").write_text('PLATFORM = "rp2"\n')
    (mine / "sensor.py").write_text("")
    (tmp_path / "at.mpy").write_bytes(bytes(5000))
    package = tmp_path / "package.json"
    package.write_text(json.dumps({"urls": [["quectel/at.mpy", "at.mpy"]]}))
    words = ("mine", "--package", "package.json")
    done, commands = acted(*words, cwd=tmp_path, heap=checks.least_heap(True))  # enough for .mpy
    assert done.returncode == 0, done.stderr
    assert ["mip", "install", str(package)] in commands
    assert ["cp", str(mine / "board.py"), str(mine / "sensor.py"), ":"] in commands
    done, commands = acted(mine, "--package", package, room=4096)  # two blocks are needed
    fails(done, checks.FULL, "4 KB", "8 KB")


@pytest.mark.parametrize("name", sorted(checks.names()))
def test_every_folder_can_be_named(acted, name):
    platform = checks.names()[name]
    done, commands = acted(name, platform=platform)
    assert done.returncode == 0, done.stderr
    assert commands[3][1] == "boards/%s/board.py" % name


def test_a_driver_that_is_replaced_makes_room(acted):
    need = checks.package(TOP / "package.json").blocks(4096)
    done, commands = acted("rp2", room=need)
    assert done.returncode == 0, done.stderr
    assert not any("rm" in words for words in commands)
    done, commands = acted("rp2", room=4096, held=need - 4096, lib="/flash/lib")
    assert done.returncode == 0, done.stderr
    at = commands.index(["rm", "-r", ":/flash/lib/quectel"])
    assert commands[at + 1][:2] == ["mip", "install"]


# ---- what is wrong, and what to do ----


@pytest.mark.parametrize(
    "facts, code, words",
    [
        (
            {"platform": "esp32", "machine": "An ESP32"},
            checks.WRONG_BOARD,
            ["deploy esp32", "An ESP32"],
        ),
        ({"platform": "nrf52"}, checks.WRONG_BOARD, ["nrf52", "copy"]),
        ({"version": [1, 21, 0]}, checks.OLD, ["1.21.0", "1.22", "firmware"]),
        ({"heap": 80000}, checks.NO_MEMORY, ["78 KB", LEAST_HEAP, ".mpy"]),
        ({"room": 100000}, checks.FULL, ["97 KB", "mpremote rm", ".mpy"]),
    ],
)
def test_a_board_that_will_not_do(acted, facts, code, words):
    done, commands = acted("rp2", **facts)
    fails(done, code, *words)
    assert not installs(commands)


@pytest.mark.parametrize(
    "answer, code, words",
    [
        (["version", 0, "mpremote 1.24.1"], checks.NO_MPREMOTE, ["1.25", "pip install"]),
        (["facts.py", 1, "mpremote: no device found"], checks.NO_BOARD, ["USB", "--device"]),
        (
            ["facts.py", 1, "mpremote: failed to access /dev/ttyACM0 (it may be in use)"],
            checks.NO_BOARD,
            ["another program"],
        ),
        (["facts.py", 1, "mpremote: could not enter raw repl"], checks.NO_BOARD, ["reset"]),
        (["facts.py", 0, "what is this?"], checks.FAILED, ["did not say"]),
        (["mip", 1, "OSError: [Errno 28] ENOSPC"], checks.FULL, ["mpremote rm"]),
        (["cp", 1, "OSError: 28"], checks.FULL, ["mpremote rm"]),
        (["mip", 1, "something else"], checks.FAILED, ["mip install package.json"]),
        (["first_light.py", 0, "first light: look there"], checks.NO_LIGHT, ["look there"]),
        (["first_light.py", 1, "ImportError: no module"], checks.FAILED, ["first_light.py"]),
        (["first_light.py", 0, ""], checks.NO_LIGHT, ["ended early"]),
    ],
)
def test_what_mpremote_may_say(acted, answer, code, words):
    done, commands = acted("rp2", answers=[answer])
    fails(done, code, *words)
    assert any(answer[0] in shlex.join(command) for command in commands[-1:]), commands


def test_arguments(acted, tmp_path):
    done, _ = acted("arduino")
    fails(done, checks.ARGUMENTS, "arduino", "rp2", "esp32")
    done, _ = acted(TOP / "boards" / "unix")
    fails(done, checks.ARGUMENTS, "PLATFORM")
    done, _ = acted("rp2", "--package", tmp_path / "none.json")
    fails(done, checks.ARGUMENTS, "none.json")
    assert deploy().returncode == checks.ARGUMENTS


def test_no_mpremote(tmp_path):
    done = deploy("rp2", "--mpremote", tmp_path / "none")
    fails(done, checks.NO_MPREMOTE, "none")


def test_every_exit_code_is_told():
    told = deploy("--help").stdout
    for code in range(10):
        assert " %d " % code in told.split("Exit code:")[1].replace("\n", " "), code


@pytest.mark.parametrize("device", ["socket://127.0.0.1:1", "/dev/no-such-port"])
def test_the_real_mpremote_without_a_board(device):
    done = deploy("rp2", "--device", device)
    fails(done, checks.NO_BOARD, "--device")


@pytest.mark.interpreters("cpython", "unix")
@pytest.mark.parametrize("fault, verdict", [("sim-pin", "the SIM asks for its PIN"), (None, "ok")])
def test_what_runs_on_the_board_says_what_is_wrong(interpreter, fault, verdict):
    options = ["--fault", fault] if fault else []
    with web_server() as web:
        hosts = ["--host", "example.com=127.0.0.1:%d" % web]
        with end_to_end.module(interpreter, *hosts, *options) as module:
            done = interpreters.run_program(
                interpreter, FIRST_LIGHT, env={"MODEM": module.modem, "MODULE": "BG95S5"}
            )
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1].startswith("first light: " + verdict), done.stdout


# ---- on an emulated Pico ----

ON_PICO = pytest.mark.skipif(
    found.missing() is not None, reason="emulated Pico: %s" % found.missing()
)


@pytest.fixture
def flash(tmp_path):
    """A function that makes a flash image of {path: bytes}."""

    def make(files):
        path = tmp_path / "flash.img"
        path.write_bytes(image.build(found.FIRMWARE.read_bytes(), files))
        return path

    return make


def on_pico(board, device, *words):
    return deploy(board, "--device", device, "--mpremote", shlex.join(PATIENT), *words)


@pytest.fixture
def compiled(tmp_path):
    """A package.json of the driver as .mpy, with one dialect: at the REPL's 115200 baud the whole
    of it takes minutes, and is installed by other tests."""
    memory.compiled(tmp_path / "lib")
    others = re.compile(r"/(bc\d\d|narrow_band|rm500u)\.mpy$")
    names = [path.relative_to(tmp_path / "lib") for path in (tmp_path / "lib").rglob("*.mpy")]
    urls = [[str(name), "lib/%s" % name] for name in names if not others.search("/%s" % name)]
    package = tmp_path / "package.json"
    package.write_text(json.dumps({"urls": urls, "deps": [], "version": "0"}))
    return package


@ON_PICO
def test_a_pico_gets_to_its_first_packet(flash, compiled):
    # Python takes a .py before a .mpy: what was installed before must go.
    old = {"lib/quectel/__init__.py": b"raise ImportError('the old driver')\n"}
    with web_server() as web, peers.udp(number_of) as udp:
        hosts = ["--host", "example.com=127.0.0.1:%d" % web]
        hosts += ["--host", "%s=127.0.0.1:%d" % (NAME, udp.port)]
        with end_to_end.module("unix", *hosts) as module:
            line = module.modem.partition(":")[2]
            with emulated.board(flash(old), uart1=line) as pico:
                _first_packet(pico.repl, compiled)


def _first_packet(device, package):
    fails(on_pico("esp32", device), checks.WRONG_BOARD, "deploy pico_lte or rp2")
    done = on_pico("rp2", device, "--package", package)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert "ok  module: BG95-S5, firmware BG95S5LAR02A00" in lines
    assert "ok  packet: example.com:80 answers" in lines and "first light: ok" in lines
    # The command that it names fetches a page.
    assert mpremote(*shlex.split(lines[-1])[1:]).endswith(PAGE.decode().strip())
    # boards/examples/README.md says how an example gets its arguments.
    mpremote("connect", device, "cp", "boards/examples/online.py", ":")
    words = ["", NAME, "5683", "2", "0"]
    said = mpremote(
        *("connect", device, "exec", "import sys; sys.argv[:] = %r" % words),
        *("run", "boards/examples/udp_telemetry.py"),
    )
    assert said.endswith("0 of 2 lost")
    done = on_pico("rp2", device, "--no-install", "--no-light")
    assert re.search(r", a driver of \d+ KB, a main.py$", done.stdout, re.M), done.stdout


@ON_PICO
def test_a_pico_without_room(flash):
    with emulated.board(flash({"data.bin": bytes(image.FILES - 300 * 1024)})) as pico:
        fails(on_pico("rp2", pico.repl), checks.FULL, "mpremote rm")
