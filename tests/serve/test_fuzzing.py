"""A thousand requests that nobody would think of, made from the server's own description."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path


def test_no_request_makes_the_server_fail(server, tmp_path):
    """Schemathesis makes cases at the limits of every parameter and beyond them; no answer is a 5xx."""
    cases = 200 if "PAPERKG_REQUIRE_ALL" in os.environ else 10
    done = subprocess.run(
        [
            *(Path(sys.executable).with_name("schemathesis"), "run", f"{server.url}/openapi.json"),
            *("--checks", "not_a_server_error", "--phases", "coverage,fuzzing"),
            *("-n", str(cases), "--generation-deterministic"),
            *("--suppress-health-check", "all", "--no-color"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    generated, passed = map(int, re.search(r"(\d+) generated, (\d+) passed", done.stdout).groups())
    assert generated == passed > 3 * cases
