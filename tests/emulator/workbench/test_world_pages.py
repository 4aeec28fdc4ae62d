"""The world file on screen: its findings at their lines, what came of saving it, and nothing that is a key."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from emulator.building.merging import Conflict
from emulator.federation import Federation
from emulator.kernel.clock import Clock
from emulator.kernel.errors import Location, Problem
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.reloading import Reloaded, saved_world
from emulator.running.start import Ports, Serving, serving
from emulator.running.world_watch import WorldWatch
from emulator.scenarios.runner import START
from emulator.workbench import world_pages
from emulator.workbench.shown_file import shown_lines, without_keys
from emulator.workbench.workbench import SavedWorld
from emulator.world import DEFAULT_WORLD, load_world
from emulator.worldfile.text.read_files import noting_reads
from tests.conftest import APP, USER

TEXT = DEFAULT_WORLD.read_text(encoding="utf-8")
AUDIENCE = TEXT.replace("label: Amazon Connect SAML", "label: Amazon Connect SAML\n        audience: urn:example:app")


class Shown:
    """A world in a folder that is served and watched, and its page."""

    def __init__(self, own: Serving, watch: WorldWatch) -> None:
        self.own = own
        self.file = Path(own.federation.world.document.file)
        self._watch = watch
        self._session = requests.Session()
        self._session.trust_env = False

    def save(self, text: str) -> None:
        """Saves the file, and waits until that was noticed."""
        self.file.write_text(text, encoding="utf-8")
        for _ in range(3):
            self._watch.look()

    def page(self, language: str = "en") -> str:
        """Returns the page of the world."""
        answer = self._session.get(f"{self.own.server.url}/workbench/world", headers={"Accept-Language": language})
        assert answer.status_code == 200
        return answer.text

    def line(self, number: int) -> str:
        """Returns what the page has at a line, without markup."""
        found = re.search(rf'<li id="line-{number}".*?</li>', self.page(), re.DOTALL)
        assert found is not None
        return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


@pytest.fixture
def shown(tmp_path: Path, keys: KeyFolder) -> Iterator[Callable[[str], Shown]]:
    """Returns a function that serves a world."""
    blocks = []

    def serve(text: str) -> Shown:
        file = tmp_path / "world.yaml"
        file.write_text(text, encoding="utf-8")
        with noting_reads() as files:
            federation = Federation(load_world(file), clock=Clock(frozen_at=START), keys=keys)
        block = serving(federation, Ports(https=None, proxy=None))
        own = block.__enter__()
        blocks.append(block)
        own.workbench.as_read = None  # as where `fedemu up` watches
        return Shown(own, WorldWatch(federation, files, lambda told: own.workbench.tell_saved(saved_world(told))))

    yield serve
    for block in blocks:
        block.__exit__(None, None, None)


def _line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def test_what_check_finds_is_at_its_line(shown: Callable[[str], Shown]) -> None:
    """What stops logins with whose they are and why, what is worth knowing as a note; each leads to the other."""
    world = shown(AUDIENCE)
    number = _line_of(AUDIENCE, "urn:example:app")
    headline = (
        "3 logins do not arrive: 2 people (hanako@example.com, taro@example.com) in acme/amazon-connect, as "
        "ConnectAgent, ConnectSupervisor; for example hanako@example.com as ConnectAgent"
    )
    assert world.line(number) == f"audience: urn:example:app stops a login {headline} finding 1"
    page = world.page()
    assert f'<a href="#line-{number}">line {number}</a>' in page
    assert '<a href="#finding-1">finding 1</a>' in page
    assert "到達しないログイン 3 件：acme/amazon-connect、2 人（hanako@" in world.page("ja")  # noqa: RUF001
    assert "The Audience in the assertion is not one that AWS sign-in accepts." in page
    assert '<h2 id="findings">2 findings</h2>' in page
    assert "note 1 person has no app: mika@example.com finding 2" in world.line(_line_of(AUDIENCE, "mika@"))


def test_a_saved_world_is_found_fault_with_anew(shown: Callable[[str], Shown]) -> None:
    """The page says how much has changed, in the reader's language."""
    world = shown(TEXT)
    assert "was saved" not in world.page()
    assert "stops a login" not in world.page()
    world.save(AUDIENCE)
    assert "It was saved with one changed setting." in world.page()
    assert "stops a login" in world.page()
    assert "保存され、1 件の設定が変わりました。" in world.page("ja")


def test_a_broken_file_shows_each_mistake_at_its_line(shown: Callable[[str], Shown]) -> None:
    """With what was expected; mended, none is left."""
    world = shown(TEXT)
    broken = TEXT.replace("    users:\n", "    mfa: never\n    users:\n", 1).replace("alias: acme", "alias: [acme]", 1)
    world.save(broken)
    page = world.page()
    assert "The saved file cannot be used, so the previous world is still served." in page
    assert '<h2 id="findings">2 findings</h2>' in page
    assert world.line(_line_of(broken, "mfa")).startswith("mfa: never cannot be used &#39;never&#39; does not fit")
    assert "cannot be used" in world.line(_line_of(broken, "[acme]"))
    assert re.search(
        r'role="alert">\S+/world.yaml was saved and cannot be used, so the previous world is still served: ', page
    )
    world.save(TEXT)
    assert "cannot be used" not in world.page()


def test_a_mistake_in_another_file_is_told_with_its_place(shown: Callable[[str], Shown]) -> None:
    """The world's own lines are not marked for it."""
    world = shown(TEXT)
    problem = Problem(Location("seeds/plan.json", 3, "values.root_module"), "not a resource", expected="a resource")
    world.own.workbench.tell_saved(SavedWorld(problems=(problem,)))
    page = world.page()
    assert "<code>seeds/plan.json:3  values.root_module</code>" in page
    assert '<p class="soft">want: a resource</p>' in page
    assert 'class="found' not in page


def test_a_conflict_is_told_on_the_page(shown: Callable[[str], Shown]) -> None:
    """What a call has set stays."""
    world = shown(TEXT)
    provider = world.own.federation.identity_providers["acme"]
    apps = {**provider.org.apps, APP: replace(provider.org.apps[APP], label="Set by a call")}
    provider.directory.replace(replace(provider.org, apps=apps))
    world.save(TEXT.replace("label: Amazon Connect SAML", "label: Another"))
    page = world.page()
    assert "One setting keeps the value that a call has set, although the world now says something else." in page
    assert "<li><code>okta.acme.apps.amazon-connect.label</code></li>" in page
    assert "To settle this, save the running value in the world" in page
    world.save(TEXT.replace("label: Amazon Connect SAML", "label: Another").replace("last_name: Ito", "last_name: Abe"))
    assert "<li><code>okta.acme.apps.amazon-connect.label</code></li>" in world.page()


def test_a_conflict_about_a_token_does_not_show_it() -> None:
    """A token is a key itself."""
    key = ("okta", "acme", "api_tokens", "00-token")
    told = Reloaded(load_world(DEFAULT_WORLD), (key,), (Conflict(key, None, USER),))
    assert saved_world(told).conflicts == ("okta.acme.api_tokens",)


def test_many_findings_are_bounded(shown: Callable[[str], Shown], monkeypatch: pytest.MonkeyPatch) -> None:
    """The page says how many more there are; so does the reader of the file, in its last finding."""
    users = "".join(f"      p{n}@example.com: {{first_name: A, last_name: B, mfa: {n}}}\n" for n in range(150))
    world = shown(TEXT)
    world.save(TEXT.replace("    users:\n", f"    users:\n{users}", 1))
    page = world.page()
    assert '<h2 id="findings">101 findings</h2>' in page
    assert page.count('<li id="finding-') == 101
    assert "there are about 50 more mistakes" in page
    monkeypatch.setattr(world_pages, "_MOST_FINDINGS", 51)
    page = world.page()
    assert page.count('<li id="finding-') == 51
    assert "50 more are not shown; fedemu check lists them all." in page


def test_a_world_that_is_markup_is_text(shown: Callable[[str], Shown]) -> None:
    """In the file, in a finding and in a conflict."""
    world = shown(TEXT.replace("label: Amazon Connect SAML", "label: <img src=x onerror=alert(1)>"))
    assert "<img" not in world.page()
    world.save(TEXT.replace("version: 1\n", 'version: 1\n"<img src=x onerror=alert(1)>": 1\n', 1))
    page = world.page()
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") >= 2


def test_a_file_that_is_gone_is_told(shown: Callable[[str], Shown]) -> None:
    """Also one that is not a text."""
    world = shown(TEXT)
    world.file.write_bytes(b"\xff\xfe\xff")
    assert "The file can no longer be read." in world.page()
    world.file.unlink()
    assert "The file can no longer be read." in world.page()


@pytest.mark.parametrize("tokens", ["00-quoted", "{00-quoted: [1]}"])
def test_a_mistake_about_a_token_does_not_show_it(shown: Callable[[str], Shown], tokens: str) -> None:
    """Neither in the finding and the file, nor on top of every page."""
    world = shown(TEXT)
    line = next(line for line in TEXT.splitlines() if "api_tokens:" in line)
    world.save(TEXT.replace(line, f"    api_tokens: {tokens}"))
    page = world.page()
    assert "okta.acme.api_tokens" in page
    assert "cannot be used" in world.line(_line_of(TEXT, "api_tokens:"))
    assert "00-quoted" not in page
    assert "00-quoted" not in world.own.federation.page_notice.text


def test_a_world_that_is_not_watched_is_shown_as_it_is_served(tmp_path: Path, keys: KeyFolder) -> None:
    """As it was read at the start, though it is saved later: lines and findings are of the same text."""
    file = tmp_path / "world.yaml"
    file.write_text(AUDIENCE, encoding="utf-8")
    federation = Federation(load_world(file), clock=Clock(frozen_at=START), keys=keys)
    with serving(federation, Ports(https=None, proxy=None)) as own:
        world = Shown(own, WorldWatch(federation, (), lambda _: None))
        assert "It is served as it was read at the start, whatever is saved later." in world.page()
        file.write_text(f"# another line\n{TEXT}", encoding="utf-8")
        assert "It has been saved since then, and is not read again before the next start." in world.page()
        assert "次に起動するまで反映されません" in world.page("ja")
        assert "stops a login" in world.line(_line_of(AUDIENCE, "urn:example:app"))
        assert "another line" not in world.page()


def test_a_watched_world_is_not_told_as_another(shown: Callable[[str], Shown]) -> None:
    """Not after it was saved, either."""
    world = shown(TEXT)
    world.save(AUDIENCE)
    assert "as it was read at the start" not in world.page()


KEY = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("password: correct-horse", ["password: correct-horse"]),
        ("secret_key: abc # why", ["secret_key: (secret)"]),
        ("secret_key: |\n  abc\n  def\nother: 1", ["secret_key: (secret)", "  (secret)", "  (secret)", "other: 1"]),
        ("[{id: A, secret: 'b, c', x: 1}]", ["[{id: A, secret: (secret), x: 1}]"]),
        ('{"secret": ["a", "b"], "x": 1}', ['{"secret": (secret), "x": 1}']),
        ("{id: A,\n secret: b}", ["{id: A,", " secret: (secret)"]),
        ("api_tokens:\n- abc\n- def\nx: 1", ["api_tokens:", "(secret)", "(secret)", "x: 1"]),
        ("api_tokens:\n  abc: hanako\n\nx: 1", ["api_tokens:", "  (secret)", "", "x: 1"]),
        ("- secret: abc\n- id: A", ["- secret: (secret)", "- id: A"]),
        ("private_key: key.pem", ["private_key: key.pem"]),
        ("private_key: |\n  MIIE\nx: 1", ["private_key: (secret)", "  (secret)", "x: 1"]),
        (f"a: 'x'\n{KEY}\nb: 1", ["a: 'x'", "(secret)", "(secret)", "(secret)", "b: 1"]),
        ("# secret_key: abc", ["# secret_key: (secret)"]),
        ("secrett: abc", ["secrett: (secret)"]),
        ("api-token: abc", ["api-token: (secret)"]),
        ("{secret_key: abc", ["{secret_key: (secret)"]),
    ],
)
def test_keys_and_tokens_are_hidden(text: str, expected: list[str]) -> None:
    """Whatever the YAML looks like, also where it is broken."""
    assert list(without_keys(text)) == expected


def test_the_lines_of_everything_hold_no_key() -> None:
    """As many lines as the file has."""
    text = (Path(__file__).parent.parent / "worldfile" / "everything.yaml").read_text(encoding="utf-8")
    lines = without_keys(text)
    assert len(lines) == len(text.splitlines())
    for secret in ("GEZDGNBVGY3TQOJQ", "je7MtGbClwBF", "00-token", "client-secret", "wJalrXUtnFEMI"):
        assert secret in text
        assert secret not in "\n".join(lines)


def test_a_long_file_is_shown_in_parts() -> None:
    """Its beginning, and what is around the lines that something is said of; long lines are cut."""
    lines = [f"line {number}" for number in range(1, 40_001)]
    lines[30_000 - 1] = "x" * 1000
    shown = list(shown_lines(lines, {30_000}))
    assert [each.number for each in shown] == [*range(1, 201), *range(29_995, 30_006)]
    assert [(each.number, each.skipped) for each in shown if each.skipped] == [(29_995, 29_794)]
    assert shown[205].text == "x" * 500 + "…"
    assert len(list(shown_lines(lines[:1500], ()))) == 1500
