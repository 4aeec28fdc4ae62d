"""AWS CLI output about an account itself rather than its roles: its alias, its id, its users' access keys.

Spec: IAM API Reference, ListAccountAliases, ListAccessKeys; STS API Reference, GetCallerIdentity
Evidence: documented
"""

from __future__ import annotations

import re

from emulator.seeds.aws_answers.answers import Answer
from emulator.seeds.aws_answers.fields import Malformed
from emulator.seeds.aws_answers.reading import Reading
from emulator.seeds.aws_answers.unknown_denials import require_known
from emulator.seeds.made_secrets import made_secret
from emulator.worldfile.text.yaml_data import Key

_ACCESS_KEY_ID = re.compile(r"AKIA[A-Z0-9]{16}", re.ASCII)


def read_aliases(reading: Reading, answer: Answer) -> None:
    """Reads the output of ``list-account-aliases``."""
    for alias, place in answer.fields.texts("AccountAliases"):
        reading.part().put(("alias",), alias, place)


def read_identity(reading: Reading, answer: Answer) -> None:
    """Reads the output of ``get-caller-identity``: the account's id, which a world already has."""
    with reading.leaving_out(answer.fields, "caller identity"):
        account, listed = answer.fields.text("Account"), reading.seed.settings.account_id
        reading.part(answer.fields.text("Arn"))
        if listed in {"", account}:
            reading.add_note("aws sts get-caller-identity", "it contains only the account's id", answer.fields.place)
        else:
            reason = f"it was run in the account {account}, not in {listed}"
            reading.leave_out("aws sts get-caller-identity", reason, answer.fields.place)


def read_access_keys(reading: Reading, answer: Answer) -> None:
    """Reads the output of ``list-access-keys``; secrets are generated, never read."""
    for key in answer.objects("AccessKeyMetadata", "AccessKey"):
        with reading.leaving_out(key, "access key"):
            key_id, user = key.text("AccessKeyId"), key.text("UserName")
            if key.optional_text("Status") not in {"", "Active"}:
                raise Malformed(f"{key_id} of {user} is not active")
            if not _ACCESS_KEY_ID.fullmatch(key_id):
                raise Malformed("its id is not that of a long-term access key")
            require_known(reading, "users", user)
            place = (*key.place, "AccessKeyId")
            into: Key = ("users", user, "access_keys")
            part = reading.part()
            if not part.has("users", user):
                part.put(("users", user), {}, key.place)
            part.append(into, {"id": key_id, "secret": made_secret(key_id)}, place)
            reading.add_note(
                f"access key {key_id} of {user}",
                "secrets are never read; here it has a generated one",
                place,
                f"Set users.{user}.access_keys in the world file to choose another.",
            )
