"""Renews AWS's managed policies from the moto that is installed.

    pip install -e '.[bench]'
    python -m tests.renewal.managed_policies

The same moto gives the same bytes.
"""

from __future__ import annotations

import json
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sp_mock.accounts.aws_managed_policies import FILE, SHARDS, shard_of

_ELEMENTS = ("Path", "DefaultVersionId", "CreateDate", "UpdateDate", "Document")
_NOTICE = """AWS's managed policies, taken from moto {version}, https://github.com/getmoto/moto, file
moto/iam/aws_managed_policies.py, licensed under the Apache License, Version 2.0
(https://www.apache.org/licenses/LICENSE-2.0); rearranged and compressed, nothing else was changed.
The policy documents are Amazon Web Services'.
"""


def main() -> None:
    """Writes the file that the accounts read."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    write(json.loads(aws_managed_policies_data), _NOTICE.format(version=version("moto")), FILE)


def write(policies: Mapping[str, Mapping[str, Any]], notice: str, path: Path) -> None:
    """Writes policies, by name, and the notice."""
    shards: dict[str, dict[str, Any]] = defaultdict(dict)
    for name in sorted(policies):
        shards[shard_of(name)][name] = {element: policies[name][element] for element in _ELEMENTS}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        _add(file, "NOTICE", notice)
        for number in range(SHARDS):
            member = f"{number:02}.json"
            _add(file, member, json.dumps(shards[member], separators=(",", ":")))


def _add(file: zipfile.ZipFile, name: str, text: str) -> None:
    file.writestr(zipfile.ZipInfo(name, date_time=(2020, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED, 9)


if __name__ == "__main__":
    main()
