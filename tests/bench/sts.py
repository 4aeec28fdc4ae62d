"""AssumeRoleWithSAML calls to one server, one after another.

    python -m tests.bench.sts PORT FORM_FILE CALLS

posts the form in the file once, prints ``ready``, and waits for a line; then it posts the form so often and prints how
many calls gave credentials.
"""

from __future__ import annotations

import http.client
import sys
from pathlib import Path

_HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}


def main() -> None:
    """Calls as often as asked and prints how often it worked."""
    port, form_file, calls = sys.argv[1:]
    form = Path(form_file).read_bytes()
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=30)

    def call() -> bool:
        connection.request("POST", "/", form, _HEADERS)
        answer = connection.getresponse()
        return b"<SessionToken>" in answer.read() and answer.status == 200

    call()
    print("ready", flush=True)
    input()
    print(sum(call() for _ in range(int(calls))), flush=True)


if __name__ == "__main__":
    main()
