"""The page around a frame and the tile where a login begins: what is wrong with them, and where they are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from emulator.diagnosis.custom_ccp.ccp_url_check import PageFinding
from emulator.diagnosis.custom_ccp.custom_page_check import findings_in
from emulator.diagnosis.custom_ccp.page_files import PageFiles, read_pages
from emulator.diagnosis.custom_ccp.page_surroundings import LoginLink, Surroundings, federated_instance
from emulator.diagnosis.origins import Origin, OriginKind
from emulator.kernel.explanations import Explanation, PageAround, Tile

if TYPE_CHECKING:
    from emulator.federation import Federation


def explain_embedding(cause: PageAround | Tile, federation: Federation) -> Explanation | None:
    """Returns what is wrong with a page or with the tiles, or None where nothing is known."""
    around = Surroundings(federation)
    if isinstance(cause, Tile):
        return _of_tile(cause, around)
    finding = next(iter(_relevant(cause, federation, around)), None)
    if finding is None:
        return None
    return Explanation(finding.why, want=finding.want, got=finding.got, fix=finding.fix)


def origins_of_embedding(cause: PageAround | Tile, federation: Federation) -> Iterator[Origin]:
    """Yields where a page's setting is written; a tile that was not opened is not at fault."""
    if isinstance(cause, Tile):
        return
    finding = next(iter(_relevant(cause, federation, Surroundings(federation))), None)
    if finding is not None:
        yield Origin(OriginKind.PAGE, finding.place)
        return
    shown = [each for origin in _pages(cause, federation) for each in _read(origin, federation).shown]
    place = next((each.place(name) for each in shown for name in cause.settings if name in each.settings.given), None)
    if place is not None:
        yield Origin(OriginKind.PAGE, place)
    else:
        page = f"the page at {cause.origin}" if cause.origin else "the page around the frame"
        yield Origin(OriginKind.OUTSIDE, text=f"{page}: {' or '.join(cause.settings[:2])}")


def _of_tile(cause: Tile, around: Surroundings) -> Explanation:
    leading = _leading(cause, around)
    if not leading:
        return Explanation(
            "No tile of an org here leads to this instance.",
            want=f"an app whose default relay state is {cause.leads_to}",
            fix=f"Set the default relay state of the app to {cause.leads_to}, and open its tile.",
        )
    link = leading[0]
    tile = f"open the tile {link.label} of {link.org_host}, {link.url}"
    return Explanation("", fix=f"Begin at the identity provider: {tile}")


def _leading(cause: Tile, around: Surroundings) -> list[LoginLink]:
    return around.links_to(federated_instance(cause.leads_to))


def _relevant(cause: PageAround, federation: Federation, around: Surroundings) -> list[PageFinding]:
    """Returns the mistakes that may be behind a refusal, in the order in which it names the settings."""
    found = [
        finding
        for origin in _pages(cause, federation)
        for finding in findings_in(_read(origin, federation), origin, around)
        if finding.setting in cause.settings
    ]
    return sorted(found, key=lambda finding: cause.settings.index(finding.setting))


def _pages(cause: PageAround, federation: Federation) -> list[str]:
    """Returns the origins whose files are served here; all of them where the browser did not reveal the origin."""
    origins = federation.world.settings.pages
    return [each for each in origins if not cause.origin or each.lower() == cause.origin]


def _read(origin: str, federation: Federation) -> PageFiles:
    folders = [federation.world.folder / name for name in federation.world.settings.pages[origin]]
    return read_pages(folders, first=_served(origin, federation))


def _served(origin: str, federation: Federation) -> list[str]:
    """Returns the names of the pages of an origin that a browser loaded last, the last one first."""
    names: list[str] = []
    for exchange in reversed(federation.gateway.exchanges):
        parts = urlsplit(exchange.url)
        if f"https://{parts.hostname}" == origin.lower() and exchange.status == 200:
            path = parts.path.strip("/")
            names += [path, f"{path}.html", f"{path}/index.html"] if path else ["index.html"]
    return names
