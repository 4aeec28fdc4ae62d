"""``python -m emulator`` is ``fedemu``."""

from emulator.cli import main

main()
