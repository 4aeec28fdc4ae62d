"""An Amazon Connect instance as a browser meets it: its sessions, the Contact Control Panel, and who may frame it."""
