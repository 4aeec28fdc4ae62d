"""Pages of the user's own at emulated hosts: folders that the world names."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.federation import Federation
from emulator.kernel.errors import WorldError
from emulator.network.keys import KeyFolder
from emulator.world import World, change_world

CRM = "https://connect.example.com"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Returns a folder with a page, a script, a picture, and something beside it that is not for anybody."""
    folder = tmp_path / "site"
    (folder / "agents").mkdir(parents=True)
    (folder / "index.html").write_text("<title>front</title>")
    (folder / "ccp.html").write_text("<title>ccp \u00e9</title>", encoding="utf-8")
    (folder / "agents" / "index.html").write_text("<title>agents</title>")
    (folder / "app.js").write_text("1;")
    (folder / "logo.png").write_bytes(b"\x89PNG")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


@pytest.fixture
def served(world: World, keys: KeyFolder, site: Path, tmp_path: Path) -> Federation:
    """Serves two folders, the second of which has a script of the same name."""
    second = tmp_path / "second"
    second.mkdir()
    (second / "app.js").write_text("2;")
    (second / "library.js").write_text("3;")
    return Federation(change_world(world, {"/pages": {CRM: [str(site), str(second)]}}), keys=keys)


@pytest.mark.parametrize(
    ("path", "kind", "text"),
    [
        ("/", "text/html; charset=utf-8", "<title>front</title>"),
        ("/ccp", "text/html; charset=utf-8", "<title>ccp \u00e9</title>"),
        ("/ccp?x=1", "text/html; charset=utf-8", "<title>ccp \u00e9</title>"),
        ("/ccp.html", "text/html; charset=utf-8", "<title>ccp \u00e9</title>"),
        ("/agents/", "text/html; charset=utf-8", "<title>agents</title>"),
        ("/app.js", "text/javascript; charset=utf-8", "1;"),
        ("/library.js", "text/javascript; charset=utf-8", "3;"),
    ],
)
def test_a_file_is_found_as_on_a_web_server(served: Federation, path: str, kind: str, text: str) -> None:
    """With and without its ending, in the first folder that has it."""
    page = served.browser().open(CRM + path)
    assert (page.status, page.headers["Content-Type"], page.text) == (200, kind, text)


@pytest.mark.parametrize(
    "path", ["/none", "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "//etc/passwd", "/a%00b", "/%ff"]
)
def test_nothing_outside_the_folders_is_given(served: Federation, path: str) -> None:
    """A name that leads out is a name that is not there."""
    page = served.browser().open(CRM + path)
    assert page.status == 404
    assert page.text.startswith("fedemu: there is no file for ")
    assert "secret" not in page.text.partition(" in ")[2]


def test_other_hosts_and_methods_are_answered_as_before(served: Federation) -> None:
    """A post is for the service provider's page; a host without folders shows where the login arrived."""
    assert "Received, and not readable" in served.browser().post(f"{CRM}/acs", {"SAMLResponse": "x"}).text


def test_a_folder_that_is_not_there_is_a_mistake_in_the_world(world: World) -> None:
    """Told with its line when the world is loaded."""
    with pytest.raises(WorldError, match="there is no folder nowhere"):
        change_world(world, {"/pages": {CRM: ["nowhere"]}})
    with pytest.raises(WorldError, match="is not the origin of a page"):
        change_world(world, {"/pages": {f"{CRM}/ccp": ["."]}})
