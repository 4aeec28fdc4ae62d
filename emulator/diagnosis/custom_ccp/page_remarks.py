"""What in the world's custom pages would stop a login, or keep the Contact Control Panel out of its frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from emulator.access.remarks import Remark
from emulator.federation import Federation
from emulator.kernel.errors import Problem
from emulator.worldfile.text.yaml_data import Key

if TYPE_CHECKING:
    from emulator.diagnosis.custom_ccp.page_surroundings import ShownInstance

# A login window that stays open is a matter of taste.
_HARMLESS = "loginPopupAutoClose"
RULE = "custom-page"
UNREAD = "page-not-read"


def page_remarks(federation: Federation) -> Iterator[Remark]:
    """Yields the mistakes in pages' settings, what is missing in an instance that a page embeds, and what is unread."""
    if not federation.world.settings.pages:
        return
    # Few worlds have pages of their own, and reading them takes a good deal of code.
    from emulator.diagnosis.custom_ccp.custom_page_check import findings_in
    from emulator.diagnosis.custom_ccp.page_files import read_pages
    from emulator.diagnosis.custom_ccp.page_surroundings import Surroundings

    around = Surroundings(federation)
    for origin, names in federation.world.settings.pages.items():
        files = read_pages([federation.world.folder / name for name in names])
        for found in findings_in(files, origin, around):
            if found.setting != _HARMLESS:
                yield Remark(RULE, Problem(found.place, found.why, found.want, fix=found.fix))
        for what in files.unread:
            said = f"not all files of the page {origin} were read: {what}"
            fix = "Under pages, name the folder that holds the page's sources alone, unbundled."
            yield Remark(UNREAD, federation.world.problem(("pages", origin), said, fix=fix))
        instances = dict.fromkeys(around.instance_at(shown.value("ccpUrl")) for shown in files.shown)
        for instance in instances:
            if instance is not None:
                yield from _of_instance(federation, origin, instance)


def _of_instance(federation: Federation, origin: str, instance: ShownInstance) -> Iterator[Remark]:
    """The instance has to approve the page's origin, and to allow its cookies in a frame on another site."""
    world, known = federation.world, federation.aws.instance(instance.instance_id)
    if known is None:
        return
    key: Key = ("aws", known.arn.account_id, "connect", instance.instance_id)
    bare = origin.lower().rstrip("/")
    if bare not in instance.approved_origins and bare not in known.origins:
        said = f"the page {origin} shows the instance {instance.alias}, which does not approve that origin"
        fix = f"Add {bare} to approved_origins of the instance."
        yield Remark(RULE, world.problem((*key, "approved_origins"), said, bare, fix=fix))
    if known.cookie_same_site != "None" and bare not in known.origins:
        said = (
            f"the page {origin} shows the instance {instance.alias}, whose session cookies have "
            f"SameSite={known.cookie_same_site}, which keeps them out of frames on other sites"
        )
        yield Remark(RULE, world.problem((*key, "cookie_same_site"), said, "None", fix="Set cookie_same_site to None."))
