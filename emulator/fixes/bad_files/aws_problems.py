"""Corrections of the AWS part of a file that cannot be read as a world."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from urllib.parse import urlsplit

from emulator.fixes.bad_files.aws_files import of_files
from emulator.fixes.bad_files.aws_mistake import AwsMistake, texts_in
from emulator.fixes.bad_files.aws_policies import in_policy
from emulator.fixes.candidate import Candidate, Edit
from emulator.kernel.errors import Problem
from emulator.kernel.partitions import REGION
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import APPENDED, YamlDocument

_QUOTED = re.compile(r"'([^']*)'")
_BOUND = re.compile(r"(?:less|greater) than or equal to (\d+)")
_MEANT = re.compile(r"did you mean ([^?]+)\?")
_REGION_NAME = re.compile(rf"(?<![a-z0-9-]){REGION}(?![a-z0-9-])")
_ACCOUNT_ID = re.compile(r"arn:[a-z-]+:[a-z-]+:[a-z0-9-]*:([0-9]{12}):")


def propose_for_problem(problem: Problem, document: YamlDocument) -> Iterator[Candidate]:
    """Proposes what was probably meant where a file's part for AWS, or for pages, is invalid."""
    mistake = AwsMistake.of(problem, document)
    if mistake.key[:1] not in {("aws",), ("pages",), ("version",)}:
        return
    seen: list[tuple[Edit, ...]] = []
    for function in _FUNCTIONS:
        for candidate in function(mistake):
            if candidate.edits not in seen:
                seen.append(candidate.edits)
                yield candidate


# --- words and numbers ------------------------------------------------------------------------------------------------


def _words(mistake: AwsMistake) -> Iterator[Candidate]:
    """Corrects a misspelt word or key."""
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


def _numbers(mistake: AwsMistake) -> Iterator[Candidate]:
    bound = _BOUND.search(mistake.problem.expected)
    if bound is not None:
        yield mistake.write(int(bound[1]))
    if mistake.key == ("version",):
        yield mistake.write(1)


# --- accounts and instances -------------------------------------------------------------------------------------------


def _account_ids(mistake: AwsMistake) -> Iterator[Candidate]:
    """Replaces an invalid account id by the one in its own ARNs."""
    if len(mistake.key) != 2 or mistake.key[0] != "aws" or "account id" not in mistake.problem.message:
        return
    known = dict.fromkeys(match[1] for match in _ACCOUNT_ID.finditer(str(mistake.data)))
    for account_id in get_close_matches(mistake.last, [each for each in known if each not in mistake.at("aws")], n=3):
        yield mistake.rename(account_id)


def _organizations(mistake: AwsMistake) -> Iterator[Candidate]:
    """Replaces an invalid organization id by that of the other accounts."""
    if mistake.key[2:] == ("organization", "id"):
        others = ((account or {}).get("organization") or {} for account in mistake.at("aws").values())
        ids = dict.fromkeys(str(each.get("id")) for each in others)
        yield from (mistake.write(each) for each in ids if each.startswith("o-") and each != mistake.text)


def _instances(mistake: AwsMistake) -> Iterator[Candidate]:
    """Corrects the region, the alias or the profiles of an Amazon Connect instance."""
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


def _regions(mistake: AwsMistake) -> Iterator[Candidate]:
    """Returns regions named with the instance's id in the file, then those with a similar beginning."""
    instance_id = str(mistake.key[3])
    texts = [text for text in texts_in(mistake.data) if instance_id in text]
    named = [match[0] for text in texts for match in _REGION_NAME.finditer(text)]
    elsewhere = {match[0] for text in texts_in(mistake.data) for match in _REGION_NAME.finditer(text)}
    alike = sorted(each for each in elsewhere if each.startswith(mistake.text) or mistake.text.startswith(each))
    for region in dict.fromkeys((*named, *alike)):
        yield mistake.write(region)


def _added(mistake: AwsMistake, kind: str) -> Iterator[Candidate]:
    """Adds a profile that a user has and the instance lacks."""
    key: Key = (*mistake.key[:4], kind)
    profiles, title = mistake.at(*key), f"Add {mistake.text} to the instance's {kind.replace('_', ' ')}"
    if kind == "security_profiles":
        yield mistake.put(title, Edit((*key, mistake.text), {}))
    elif isinstance(profiles, list):
        yield mistake.put(title, Edit((*key, APPENDED), mistake.text))
    else:
        yield mistake.put(title, Edit(key, [mistake.text]))


def _origins(mistake: AwsMistake) -> Iterator[Candidate]:
    """Corrects an approved origin, or the origin of pages, that has more or less than scheme, host and port."""
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


_FUNCTIONS: tuple[Callable[[AwsMistake], Iterator[Candidate]], ...] = (
    _words,
    _numbers,
    in_policy,
    _account_ids,
    _organizations,
    _instances,
    _origins,
    of_files,
)
