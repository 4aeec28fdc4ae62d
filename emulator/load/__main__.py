"""``python -m emulator.load``: Locust as ``fedemu load`` starts it.

Locust puts the current folder before everything else that is imported. What a load needs is imported before that, so
that a folder of the user's which is called ``emulator`` too is not taken for this one.
"""

import sys

from locust.main import main

import emulator.load.login_user  # noqa: F401  for what it brings in

sys.argv[0] = "fedemu load"
main()
