"""``python -m tests.reference`` writes docs/world.md and docs/cli.md."""

from __future__ import annotations

from tests.reference import command_page, world_page


def main() -> None:
    """Writes both pages."""
    world_page.PAGE.write_text(world_page.page(), encoding="utf-8")
    command_page.PAGE.write_text(command_page.page(), encoding="utf-8")


if __name__ == "__main__":
    main()
