"""The table of commands and URCs in lib/quectel/README.md is what the dialects' data says."""

import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent


def test_the_table_is_up_to_date():
    command = [sys.executable, str(TOP / "tools" / "support_table.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
