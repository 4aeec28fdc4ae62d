"""The mistakes of a custom page, as its files show them: each with file, line and what to write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator.diagnosis.custom_ccp.ccp_url_check import PageFinding
from emulator.diagnosis.custom_ccp.custom_page_check import page_findings
from emulator.diagnosis.custom_ccp.page_files import read_pages
from emulator.diagnosis.custom_ccp.page_remarks import page_remarks
from emulator.diagnosis.world_check import check_world
from emulator.federation import Federation
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from tests.conftest import ACCOUNT, INSTANCE_ID

CRM = "https://connect.example.com"
CCP = "https://acme.my.connect.aws/ccp-v2"
INSTANCE = f"/aws/{ACCOUNT}/connect/{INSTANCE_ID}"
FEDERATE = f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}"


def _tile(federation: Federation) -> str:
    provider, app = federation.find_app("amazon-connect")
    return provider.org.embed_link(app)


def _found(federation: Federation, folder: Path, **settings: str) -> tuple[PageFinding, ...]:
    """Writes a page with these settings of initCCP, each as it is in the script, and judges it."""
    usual = {
        "ccpUrl": f'"{CCP}"',
        "loginUrl": f'"{_tile(federation)}"',
        "loginPopup": "true",
        "loginPopupAutoClose": "true",
    }
    given = {name: value for name, value in {**usual, **settings}.items() if value}
    lines = "\n".join(f"  {name}: {value}," for name, value in given.items())
    script = f"connect.core.initCCP(document.body, {{\n{lines}\n}});"
    (folder / "ccp.html").write_text(f"<!doctype html>\n<script>\n{script}\n</script>\n")
    return page_findings(CRM, [folder], federation)


def test_a_page_that_is_right_has_no_findings(federation: Federation, tmp_path: Path) -> None:
    """Nor has the sample of the documentation, whose link is that of the built-in world."""
    assert _found(federation, tmp_path) == ()
    sample = Path(__file__).parents[4] / "docs" / "examples" / "custom-ccp"
    assert page_findings(CRM, [sample], federation) == ()


_OKTA = "https://acme.okta.com/home/amazon_aws/0oa00000000000000000/272"


@pytest.mark.parametrize(
    ("url", "why", "want"),
    [
        (
            "acme.my.connect.aws/ccp-v2",
            f"ccpUrl has no https://, so that the browser looks for it below {CRM}.",
            CCP,
        ),
        ("http://acme.my.connect.aws/ccp-v2", "ccpUrl begins with http://; Amazon Connect is at https alone.", CCP),
        ("https://acme.my.connect.aws/ccp", "ccpUrl ends in /ccp, the address of the earlier CCP.", CCP),
        ("https://acme.my.connect.aws/", "The path / is not the Contact Control Panel's.", CCP),
        ("https://acme.my.connect.aws/home", "The path /home is not the Contact Control Panel's.", CCP),
        ("https://acme.my.connect.aws/ccpv2", "The path /ccpv2 is not the Contact Control Panel's.", CCP),
        ("https://acme.my.connect.aws/login", "ccpUrl is the login page /login, which refuses every frame.", CCP),
        (
            "https://acme.my.connect.aws/connect/login",
            "ccpUrl is the login page /connect/login, which refuses every frame.",
            CCP,
        ),
        (
            "https://acme.awsapps.com/connect/ccp-v2",
            "The instance acme has no pages at acme.awsapps.com.",
            CCP,
        ),
        (
            "https://acne.my.connect.aws/ccp-v2",
            "Nothing here is at acne.my.connect.aws: no instance has the alias acne; the nearest is acme, at "
            "acme.my.connect.aws.",
            CCP,
        ),
        (
            "https://acme.govcloud.connect.aws/ccp-v2",
            "Nothing here is at acme.govcloud.connect.aws: the instance acme is at acme.my.connect.aws, in another "
            "partition or domain.",
            CCP,
        ),
        ("https://phone.example.net/ccp-v2", "Nothing here is at phone.example.net.", CCP),
        (_OKTA, "ccpUrl is an address of the identity provider, whose login page refuses every frame.", CCP),
        (
            f"{FEDERATE}?destination=/ccp-v2",
            "ccpUrl is an address of the AWS console, which leads to a login page that refuses frames.",
            CCP,
        ),
        (f"{CRM}/ccp-v2", "ccpUrl is at the page's own origin.", CCP),
        (f"{CCP}?a=%2F", "The library cannot take a % in ccpUrl.", f"{CCP}?a=/"),
    ],
)
def test_the_address_that_is_framed(federation: Federation, tmp_path: Path, url: str, why: str, want: str) -> None:
    """Scheme, host and path of ccpUrl; what is wanted is the CCP that the page can be thought to mean."""
    (finding,) = _found(federation, tmp_path, ccpUrl=f'"{url}"')
    assert (finding.setting, finding.why, finding.want, finding.got) == ("ccpUrl", why, want, url)
    assert finding.fix == f"Set ccpUrl to {want}."
    assert str(finding.place) == f"{tmp_path / 'ccp.html'}:4  ccpUrl"


@pytest.mark.parametrize("path", ["/ccp-v2/", "/ccp-v2/softphone", "/ccp-v2?visual-refresh=true", "/connect/ccp-v2"])
def test_addresses_of_the_ccp(federation: Federation, tmp_path: Path, path: str) -> None:
    """Its pages, with a query, and with the prefix of the old domain."""
    assert _found(federation, tmp_path, ccpUrl=f'"https://acme.my.connect.aws{path}"') == ()


def test_the_prefix_of_the_old_domain(world: World, keys: KeyFolder, tmp_path: Path) -> None:
    """At awsapps.com the pages are below /connect; and a login has to end at the domain that is framed."""
    federation = Federation(change_world(world, {f"{INSTANCE}/domain": "awsapps.com"}), keys=keys)
    old = "https://acme.awsapps.com/connect/ccp-v2"
    assert _found(federation, tmp_path, ccpUrl=f'"{old}"') == ()
    (finding,) = _found(federation, tmp_path, ccpUrl='"https://acme.awsapps.com/ccp-v2"')
    assert finding.why == "ccpUrl lacks the prefix /connect, below which the pages of the old domain are."
    assert finding.want == old
    (finding,) = _found(federation, tmp_path)
    assert finding.why == (
        "A login by the tile Amazon Connect SAML ends at https://acme.awsapps.com/connect without new_domain=true, but "
        "ccpUrl is at https://acme.my.connect.aws: the session of one domain does not count at the other."
    )
    assert finding.want == f"{FEDERATE}?new_domain=true"
    assert finding.fix == f"Set the relay state of Amazon Connect SAML to {FEDERATE}?new_domain=true."
    link = f'"{_tile(federation)}?RelayState=" + encodeURIComponent("{FEDERATE}?new_domain=true")'
    assert _found(federation, tmp_path, loginUrl=link) == ()
    (finding,) = _found(federation, tmp_path, loginUrl=link, ccpUrl=f'"{old}"')
    assert (finding.want, finding.fix) == (CCP, f"Set ccpUrl to {CCP}.")


def test_the_ccp_of_an_instance_that_does_not_approve_the_page(world: World, keys: KeyFolder, tmp_path: Path) -> None:
    """Another one does: the page frames the wrong one, and its tile leads to the other."""
    other = {"alias": "acme-test", "region": "ap-northeast-1"}
    changes = {f"/aws/{ACCOUNT}/connect/99999999-90ab-cdef-1234-567890abcdef": other}
    federation = Federation(change_world(world, changes), keys=keys)
    found = _found(federation, tmp_path, ccpUrl='"https://acme-test.my.connect.aws/ccp-v2"')
    assert [(each.setting, each.why) for each in found] == [
        ("ccpUrl", f"ccpUrl is the CCP of acme-test; the origin {CRM} is approved by acme."),
        (
            "loginUrl",
            "The tile Amazon Connect SAML leads to the instance acme, and the page shows acme-test.",
        ),
    ]


@pytest.mark.parametrize(
    ("settings", "name", "why", "want"),
    [
        (
            {"loginUrl": ""},
            "loginUrl",
            "There is no loginUrl: the login window opens the CCP itself, which has no login of its own.",
            "TILE",
        ),
        (
            {"loginUrl": f'"{CCP}"'},
            "loginUrl",
            "loginUrl is an address of the instance, which has no login of its own.",
            "TILE",
        ),
        (
            {"loginUrl": f'"{FEDERATE}"'},
            "loginUrl",
            "loginUrl is an address of AWS, where nobody signs in: a login begins at the identity provider.",
            "TILE",
        ),
        (
            {"loginUrl": '"https://acme.oktapreview.com/home/x"'},
            "loginUrl",
            "Nothing here is at acme.oktapreview.com: nearly acme.okta.com.",
            "TILE",
        ),
        (
            {"loginUrl": '"acme.okta.com/home/x"'},
            "loginUrl",
            f"loginUrl has no https://, so that the browser looks for it below {CRM}.",
            "TILE",
        ),
        (
            {"loginUrl": '"https://acme.okta.com/app/UserHome"'},
            "loginUrl",
            "loginUrl is no tile of acme.okta.com.",
            "TILE",
        ),
        (
            {"loginUrl": '"TILE0"'},
            "loginUrl",
            "loginUrl is no tile of acme.okta.com; the nearest is TILE.",
            "TILE",
        ),
        (
            {"loginUrl": '"TILE?RelayState=https%3A%2F%2Fconsole.aws.amazon.com%2F"'},
            "loginUrl",
            "The tile Amazon Connect SAML leads to no instance: its relay state is https://console.aws.amazon.com/.",
            "TILE",
        ),
        (
            {"loginPopup": "false"},
            "loginPopup",
            "loginPopup is false: the page opens no login, and waits for one that was made before.",
            "true",
        ),
        (
            {"loginPopup": '"false"'},
            "loginPopup",
            'loginPopup is the text "false", and any text counts as true.',
            "false",
        ),
        (
            {"loginPopupAutoClose": ""},
            "loginPopupAutoClose",
            "loginPopupAutoClose is not true: the login window stays open after the login.",
            "true",
        ),
        (
            {"loginURL": '"x"'},
            "loginUrl",
            "initCCP knows no loginURL, which has no effect; the setting is loginUrl.",
            "loginUrl",
        ),
        (
            {"ccpLoadTimout": "8000"},
            "ccpLoadTimeout",
            "initCCP knows no ccpLoadTimout, which has no effect; the setting is ccpLoadTimeout.",
            "ccpLoadTimeout",
        ),
        (
            {"ccpLoadTimeout": "10"},
            "ccpLoadTimeout",
            "ccpLoadTimeout is 10 milliseconds, which looks like seconds.",
            "10000",
        ),
        (
            {"ccpAckTimeout": "3"},
            "ccpAckTimeout",
            "ccpAckTimeout is 3 milliseconds, which looks like seconds.",
            "3000",
        ),
        (
            {"region": '"us-east-1"'},
            "region",
            "The instance acme is in ap-northeast-1, not in us-east-1.",
            "ap-northeast-1",
        ),
    ],
)
def test_the_other_settings(
    federation: Federation, tmp_path: Path, settings: dict[str, str], name: str, why: str, want: str
) -> None:
    """The login's, names that initCCP does not know, times in seconds, the region."""
    tile = _tile(federation)
    given = {key: value.replace("TILE", tile) for key, value in settings.items()}
    finding = _found(federation, tmp_path, **given)[0]
    assert (finding.setting, finding.why) == (name, why.replace("TILE", tile))
    assert finding.want == want.replace("TILE", tile)


def test_a_tile_that_leads_nowhere(world: World, keys: KeyFolder, tmp_path: Path) -> None:
    """The app has no default relay state."""
    changes = {"/okta/acme/apps/amazon-connect/default_relay_state": None}
    federation = Federation(change_world(world, changes), keys=keys)
    (finding,) = _found(federation, tmp_path)
    assert finding.why == "The tile Amazon Connect SAML leads to no instance: its relay state is empty."


@pytest.mark.parametrize(
    ("delay", "timeout", "want"), [(2.5, "1000", "5000"), (6, "", "12000"), (2.5, "4000", ""), (0, "1000", "")]
)
def test_a_ccp_that_takes_longer_than_the_page_waits(
    world: World, keys: KeyFolder, tmp_path: Path, delay: float, timeout: str, want: str
) -> None:
    """ccpLoadTimeout, or the library's own where none is given, against the instance's load delay."""
    federation = Federation(change_world(world, {f"{INSTANCE}/load_delay": delay}), keys=keys)
    found = _found(federation, tmp_path, ccpLoadTimeout=timeout)
    if not want:
        assert found == ()
        return
    (finding,) = found
    assert finding.why == (
        f"The CCP answers after {int(delay * 1000)} ms, and ccpLoadTimeout is {timeout or 5000} ms: the page opens a "
        "login window although the person is signed in."
    )
    assert (finding.setting, finding.want) == ("ccpLoadTimeout", want)


@pytest.mark.parametrize(
    "settings",
    [
        {"loginUrl": "settings[login]"},
        {"loginUrl": "", "...props": "undefined"},
        {"ccpUrl": "process.env.CCP_URL"},
        {"loginPopupAutoClose": "", "loginOptions": "{autoClose: true}"},
        {"loginPopupAutoClose": "", "loginOptions": "props.loginOptions"},
        {"loginUrl": '"https://connect.example.com/login"'},
    ],
)
def test_of_what_cannot_be_read_nothing_is_said(
    federation: Federation, tmp_path: Path, settings: dict[str, str]
) -> None:
    """A script may do anything: only what is certain is a finding."""
    spread = settings.pop("...props", "")
    found = _found(federation, tmp_path, **settings)
    if spread:
        page = tmp_path / "ccp.html"
        page.write_text(page.read_text().replace("  ccpUrl", "  ...props,\n  ccpUrl"))
        found = page_findings(CRM, [tmp_path], federation)
    assert found == ()


def test_a_frame_of_the_pages_own(federation: Federation, tmp_path: Path) -> None:
    """Without the library, the address is the iframe's; frames of others are no concern of ours."""
    page = '<!-- <iframe src="https://acme.my.connect.aws/x"> -->\n<iframe src="https://maps.example.net/"></iframe>\n'
    (tmp_path / "index.html").write_text(page + '<iframe src="https://acme.my.connect.aws/home"></iframe>\n')
    (finding,) = page_findings(CRM, [tmp_path], federation)
    assert finding.why == "The path /home is not the Contact Control Panel's."
    assert finding.fix == f"Set src to {CCP}."
    assert finding.place.line == 3


def test_the_referrer_policy(federation: Federation, tmp_path: Path) -> None:
    """Of the page, of a frame, and one that a script writes."""
    text = (
        '<meta name="referrer" content="no-referrer">\n'
        '<iframe referrerpolicy=same-origin src="/x"></iframe>\n'
        '<script>document.write(`<meta name="referrer" content="${policy}">`)</script>\n'
        '<meta name="referrer" content="origin">\n'
    )
    (tmp_path / "index.html").write_text(text)
    hides = "the browser tells no other site where it is framed."
    assert [(each.place.line, each.why) for each in page_findings(CRM, [tmp_path], federation)] == [
        (1, f"The page's referrer policy is no-referrer: {hides}"),
        (3, "The page has its referrer policy from a script."),
        (2, f"The page's referrer policy is same-origin: {hides}"),
    ]


def test_which_files_are_read(tmp_path: Path) -> None:
    """The first folder's, without the library, large and foreign files; those that the browser was given come first."""
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first / "node_modules", second):
        folder.mkdir(parents=True)
    call = "initCCP(box, {ccpUrl: settings.url});"
    (first / "a.html").write_text(f"<script>{call}</script>")
    (first / "b.html").write_text(f"<script>{call}</script>")
    (first / "settings.js").write_text("var settings = {url: 'one'};")
    (second / "settings.js").write_text("var settings = {url: 'two'};")
    (second / "notes.txt").write_text(call)
    (second / "big.js").write_text(call + " " * 200_000)
    (second / "connect-streams-min.js").write_text(call)
    (first / "node_modules" / "x.js").write_text(call)
    (second / "data.js").write_text("var data = 1;" + " " * 200_000)
    files = read_pages([first, second, tmp_path / "none"], first=["b", "b.html"])
    assert files.unread == (f"{second / 'big.js'}: the file is larger than 200000 bytes",)
    assert [(Path(each.file).name, each.value("ccpUrl")) for each in files.shown] == [
        ("b.html", "one"),
        ("a.html", "one"),
    ]


def test_check_tells_a_pages_mistakes(world: World, keys: KeyFolder, tmp_path: Path) -> None:
    """With those of the world, at the line of the page; a login window that stays open is not one of them."""
    federation = Federation(world, keys=keys)
    _found(federation, tmp_path, ccpUrl='"https://acme.my.connect.aws/home"', loginPopupAutoClose="")
    changes: dict[str, Any] = {"/pages": {CRM: [str(tmp_path)]}}
    (remark,) = page_remarks(Federation(change_world(world, changes), keys=keys))
    assert str(remark.problem) == (
        f"{tmp_path / 'ccp.html'}:4  ccpUrl\n  The path /home is not the Contact Control Panel's.\n"
        f"  want   {CCP}\n  fix    Set ccpUrl to {CCP}."
    )


def test_a_file_that_embeds_is_read_after_any_number_of_others(tmp_path: Path) -> None:
    """Of the others, sixty are read for their names."""
    for number in range(100):
        (tmp_path / f"a{number}.js").write_text(f"var a{number} = {number};")
    (tmp_path / "z.js").write_text('initCCP(box, {ccpUrl: "one"});')
    assert [(Path(each.file).name, each.value("ccpUrl")) for each in read_pages([tmp_path]).shown] == [("z.js", "one")]


@pytest.mark.parametrize("before", ["a=b;" * 40_000, "a=function(){" * 2_000 + "};" * 2_000], ids=["long", "nested"])
def test_a_call_is_read_after_any_amount_of_script(tmp_path: Path, before: str) -> None:
    """As in a bundle, where everything is in one file."""
    (tmp_path / "bundle.js").write_text(before + 'initCCP(box, {ccpUrl: "one"});')
    assert [each.value("ccpUrl") for each in read_pages([tmp_path]).shown] == ["one"]


def test_check_tells_which_files_of_a_page_were_not_read(world: World, keys: KeyFolder, tmp_path: Path) -> None:
    """As a note: whether they stop anybody is not known."""
    (tmp_path / "bundle.js").write_text("initCCP(box, {});" + " " * 200_000)
    federation = Federation(change_world(world, {"/pages": {CRM: [str(tmp_path)]}}), keys=keys)
    (note,) = [each for each in check_world(federation).notes if each.rule == "page-not-read"]
    assert note.problem.message == (
        f"not all files of the page {CRM} were read: {tmp_path / 'bundle.js'}: the file is larger than 200000 bytes"
    )
    assert note.problem.fix == "Under pages, name the folder that holds the page's sources alone, unbundled."
    assert [each.rule for each in check_world(federation).findings] == []


def test_of_a_folder_with_very_many_files_the_rest_is_told(tmp_path: Path) -> None:
    """Nobody's whole disk is searched."""
    for number in range(2_001):
        (tmp_path / f"{number:04d}.txt").touch()
    assert read_pages([tmp_path]).unread == ("its folders hold more than 2,000 files",)
