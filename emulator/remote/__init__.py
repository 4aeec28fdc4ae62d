"""An emulator that runs in another process, used over a socket as one in this process is."""
