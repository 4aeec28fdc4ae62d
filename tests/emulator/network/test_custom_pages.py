"""Pages of the user's own at emulated hosts: folders that the world names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from emulator.federation import Federation
from emulator.kernel.errors import WorldError
from emulator.network.data_folder.keys import KeyFolder
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


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/.env", "files whose names begin with a dot are not served: /.env"),
        ("/.git/config", "files whose names begin with a dot are not served: /.git/config"),
        ("/agents/.htpasswd", "files whose names begin with a dot are not served: /agents/.htpasswd"),
        ("/fair.txt", "{site}/fair.txt is a link to a file whose name begins with a dot, and is not followed"),
        ("/out.txt", "{site}/out.txt is a link that leads out of {site}, and is not followed"),
        ("/outside/secret.txt", "{site}/outside/secret.txt is a link that leads out of {site}, and is not followed"),
        ("/big.bin", "{site}/big.bin has more than 32,000,000 bytes, and larger files are not served"),
        ("/pipe", "there is no file for /pipe in {site}, {second}"),
    ],
)
def test_what_is_in_a_folder_and_not_for_the_web_is_not_served(
    served: Federation, site: Path, tmp_path: Path, path: str, why: str
) -> None:
    """Files with a dot, links that lead out of the folder, large files, what is not a file: the answer says why."""
    for name in (".env", ".git/config", "agents/.htpasswd"):
        (site / name).parent.mkdir(exist_ok=True)
        (site / name).write_text("secret")
    (site / "fair.txt").symlink_to(site / ".env")
    (site / "out.txt").symlink_to(tmp_path / "secret.txt")
    (site / "outside").symlink_to(tmp_path, target_is_directory=True)
    with (site / "big.bin").open("wb") as file:
        file.truncate(32_000_001)
    os.mkfifo(site / "pipe")
    page = served.browser().open(CRM + path)
    said = why.format(site=site, second=tmp_path / "second")
    assert (page.status, page.text) == (404, f"fedemu: {said}.\n")


def test_links_within_a_folder_and_a_folder_that_is_a_link_are_followed(
    world: World, keys: KeyFolder, site: Path, tmp_path: Path
) -> None:
    """As package managers make them."""
    (site / "same.js").symlink_to("app.js")
    (tmp_path / "linked").symlink_to(site, target_is_directory=True)
    served = Federation(change_world(world, {"/pages": {CRM: [str(tmp_path / "linked")]}}), keys=keys)
    assert [served.browser().open(CRM + path).text for path in ("/same.js", "/app.js")] == ["1;", "1;"]


def test_a_file_that_cannot_be_read_is_a_matter_of_its_mode(
    served: Federation, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is there, and the answer says why it is not shown; nothing is a mistake of the emulator's."""

    def refuse(_file: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    page = served.browser().open(f"{CRM}/app.js")
    assert (page.status, page.text) == (403, "fedemu: /app.js cannot be read: Permission denied.\n")
