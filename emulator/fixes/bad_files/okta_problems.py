"""Corrections of an identity provider's part of a file that cannot be read as a world."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from emulator.fixes.bad_files.mistake import Mistake
from emulator.fixes.candidate import REMOVED, Candidate, Edit
from emulator.fixes.key_files import pairs_in
from emulator.fixes.okta.console import console_of_first
from emulator.fixes.okta.mapping import filters_for
from emulator.fixes.okta.names import names_by_value
from emulator.fixes.okta.subject import by_likeness
from emulator.fixes.okta.titles import title_of
from emulator.kernel.errors import Problem
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import APPENDED, YamlDocument

_QUOTED = re.compile(r"'([^']*)'")
_AND_MORE = re.compile(r" and \d+ more$")
_IN_QUOTES = re.compile(r'write "([^"]*)" in quotes')
_SPAN = re.compile(r"\s*(\d+)\s*(h|hours?|m|min|minutes?|s|seconds?)?\s*", re.IGNORECASE)
_BOUND = re.compile(r"(?:less|greater) than or equal to (\d+)")
_SECONDS = {"h": 3600, "m": 60, "s": 1}
_SIGN_IN = "https://signin.aws.amazon.com/saml"
_FORMATS = ("okta_username", "okta_username_prefix", "email", "email_prefix")
_EXPRESSIONS = ("user.login", "user.email")
_ALIKE = 0.6


class OktaMistake(Mistake):
    """A problem at its place in an identity provider's part of a file."""

    __slots__ = ()

    def put(self, *edits: Edit, title: str = "", warning: str = "") -> Candidate:
        """Returns edits as a candidate."""
        return Candidate(title or title_of(edits[0], self.data), edits, console_of_first(edits, self.data), warning)


def propose_for_problem(problem: Problem, document: YamlDocument) -> Iterator[Candidate]:
    """Yields what was probably meant where a file's part for an identity provider is invalid."""
    mistake = OktaMistake.of(problem, document)
    if mistake.key[:1] in {(), ("aws",), ("pages",)}:
        return
    for function in _FUNCTIONS:
        yield from function(mistake)


def _unknown_key(mistake: OktaMistake) -> Iterator[Candidate]:
    meant = mistake.problem.did_you_mean
    if mistake.problem.message.startswith("unknown key") and meant:
        edits = (Edit((*mistake.key[:-1], meant), mistake.value), Edit(mistake.key, REMOVED))
        yield mistake.put(*edits, title=f"Write {meant} in place of {mistake.key[-1]}")


def _group(mistake: OktaMistake) -> Iterator[Candidate]:
    """Corrects a group that the org lacks: a misspelling if it is named once, otherwise a missing group."""
    if not mistake.problem.message.startswith("there is no group"):
        return
    key, name = (*mistake.key[:2], "groups"), mistake.text
    groups = mistake.at(*key)
    used = _times_named(mistake)
    if used.get(name, 0) > 1:
        unused = [str(each) for each in groups or [] if not used.get(str(each))]
        for other in by_likeness(name, unused, at_least=_ALIKE):
            yield mistake.put(*_renamed_group(key, groups, other, name), title=f"Rename the group {other} to {name}")
        if isinstance(groups, list):
            yield mistake.put(Edit((*key, APPENDED), name), title=f"Add the group {name}")
        elif isinstance(groups, dict):
            yield mistake.put(Edit((*key, name), {}), title=f"Add the group {name}")


def _times_named(mistake: OktaMistake) -> dict[str, int]:
    """Returns how often each group is named by people and assignments."""
    org = mistake.at(*mistake.key[:2])
    found: dict[str, int] = {}
    people = [each for each in (org.get("users") or {}).values() if isinstance(each, dict)]
    apps = [each for each in (org.get("apps") or {}).values() if isinstance(each, dict)]
    assignments = [each for app in apps for each in app.get("assignments") or [] if isinstance(each, dict)]
    for name in (*(n for user in people for n in user.get("groups") or []), *(a.get("group") for a in assignments)):
        found[str(name)] = found.get(str(name), 0) + 1
    return found


def _renamed_group(key: Key, groups: Any, present: str, name: str) -> tuple[Edit, ...]:
    if isinstance(groups, list):
        return (Edit((*key, groups.index(present)), name),)
    return (Edit((*key, name), groups[present]), Edit((*key, present), REMOVED))


def _meant_word(mistake: OktaMistake) -> Iterator[Candidate]:
    """Corrects a misspelt word."""
    problem = mistake.problem
    if problem.message.startswith("unknown key") or mistake.value is None:
        return
    names = _AND_MORE.sub("", problem.expected)
    listed = names.removeprefix("one of ").split(", ") if names.startswith("one of ") else []
    words = _QUOTED.findall(problem.expected) or [each for each in listed if len(listed) == 1 or mistake.text.strip()]
    same = [word for word in words if word.casefold() == mistake.text.casefold().strip()]
    begun = [word for word in words if mistake.text and word.startswith(mistake.text.strip())]
    likely = by_likeness(mistake.text, words, at_least=_ALIKE)
    for word in dict.fromkeys((problem.did_you_mean, *same, *begun[:1], *likely)):
        if word:
            yield mistake.put(Edit(mistake.key, word))


def _blanks(mistake: OktaMistake) -> Iterator[Candidate]:
    """Removes blanks around a text, or an empty text that is optional."""
    text, is_item = mistake.value, isinstance(mistake.key[-1], int)
    if isinstance(text, str) and text.strip() and text.strip() != text:
        yield mistake.put(Edit(mistake.key, text.strip()))
    elif text == "" and mistake.key[-1] == "catalog" and mistake.at(*mistake.key[:4], "saml", "attributes"):
        yield mistake.put(Edit(mistake.key, "custom_saml"))
    elif text == "" and not is_item:
        yield mistake.put(Edit(mistake.key, REMOVED))


def _url(mistake: OktaMistake) -> Iterator[Candidate]:
    """Corrects an invalid address: upper case, or a mistake in its scheme."""
    if mistake.problem.message.endswith("is not an http(s) URL") and mistake.text.strip():
        rest = re.sub(r"^\w*:?/+", "", mistake.text.strip())
        url = f"https://{rest.lower() if rest.isupper() else rest}"
        if url != mistake.value:
            yield mistake.put(Edit(mistake.key, url))


def _attribute_name(mistake: OktaMistake) -> Iterator[Candidate]:
    """Names an attribute statement without a name: with AWS's attribute name that fits its value."""
    if mistake.key[4:6] == ("saml", "attributes") and mistake.problem.message.endswith("name is missing"):
        key = mistake.key[:7]
        statement = mistake.at(*key)
        for name in names_by_value(statement) if isinstance(statement, dict) else ():
            yield mistake.put(Edit((*key, "name"), name))


def _number(mistake: OktaMistake) -> Iterator[Candidate]:
    """Corrects a number that should be text, a text that should be a number, or a number out of bounds."""
    expected, quoted = mistake.problem.expected, _IN_QUOTES.search(mistake.problem.expected)
    span, bound = _SPAN.fullmatch(mistake.text), _BOUND.search(expected)
    if quoted is not None:
        yield mistake.put(Edit(mistake.key, quoted[1]))
    elif expected == "a whole number" and span is not None:
        yield mistake.put(Edit(mistake.key, int(span[1]) * _SECONDS[(span[2] or "s")[0].lower()]))
    elif bound is not None:
        yield mistake.put(Edit(mistake.key, int(bound[1])))
    elif expected == "true or false" and mistake.text.casefold() in {"yes", "on", "no", "off", "true", "false"}:
        yield mistake.put(Edit(mistake.key, mistake.text.casefold() in {"yes", "on", "true"}))


def _provider_arn(mistake: OktaMistake) -> Iterator[Candidate]:
    """Corrects an invalid Identity Provider ARN, or adds a missing one; the app may also be a custom one."""
    is_missing = mistake.problem.message == "identity_provider_arn is missing"
    app = mistake.at(*mistake.key[:4])
    if not isinstance(app, dict) or not (is_missing or mistake.key[-1] == "identity_provider_arn"):
        return
    saml = app.get("saml")
    if is_missing and isinstance(saml, dict) and saml.get("attributes"):
        yield mistake.put(Edit((*mistake.key[:4], "catalog"), "custom_saml"))
    present = "" if is_missing else mistake.text.strip()
    known = _provider_arns(mistake)
    ranked = known if is_missing else (*((present,) if present in known else ()), *by_likeness(present, known))
    for arn in ranked:
        yield mistake.put(Edit((*mistake.key[:4], "identity_provider_arn"), arn))


def _provider_arns(mistake: OktaMistake) -> tuple[str, ...]:
    """Returns the ARNs of the file's SAML providers, those with the app's metadata first."""
    own, found = f"{mistake.key[1]}/{mistake.key[3]}", []
    for account_id, account in (mistake.at("aws") or {}).items():
        for name, provider in (account.get("saml_providers") or {}).items():
            partition = account.get("partition", "aws")
            found.append((own not in str(provider), f"arn:{partition}:iam::{account_id}:saml-provider/{name}"))
    return tuple(arn for _, arn in sorted(found, key=lambda each: each[0]))


def _acs_url(mistake: OktaMistake) -> Iterator[Candidate]:
    """Adds the URL to which a custom app's response is posted."""
    if "needs an acs_url" not in mistake.problem.message:
        return
    app = mistake.at(*mistake.key[:4])
    saml = app.get("saml") or {}
    if app.get("identity_provider_arn") and not saml.get("attributes"):
        yield mistake.put(Edit((*mistake.key[:4], "catalog"), "amazon_aws"))
    for url in dict.fromkeys((saml.get("recipient"), saml.get("destination"), _SIGN_IN)):
        if url:
            yield mistake.put(Edit((*mistake.key[:4], "acs_url"), url))


def _expression(mistake: OktaMistake) -> Iterator[Candidate]:
    """Corrects an unreadable expression: a text without quotes, a misspelt format, a superfluous dot."""
    if "expression" not in mistake.problem.message or not isinstance(mistake.value, str):
        return
    text = mistake.value.strip()
    found: list[str] = []
    if mistake.key[-1] == "username_format" and "." not in text:
        found += by_likeness(text, _FORMATS, at_least=0.7)
    if text.startswith(("arn:", "https:", "'")):
        found.append(f'"{text.strip(chr(39))}"')
    found.append(re.sub(r"\.{2,}", ".", text))
    if re.fullmatch(r"\w+\.\w+", text):
        found.append(f"user.{text.partition('.')[2]}")
    found += _FORMATS[:1] if mistake.key[-1] == "username_format" else _EXPRESSIONS
    for each in dict.fromkeys(found):
        if each != mistake.value:
            yield mistake.put(Edit(mistake.key, each))


def _group_filter(mistake: OktaMistake) -> Iterator[Candidate]:
    """Replaces an invalid group filter by one made from the names of groups with existing roles."""
    if mistake.key[-1] != "group_filter":
        return
    accounts = (mistake.at("aws") or {}).values()
    roles = {str(role) for account in accounts if isinstance(account, dict) for role in account.get("roles") or {}}
    groups = [*_times_named(mistake), *map(str, mistake.at(*mistake.key[:2], "groups") or [])]
    for text in dict.fromkeys(text for name in groups for text in filters_for(name, roles)):
        yield mistake.put(Edit(mistake.key, text))
    yield mistake.put(Edit(mistake.key, REMOVED), title="Take out the Group Filter")


def _file(mistake: OktaMistake) -> Iterator[Candidate]:
    """Replaces a missing file, or one of another kind: by a matching pair, then by files with similar names."""
    message = mistake.problem.message
    if "signing" in mistake.key[-2:]:
        signing = mistake.key[:-1] if mistake.key[-1] != "signing" else mistake.key
        given = {name: str(mistake.at(*signing, name) or "") for name in ("private_key", "certificate")}
        for pair in pairs_in(mistake.folder, given):
            edits = [Edit((*signing, name), file) for name, file in pair.items() if given[name] != file]
            if edits:
                yield mistake.put(*edits, title="Sign with a private key and its own certificate")
    elif "No such file" in message:
        files = [path.name for path in mistake.folder.glob("*") if path.is_file()]
        for name in by_likeness(mistake.text, sorted(files), at_least=0.3)[:10]:
            yield mistake.put(Edit(mistake.key, name))


_FUNCTIONS: tuple[Callable[[OktaMistake], Iterator[Candidate]], ...] = (
    _unknown_key,
    _group,
    _blanks,
    _meant_word,
    _url,
    _attribute_name,
    _number,
    _provider_arn,
    _acs_url,
    _expression,
    _group_filter,
    _file,
)
