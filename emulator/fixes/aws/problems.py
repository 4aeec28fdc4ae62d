"""Changes of the AWS part of a file that cannot be read as a world: what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from emulator.fixes.aws.key_files import private_key_of
from emulator.fixes.aws.places import as_list
from emulator.fixes.candidate import APPENDED, REMOVED, Candidate, Edit
from emulator.fixes.okta.problems import key_in
from emulator.kernel.errors import Problem
from emulator.kernel.partitions import REGION
from emulator.worldfile.yaml_data import Key, value_at
from emulator.worldfile.yaml_file import YamlDocument

_QUOTED = re.compile(r"'([^']*)'")
_BOUND = re.compile(r"(?:less|greater) than or equal to (\d+)")
_MEANT = re.compile(r"did you mean ([^?]+)\?")
_REGION_NAME = re.compile(rf"(?<![a-z0-9-]){REGION}(?![a-z0-9-])")
_ACCOUNT_ID = re.compile(r"arn:[a-z-]+:[a-z-]+:[a-z0-9-]*:([0-9]{12}):")
_TRUST_ACTIONS = (
    "sts:AssumeRoleWithSAML",
    "sts:TagSession",
    "sts:SetSourceIdentity",
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
)
_SECTIONS = {
    "saml_providers": "IAM console > Identity providers",
    "roles": "IAM console > Roles",
    "policies": "IAM console > Policies",
    "users": "IAM console > Users",
    "groups": "IAM console > User groups",
    "organization": "AWS Organizations console > Policies",
    "connect": "Amazon Connect console > Instances",
}


@dataclass(frozen=True, slots=True)
class _Mistake:
    """A problem, with where it is and what stands there; ``data`` is the whole file's, ``folder`` is where it is."""

    problem: Problem
    key: Key
    data: Any
    folder: Path

    def at(self, *key: str | int) -> Any:
        value, depth = value_at(self.data, key)
        return value if depth == len(key) else None

    @property
    def value(self) -> Any:
        return self.at(*self.key)

    @property
    def text(self) -> str:
        return "" if self.value is None else str(self.value)

    @property
    def last(self) -> str:
        return str(self.key[-1]) if self.key else ""

    def put(self, title: str, *edits: Edit) -> Candidate:
        section = _SECTIONS.get(str(self.key[2]), "") if len(self.key) > 2 else ""
        name = str(self.key[3]) if len(self.key) > 3 and self.key[2] != "organization" else ""
        return Candidate(title, edits, " > ".join(filter(None, (section, name))))

    def write(self, value: object) -> Candidate:
        return self.put(f"Write {value} in place of {self.text or 'nothing'}", Edit(self.key, value))

    def rename(self, right: str) -> Candidate:
        """Returns a candidate in which the key is called otherwise."""
        edits = (Edit((*self.key[:-1], right), self.value), Edit(self.key, REMOVED))
        return self.put(f"Write {right} in place of {self.last}", *edits)


def propose_for_problem(problem: Problem, document: YamlDocument) -> Iterator[Candidate]:
    """Proposes what was probably meant where a file's part for AWS, or for pages, cannot be used.

    Args:
        problem: What is wrong.
        document: The file.
    """
    key = key_in(document.data, problem.location.key)
    if key[:1] not in {("aws",), ("pages",), ("version",)}:
        return
    mistake = _Mistake(problem, key, document.data, Path(document.file).parent)
    seen: list[tuple[Edit, ...]] = []
    for function in _FUNCTIONS:
        for candidate in function(mistake):
            if candidate.edits not in seen:
                seen.append(candidate.edits)
                yield candidate


# --- words and numbers ------------------------------------------------------------------------------------------------


def _words(mistake: _Mistake) -> Iterator[Candidate]:
    """A word that is nearly one that may be there, or a key that is nearly one."""
    problem = mistake.problem
    if problem.message.startswith("unknown key"):
        if problem.did_you_mean:
            yield mistake.rename(problem.did_you_mean)
        return
    meant = _MEANT.search(problem.message)
    if meant is not None and mistake.key:
        yield mistake.rename(meant[1])
    if problem.did_you_mean:
        yield mistake.write(problem.did_you_mean)
    words = _QUOTED.findall(problem.expected)
    same = [word for word in words if word.casefold() == mistake.text.casefold().strip()]
    for word in (*same, *get_close_matches(mistake.text, words, n=2)):
        yield mistake.write(word)


def _numbers(mistake: _Mistake) -> Iterator[Candidate]:
    bound = _BOUND.search(mistake.problem.expected)
    if bound is not None:
        yield mistake.write(int(bound[1]))
    if mistake.key == ("version",):
        yield mistake.write(1)


# --- policies ---------------------------------------------------------------------------------------------------------


def _policies(mistake: _Mistake) -> Iterator[Candidate]:
    """An element of a policy that IAM does not take."""
    if mistake.last == "Version":
        yield mistake.write("2012-10-17")
    elif mistake.last == "Effect":
        yield from (mistake.write(each) for each in ("Allow", "Deny") if each.casefold() == mistake.text.casefold())
    elif "STS AssumeRole actions" in mistake.problem.message:
        yield from (mistake.write(each) for each in get_close_matches(mistake.text, _TRUST_ACTIONS, n=2))
    elif "Principal" in mistake.key:
        yield from _principals(mistake)
    elif mistake.last == "Statement" and not mistake.value:
        yield from _statements(mistake)


def _principals(mistake: _Mistake) -> Iterator[Candidate]:
    """A SAML provider that stands under AWS or Service, and belongs under Federated."""
    whole = mistake.key[: mistake.key.index("Principal") + 1]
    given = mistake.at(*whole)
    if not isinstance(given, dict):
        return
    providers = [each for members in given.values() for each in as_list(members) if ":saml-provider/" in str(each)]
    others = {
        kind: kept if isinstance(members, list) else kept[0]
        for kind, members in given.items()
        if kind != "Federated" and (kept := [each for each in as_list(members) if each not in providers])
    }
    if providers:
        value = {"Federated": providers[0] if len(providers) == 1 else providers, **others}
        yield mistake.put("Write the SAML provider as a Federated principal", Edit(whole, value))


def _statements(mistake: _Mistake) -> Iterator[Candidate]:
    """A trust policy without a statement: as another role of the account has it, or for each SAML provider."""
    if "trust" not in mistake.key:
        return
    roles = mistake.at(*mistake.key[:3])
    for role in roles.values() if isinstance(roles, dict) else ():
        trust = role.get("trust") if isinstance(role, dict) else None
        statements = trust.get("Statement") if isinstance(trust, dict) else None
        if statements and "AssumeRoleWithSAML" in str(statements):
            yield mistake.put("Trust whom another role of the account trusts", Edit(mistake.key, statements))
    for name in mistake.at(*mistake.key[:2], "saml_providers") or ():
        arn = f"arn:{mistake.at(*mistake.key[:2], 'partition') or 'aws'}:iam::{mistake.key[1]}:saml-provider/{name}"
        statement = {"Effect": "Allow", "Principal": {"Federated": arn}, "Action": "sts:AssumeRoleWithSAML"}
        yield mistake.put(f"Trust the SAML provider {name}", Edit(mistake.key, [statement]))


# --- accounts and instances -------------------------------------------------------------------------------------------


def _account_ids(mistake: _Mistake) -> Iterator[Candidate]:
    """An account id that is none: the one that its own ARNs have."""
    if len(mistake.key) != 2 or mistake.key[0] != "aws" or "account id" not in mistake.problem.message:
        return
    known = dict.fromkeys(match[1] for match in _ACCOUNT_ID.finditer(str(mistake.data)))
    for account_id in get_close_matches(mistake.last, [each for each in known if each not in mistake.at("aws")], n=3):
        yield mistake.rename(account_id)


def _organizations(mistake: _Mistake) -> Iterator[Candidate]:
    """The id of an organization that is none: that of the other accounts'."""
    if mistake.key[2:] == ("organization", "id"):
        others = ((account or {}).get("organization") or {} for account in mistake.at("aws").values())
        ids = dict.fromkeys(str(each.get("id")) for each in others)
        yield from (mistake.write(each) for each in ids if each.startswith("o-") and each != mistake.text)


def _instances(mistake: _Mistake) -> Iterator[Candidate]:
    """The region, the alias and the profiles of an Amazon Connect instance."""
    if mistake.key[2:3] != ("connect",) or len(mistake.key) < 4:
        return
    if mistake.last == "region":
        yield from _regions(mistake)
    elif mistake.last == "alias":
        label = re.sub(r"[^0-9A-Za-z-]+", "-", mistake.text).strip("-")
        if label and label != mistake.text:
            yield mistake.write(label)
    elif mistake.last == "routing_profile":
        yield from _added(mistake, "routing_profiles")
    elif "security_profiles" in mistake.key[4:]:
        yield from _added(mistake, "security_profiles")


def _regions(mistake: _Mistake) -> Iterator[Candidate]:
    """The regions that the file names together with the instance's id, then those that begin alike."""
    instance_id = str(mistake.key[3])
    texts = [text for text in _texts(mistake.data) if instance_id in text]
    named = [match[0] for text in texts for match in _REGION_NAME.finditer(text)]
    elsewhere = {match[0] for text in _texts(mistake.data) for match in _REGION_NAME.finditer(text)}
    alike = sorted(each for each in elsewhere if each.startswith(mistake.text) or mistake.text.startswith(each))
    for region in dict.fromkeys((*named, *alike)):
        yield mistake.write(region)


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    for each in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _texts(each)


def _added(mistake: _Mistake, kind: str) -> Iterator[Candidate]:
    """A profile that a user has and the instance does not."""
    key: Key = (*mistake.key[:4], kind)
    profiles, title = mistake.at(*key), f"Add {mistake.text} to the instance's {kind.replace('_', ' ')}"
    if kind == "security_profiles":
        yield mistake.put(title, Edit((*key, mistake.text), {}))
    elif isinstance(profiles, list):
        yield mistake.put(title, Edit((*key, APPENDED), mistake.text))
    else:
        yield mistake.put(title, Edit(key, [mistake.text]))


def _origins(mistake: _Mistake) -> Iterator[Candidate]:
    """An approved origin, or the origin of pages, with more or less than scheme, host and port."""
    is_page = mistake.key[:1] == ("pages",) and len(mistake.key) == 2
    if not is_page and "approved_origins" not in mistake.key[4:5]:
        return
    text = (mistake.last if is_page else mistake.text).strip()
    parts = urlsplit(text if "://" in text else f"https://{text}")
    host = (parts.hostname or "").lower()
    port = f":{parts.port}" if parts.port is not None and not is_page else ""
    scheme = "http" if parts.scheme == "http" and host == "localhost" else "https"
    origin = f"{scheme}://{host}{port}"
    if not host or origin == text or "*" in host:
        pages = [each for each in mistake.at("pages") or {} if "*" in host and each.endswith(host.partition("*")[2])]
        yield from (mistake.write(each) for each in pages)
        return
    yield mistake.rename(origin) if is_page else mistake.write(origin)


# --- files ------------------------------------------------------------------------------------------------------------


def _files(mistake: _Mistake) -> Iterator[Candidate]:
    """A file or a folder that is not there, or a key that is needed and not given."""
    if mistake.key[:1] == ("pages",) and "no folder" in mistake.problem.message:
        folders = sorted(each.name for each in mistake.folder.iterdir() if each.is_dir())
        yield from (mistake.write(each) for each in get_close_matches(mistake.text, folders, n=3, cutoff=0.4))
    if mistake.key[2:3] != ("saml_providers",) or len(mistake.key) < 4:
        return
    provider: Key = mistake.key[:4]
    apps = list(_apps_of(mistake, str(provider[1]), str(provider[3])))
    if "needs a private key" in mistake.problem.message or "private_keys" in mistake.key[4:]:
        for app in apps:
            name = private_key_of(mistake.at(*app), mistake.folder)
            if name:
                edit = Edit((*provider, "private_keys"), [name])
                yield mistake.put(f"Upload the private key {name}", edit)
    if "metadata" in mistake.key[4:5]:
        for app in apps:
            source = {"okta_app": f"{app[1]}/{app[3]}"}
            title = f"Upload the metadata of {source['okta_app']}"
            yield mistake.put(title, Edit((*provider, "metadata"), source))
    if "No such file" in mistake.problem.message:
        files = sorted(each.name for each in mistake.folder.iterdir() if each.is_file())
        yield from (mistake.write(each) for each in get_close_matches(mistake.text, files, n=3, cutoff=0.5))


def _apps_of(mistake: _Mistake, account_id: str, name: str) -> Iterator[Key]:
    """Yields the keys of the apps that name a SAML provider: first by its ARN, then by its name alone."""
    ending = f":iam::{account_id}:saml-provider/{name}"
    apps = [
        ("okta", org, "apps", app)
        for org, settings in (mistake.at("okta") or {}).items()
        for app in ((settings or {}).get("apps") or {})
    ]
    named = [app for app in apps if any(ending in text for text in _texts(mistake.at(*app)))]
    others = [app for app in apps if any(f":saml-provider/{name}" in text for text in _texts(mistake.at(*app)))]
    yield from dict.fromkeys((*named, *others))


_FUNCTIONS: tuple[Callable[[_Mistake], Iterator[Candidate]], ...] = (
    _words,
    _numbers,
    _policies,
    _account_ids,
    _organizations,
    _instances,
    _origins,
    _files,
)
