"""HARs as the schemas of HAR 1.2 that browsers' and load tools' readers share judge them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft6Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT6

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.network.trace import to_har
from tests.clients.conftest import CLIENTS
from tests.conftest import APP, USER
from tests.emulator.test_cli import Run, run
from tests.requirements import installed

__all__ = ["run"]

SCHEMAS = CLIENTS / "node_modules" / "har-schema" / "lib"


@pytest.fixture
def judge() -> Draft6Validator:
    """Returns the npm package har-schema as a validator."""
    files = list(installed(SCHEMAS).glob("*.json"))
    schemas = {each.name: json.loads(each.read_text(encoding="utf-8")) for each in files}
    # Each schema is called har.json# and is referred to so; in a registry a name has no empty fragment.
    resources = [
        (name, Resource.from_contents(schema, default_specification=DRAFT6)) for name, schema in schemas.items()
    ]
    for schema in schemas.values():
        schema.pop("$id", None)
    registry: Registry[Any] = Registry().with_resources(resources)
    return Draft6Validator({"$ref": "har.json"}, registry=registry, format_checker=FormatChecker())


def _problems(judge: Draft6Validator, har: Any) -> list[str]:
    return [f"{'/'.join(map(str, each.absolute_path))}: {each.message}" for each in judge.iter_errors(har)]


def test_the_judge_finds_what_is_wrong(judge: Draft6Validator) -> None:
    """A page without a title, an entry without an answer."""
    har = {"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "pages": [{"id": "p"}], "entries": [{}]}}
    assert "log/pages/0: 'title' is a required property" in _problems(judge, har)
    assert "log/entries/0: 'response' is a required property" in _problems(judge, har)


def test_what_run_writes_is_har(judge: Draft6Validator, run: Run, tmp_path: Path) -> None:
    """Each scenario of some families of the catalogue: pages and entries that are on them."""
    run("run", "--builtin", "-k", "AWS-STS or AWS-CCP or AWS-ENC", "--har", "hars")
    files = sorted(tmp_path.glob("hars/*.har"))
    assert len(files) > 30
    for file in files:
        har = json.loads(file.read_text(encoding="utf-8"))
        assert _problems(judge, har) == []
        pages = [page["id"] for page in har["log"]["pages"]]
        assert list(dict.fromkeys(entry["pageref"] for entry in har["log"]["entries"])) == pages


def test_what_a_trace_has_is_har(judge: Draft6Validator, federation: Federation) -> None:
    """The HAR beside ``login --trace``, which has no pages."""
    login = log_in(federation, user=USER, app=APP)
    assert _problems(judge, to_har(login.exchanges, version="1")) == []
