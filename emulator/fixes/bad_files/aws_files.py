"""Missing files and folders that a world's file names, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from emulator.fixes.bad_files.aws_mistake import AwsMistake, texts_in
from emulator.fixes.candidate import Candidate, Edit
from emulator.fixes.key_files import private_key_of
from emulator.worldfile.text.yaml_data import Key


def of_files(mistake: AwsMistake) -> Iterator[Candidate]:
    """Proposes a file or a folder instead of a missing one, or a required key that is missing."""
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


def _apps_of(mistake: AwsMistake, account_id: str, name: str) -> Iterator[Key]:
    """Yields the keys of the apps that name a SAML provider, first by ARN, then by name alone."""
    ending = f":iam::{account_id}:saml-provider/{name}"
    apps = [
        ("okta", org, "apps", app)
        for org, settings in (mistake.at("okta") or {}).items()
        for app in ((settings or {}).get("apps") or {})
    ]
    named = [app for app in apps if any(ending in text for text in texts_in(mistake.at(*app)))]
    others = [app for app in apps if any(f":saml-provider/{name}" in text for text in texts_in(mistake.at(*app)))]
    yield from dict.fromkeys((*named, *others))
