"""Revisions of git as sides of a comparison: what is read, what is left alone, and what is refused."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from emulator.cli import main
from emulator.kernel.clock import Clock, Ids
from emulator.world import DEFAULT_WORLD
from idp.saml.keys import make_key_pair

Run = Callable[..., tuple[int, str, str]]
Git = Callable[..., str]
GLOBAL = "https://signin.aws.amazon.com/saml"
REGIONAL = "https://ap-northeast-1.signin.aws.amazon.com/saml"
TEMPLATE = """Resources:
  Agent:
    Type: AWS::IAM::Role
    Properties:
      RoleName: Agent
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Federated: "arn:aws:iam::123456789012:saml-provider/okta"}
            Action: sts:AssumeRoleWithSAML
            Condition: {StringEquals: {"SAML:aud": [AUDIENCE]}}
"""
WORLD = """version: 1
okta:
  acme:
    users:
      hana@example.com: {first_name: Hana, last_name: Sato, password: correct-horse}
    apps:
      console:
        catalog: amazon_aws
        label: Console
        identity_provider_arn: arn:aws:iam::123456789012:saml-provider/okta
        signing: {private_key: keys/app.key, certificate: keys/app.crt}
        assignments: [{user: hana@example.com, role: Agent}]
aws:
  "123456789012":
    seed: [../infra/template.yaml]
    saml_providers:
      okta: {metadata: {okta_app: acme/console}}
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Returns a function that runs ``compare``: exit code, stdout, stderr."""

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main(["compare", *arguments])
        captured = capsys.readouterr()
        assert isinstance(caught.value.code, int)
        return caught.value.code, captured.out, captured.err

    return call


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Returns a function that runs git in a new repository, which is the current folder."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Somebody")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "somebody@example.com")
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def call(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], check=True, capture_output=True, text=True, cwd=folder)  # noqa: S603, S607
        return done.stdout

    call("init", "--quiet", "--initial-branch", "main")
    return call


def _commit(git: Git, **files: str) -> None:
    """Writes files, of which the names have two underscores for a slash and one for a dot, and commits them."""
    for name, text in files.items():
        path = Path(name.replace("__", "/").replace("_", "."))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git("add", "--all")
    git("commit", "--quiet", "--message", "Something")


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, str]:
    """Returns the texts of a key and its certificate."""
    pair = make_key_pair(common_name="acme", clock=Clock(), ids=Ids())
    return {
        "worlds__keys__app_key": pair.private_key_pem.decode(),
        "worlds__keys__app_crt": pair.certificate_pem.decode(),
    }


def test_the_folder_as_it_was(run: Run, git: Git, keys: dict[str, str]) -> None:
    """The revision has the world, the template beside it and the keys that they name; the working tree has others."""
    template = TEMPLATE.replace("AUDIENCE", f'"{GLOBAL}", "{REGIONAL}"')
    _commit(git, worlds__world_yaml=WORLD, infra__template_yaml=template, **keys)
    _commit(git, infra__template_yaml=TEMPLATE.replace("AUDIENCE", f'"{REGIONAL}"'))
    before = git("status", "--porcelain=v2", "--branch")
    code, out, err = run("HEAD~1", "worlds", "--no-fixes")
    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert lines[0] == "1 login is lost: hana@example.com in acme/console, as Agent"
    assert lines[1] == f"  because SAML:aud of the trust policy of the role Agent lost {GLOBAL}"
    assert lines[2].startswith("    was   HEAD~1:infra/template.yaml:12  Agent.Properties.AssumeRolePolicyDocument.")
    assert lines[2].endswith("CloudFormation resource Agent")
    assert lines[3].startswith("    is    infra/template.yaml:12  Agent.Properties.AssumeRolePolicyDocument.")
    assert lines[-3:] == [
        "HEAD~1 -> worlds: 1 lost, 0 changed, 0 gained, 0 as before",
        "",
        "next: fedemu login hana@example.com acme/console --world worlds/world.yaml "
        "--role arn:aws:iam::123456789012:role/Agent",
    ]
    assert git("status", "--porcelain=v2", "--branch") == before


def test_a_revision_and_one_of_its_files(run: Run, git: Git) -> None:
    """Two revisions, and files of them by their paths from the root or from the folder."""
    text = DEFAULT_WORLD.read_text(encoding="utf-8")
    _commit(git, world_yaml=text, sub__other_yaml=text.replace(GLOBAL, REGIONAL))
    _commit(git, world_yaml=text.replace("[Agents]}", "[]}"))
    for arguments, summary in (
        (("HEAD~1", "HEAD"), "HEAD~1 -> HEAD: 1 lost, 0 changed, 0 gained, 2 as before, 1 new remark"),
        (("main~1", "world.yaml"), "main~1 -> world.yaml: 1 lost, 0 changed, 0 gained, 2 as before, 1 new remark"),
        (
            ("HEAD", "HEAD:sub/other.yaml"),
            "HEAD -> HEAD:sub/other.yaml: 2 lost, 0 changed, 0 gained, 0 as before, 1 new remark",
        ),
        (("HEAD", "."), "HEAD -> .: 0 lost, 0 changed, 0 gained, 2 as before"),
    ):
        _, out, err = run(*arguments, "--no-fixes")
        assert err == ""
        assert summary in out.splitlines()
    assert "HEAD:sub/other.yaml:" in run("HEAD", "HEAD:sub/other.yaml", "--no-fixes")[1]
    assert "HEAD:sub/other.yaml:" in run("HEAD", "HEAD:./sub/other.yaml", "--no-fixes")[1]
    for world in ("sub/other.yaml", str(Path("sub/other.yaml").resolve())):
        _, out, _ = run("HEAD~1", "HEAD", "--world", world, "--no-fixes")
        assert "HEAD~1 -> HEAD: 0 lost, 0 changed, 0 gained, 0 as before, 3 did not arrive before and do not" in out
    _, out, _ = run("HEAD", "sub", "--world", "other.yaml", "--no-fixes")
    assert "HEAD -> sub: 0 lost, 0 changed, 0 gained, 0 as before, 3 did not arrive before and do not" in out


def test_nothing_of_the_repository_runs(run: Run, git: Git, tmp_path: Path) -> None:
    """Hooks, filters and text conversions of the repository are not run, whatever a revision or its settings say."""
    text = DEFAULT_WORLD.read_text(encoding="utf-8")
    ran = tmp_path / "ran"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {ran}\ncat\n", encoding="utf-8")
    script.chmod(0o700)
    _commit(git, world_yaml=text)
    Path(".gitattributes").write_text("*.yaml filter=own diff=own\n", encoding="utf-8")
    git("add", "--all")
    git("commit", "--quiet", "--message", "Attributes")
    for name in ("filter.own.smudge", "filter.own.clean", "diff.own.textconv", "core.fsmonitor", "core.pager"):
        git("config", name, str(script))
    for name in ("post-checkout", "post-index-change", "reference-transaction"):
        hook = Path(".git/hooks") / name
        hook.write_text(script.read_text(encoding="utf-8"), encoding="utf-8")
        hook.chmod(0o700)
    assert run("HEAD~1", "HEAD")[0] == 0
    assert not ran.exists()


def test_in_a_hook(run: Run, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    """What git sets for a hook of another repository does not lead there."""
    _commit(git, world_yaml=DEFAULT_WORLD.read_text(encoding="utf-8"))
    monkeypatch.setenv("GIT_DIR", ".git-elsewhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "elsewhere")
    assert run("HEAD", ".")[0] == 0


@pytest.mark.parametrize("place", ["repository", "temporary"])
def test_nothing_is_left(run: Run, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """The folder with a revision's files goes, also where it is below the current one; a refused world leaves none."""
    temporary = tmp_path / place / "tmp"
    temporary.mkdir(parents=True)
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    _commit(git, world_yaml=DEFAULT_WORLD.read_text(encoding="utf-8").replace("version: 1", "version: 7", 1))
    _commit(git, world_yaml=DEFAULT_WORLD.read_text(encoding="utf-8"))
    code, out, err = run("HEAD~1", ".")
    assert (code, out) == (2, "")
    assert err.splitlines()[:2] == ["BEFORE (HEAD~1) cannot be used:", "HEAD~1:world.yaml:3  version"]
    assert run("HEAD", ".", "--json")[0] == 0
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../outside.xml", "../outside.xml leads out of the repository"),
        ("link.xml", "link.xml leads out of the repository"),
        ("absolute.xml", "which leads out of the repository"),
        ("folder/outside.xml", "leads out of the repository"),
        ("OUTSIDE", "is not in the repository"),
        ("missing.xml", "missing.xml: No such file or directory"),
    ],
)
def test_what_leads_out(run: Run, git: Git, tmp_path: Path, name: str, said: str) -> None:
    """A name or a link in a revision that leads out of the repository is refused at its line, and never read."""
    outside = tmp_path / "outside.xml"
    outside.write_text("<secret/>", encoding="utf-8")
    Path("link.xml").symlink_to("../outside.xml")
    Path("absolute.xml").symlink_to(outside)
    Path("folder").symlink_to("..")
    name = str(outside) if name == "OUTSIDE" else name
    text = DEFAULT_WORLD.read_text(encoding="utf-8")
    _commit(git, world_yaml=text.replace("{okta_app: acme/amazon-connect}", f"{{file: {name}}}"))
    _commit(git, world_yaml=text)
    code, out, err = run("HEAD~1", ".")
    assert (code, out) == (2, "")
    lines = err.splitlines()
    assert lines[1] == "HEAD~1:world.yaml:31  aws.123456789012.saml_providers.okta.metadata.file"
    assert said in lines[2]
    assert "secret" not in err


def test_links_inside_a_repository(run: Run, git: Git) -> None:
    """A link to a file or a folder of the same revision is followed."""
    text = DEFAULT_WORLD.read_text(encoding="utf-8")
    trust = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*"}]}'
    Path("here").symlink_to("policies")
    Path("worlds").mkdir()
    Path("worlds/link.json").symlink_to("../here/own.json")
    policy = "        policies: [okta-read-roles]\n        inline_policies: {own: link.json}\n"
    world = text.replace("        policies: [okta-read-roles]\n", policy)
    # A text that begins as a path does, and is longer than one can be, is not a file.
    world = world.replace("label: Amazon Connect SAML", f"label: /{'x' * 300}")
    _commit(git, worlds__world_yaml=world, policies__own_json=trust)
    code, out, err = run("HEAD", "worlds")
    assert (code, err) == (0, "")
    assert "HEAD -> worlds: 0 lost, 0 changed, 0 gained, 3 as before" in out.splitlines()


def test_a_word_of_a_world_that_is_a_folders_name_too(run: Run, git: Git) -> None:
    """A person called as a folder of the repository brings none of that folder's files along."""
    text = DEFAULT_WORLD.read_text(encoding="utf-8").replace("last_name: Sato", "last_name: docs")
    _commit(git, world_yaml=text, docs__large_txt="version https://git-lfs.github.com/spec/v1\noid 1\n")
    code, out, err = run("HEAD", ".")
    assert (code, err) == (0, "")
    assert "HEAD -> .: 0 lost, 0 changed, 0 gained, 3 as before" in out.splitlines()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("HEAD~7", "."), 2, "There is no file or folder HEAD~7, and no revision of that name in"),
        (("HEAD:other.yaml", "."), 2, "HEAD:other.yaml is not there"),
        (("HEAD:sub", "."), 2, "HEAD:sub is a folder, not a file"),
        (("--", "-x", "."), 2, "-x is not a git revision"),
        (("^HEAD", "."), 2, "^HEAD is not a git revision"),
        (("x" * 5000, "."), 2, "and no revision of that name in"),
        (("HE\x1b[31mAD", "."), 2, "is not a git revision"),
        (("HEAD:../world.yaml", "."), 2, "HEAD:../world.yaml leads out of the repository"),
        (("HEAD:large.yaml", "."), 2, "HEAD:large.yaml is kept by Git LFS, whose filters are not run here"),
    ],
)
def test_no_such_revision(run: Run, git: Git, arguments: tuple[str, ...], code: int, said: str) -> None:
    """A message in plain words."""
    text = DEFAULT_WORLD.read_text(encoding="utf-8")
    _commit(
        git, world_yaml=text, sub__world_yaml=text, large_yaml="version https://git-lfs.github.com/spec/v1\noid 1\n"
    )
    found, out, err = run(*arguments)
    assert (found, out) == (code, "")
    assert said in err
    assert "\x1b" not in err


def test_a_shallow_clone(run: Run, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What CI fetches by default has no history: exit code 3, with what to set."""
    text = DEFAULT_WORLD.read_text(encoding="utf-8")
    _commit(git, world_yaml=text)
    _commit(git, other_yaml=text)
    git("clone", "--quiet", "--depth", "1", Path.cwd().as_uri(), str(tmp_path / "shallow"))
    monkeypatch.chdir(tmp_path / "shallow")
    code, out, err = run("HEAD~1", ".")
    assert (code, out) == (3, "")
    assert err.splitlines() == [
        "This clone of the repository has no revision HEAD~1",
        "  why    It is shallow: only the newest commits were fetched.",
        "  fix    Fetch the history: git fetch --unshallow; fetch-depth: 0 for actions/checkout, GIT_DEPTH: 0 for "
        "GitLab.",
    ]


def test_without_git(run: Run, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without git can compare files, and says what a revision needs: exit code 3."""
    _commit(git, world_yaml=DEFAULT_WORLD.read_text(encoding="utf-8"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run("world.yaml", ".")[0] == 0
    code, _, err = run("HEAD", ".")
    assert code == 3
    assert "no git on this machine" in err


@pytest.mark.parametrize("shape", ["circle", "many"])
def test_folders_without_end(run: Run, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: str) -> None:
    """Links that lead in circles, and folders that are in each other many times over, end with a message."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    if shape == "circle":
        Path("page").mkdir()
        for name in ("a", "b"):
            (Path("page") / name).symlink_to("../page")
    for number in range(20 if shape == "many" else 0):
        folder = Path("page" if not number else f"page{number}")
        folder.mkdir()
        for name in "abcdef":
            (folder / name).symlink_to(f"../page{number + 1}")
    text = DEFAULT_WORLD.read_text(encoding="utf-8")
    _commit(git, world_yaml=f"{text}\npages: {{'https://crm.example.com': [page]}}\n", page__index_html="<p>")
    _commit(git, world_yaml=text)
    code, out, err = run("HEAD~1", ".")
    assert (code, out) == (2, "")
    assert err.splitlines()[0] == "The world names more than 2,000 files or 200,000,000 bytes of a revision"
    assert list(temporary.iterdir()) == []


def test_pages_of_a_revision(run: Run, git: Git) -> None:
    """A folder that a world names is there with everything inside."""
    text = DEFAULT_WORLD.read_text(encoding="utf-8")
    with_pages = f"{text}\npages: {{'https://crm.example.com': [web/pages]}}\n"
    page = '<script>connect.core.initCCP(document.body, {ccpUrl: "https://acme.my.connect.aws/ccp-v2"})</script>'
    _commit(git, world_yaml=with_pages, web__pages__index_html=page, web__pages__sub__other_html="<p>")
    _commit(git, world_yaml=with_pages, web__pages__index_html="<p>")
    code, out, err = run("HEAD", "HEAD~1")
    assert (code, err) == (0, "")
    assert "the page https://crm.example.com shows the instance acme, which does not approve that origin" in out
    assert "the page https://crm.example.com shows" not in run("HEAD~1", "HEAD")[1]
