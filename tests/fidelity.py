"""Makes docs/fidelity.md from the Evidence lines of docstrings: what imitates a real service, and how it is known.

``python -m tests.fidelity`` writes the page. With ``--count`` it prints how many rules are documented, observed and
assumed, and fails when assumed words are shown without the mark of the emulator's wording; after it the ids of
scenarios may follow, when others need not be looked at.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from tests.assumed_words import AssumedWords, evidence_of

ROOT = Path(__file__).parent.parent
KINDS = ("documented", "observed", "assumed")
_HEAD = """# Fidelity

Every rule that imitates Okta, AWS or Amazon Connect says where it comes from and how it is known: *documented* by the
vendor or a specification, *observed* in public answers and messages of the real service, or *assumed*, because nothing
public says. What is assumed is marked on pages and in refusals as the emulator's wording.

This page is made by `make docs` from the docstrings.

## What is checked in a SAML message

AWS says what an assertion must contain, and little about the rest of the message. If nothing public says whether AWS
checks something, the emulator follows the SAML specifications, unless a program that is known to work would fail.

| what | checked | why |
|---|---|---|
"""
_JUDGED = (
    (
        "Version of the Response and the assertion",
        "both are 2.0",
        "SAML Core §4.1.3.2 forbids processing another version",
    ),
    (
        "Destination",
        "at sign-in, if there is one: a sign-in URL of AWS, of any region; not at STS",
        "SAML Core §3.2.2; programs receive Responses at an address of their own and pass them to STS",
    ),
    (
        "Issuer of the Response",
        "if there is one: the entityID in the provider's metadata",
        "SAML Profiles §4.1.4.2; it is optional, also when the Response is signed",
    ),
    (
        "InResponseTo",
        "no",
        "AWS sends no requests. Tools that send them in its name, such as aws-azure-login, get Responses with "
        "InResponseTo, and STS accepts them",
    ),
    (
        "SubjectConfirmation",
        "exactly one with the method bearer; others are ignored, with their times and Recipients",
        "SAML Profiles §4.1.4.2",
    ),
    (
        "Address in SubjectConfirmationData",
        "no",
        "a browser's address differs from network to network",
    ),
    (
        "NotBefore, NotOnOrAfter",
        "of the Conditions and of the bearer confirmation, to the millisecond",
        "AWS's tolerance is not public",
    ),
    (
        "IssueInstant",
        "at most five minutes ago; at most five minutes ahead",
        "the first is AWS's rule, the second an assumed tolerance for fast clocks",
    ),
    (
        "SessionNotOnOrAfter",
        "still to come; it ends the session",
        "it is documented that this limits the session",
    ),
    (
        "an instant that cannot be read",
        "the message is refused, wherever the instant is",
        "an unreadable limit is not the absence of a limit",
    ),
    (
        "OneTimeUse, ProxyRestriction",
        "no",
        "one assertion may be used for several roles during its five minutes",
    ),
    (
        "another condition",
        "the message is refused",
        "SAML Core §2.5.1.1: its validity cannot be determined",
    ),
    (
        "two of what SAML allows once",
        "the message is refused",
        "parsers differ in which one they use",
    ),
    (
        "NameFormat, AuthnContext, SessionIndex, Consent",
        "no",
        "AWS asks for none of them",
    ),
    (
        "validity dates of certificates",
        "no",
        "not documented as checked; the metadata says which keys are valid",
    ),
    (
        "place of a Signature",
        "right after the Issuer; a Response's also last, as Auth0 places it, or first if there is no Issuer",
        "what it covers is the same",
    ),
    (
        "canonicalisation",
        "exclusive or inclusive, with or without comments; the only other transform is enveloped-signature",
        "libraries use both",
    ),
    (
        "signature algorithms",
        "RSA and, with such a key in the metadata, ECDSA, with SHA-256, SHA-384 or SHA-512; SHA-1 only "
        "with `accept_sha1`",
        "AWS's list is not public",
    ),
)
_RULES = """
## Rules

| rule | where | source | evidence |
|---|---|---|---|
"""


def rules() -> Iterator[tuple[str, str, str, str]]:
    """Yields every rule: its first sentence, its module, its source, its evidence."""
    for package in ("idp", "sp_mock"):
        for path in sorted((ROOT / package).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                    documentation = ast.get_docstring(node) or ""
                    evidence = evidence_of(documentation)
                    source = re.search(r"^Spec: (.*)$", documentation, re.MULTILINE)
                    if evidence:
                        first = documentation.splitlines()[0]
                        yield first, f"`{module}`", source[1] if source else "", evidence


def page() -> str:
    """Returns the whole page."""
    return _HEAD + _rows(_JUDGED) + _RULES + _rows(rules())


def _rows(rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |\n" for row in rows)


@cache
def assumed_words() -> AssumedWords:
    """Returns the rules with assumed words, read once in each process."""
    return AssumedWords(ROOT)


def counts(evidence: Iterable[str]) -> Counter[str]:
    """Counts rules by what their Evidence lines say: a rule of several kinds counts once under each of them."""
    return Counter(kind for line in evidence for kind in KINDS if re.search(rf"\b{kind}\b", line))


def count_and_judge(scenarios: frozenset[str] = frozenset()) -> int:
    """Prints the counts, and what shows assumed words without the mark; returns 1 when there is any, 0 otherwise.

    Args:
        scenarios: The ids of the scenarios whose pages are looked at; none for all.
    """
    from tests import wording_marks

    evidence = [each for *_, each in rules()]
    found = counts(evidence)
    unmarked = assumed_words().unmarked()
    shown = wording_marks.everything_shown(scenarios)
    unmarked += wording_marks.unmarked(iter(shown))
    lines = [f"{found[kind]:>4} {kind}" for kind in KINDS]
    lines.append(f"{len(evidence):>4} rules; one of several kinds counts under each")
    lines.append(
        f"{assumed_words().checked():>4} rules with assumed words make refusals; {len(shown)} places show such words"
    )
    lines += [f"unmarked: {each}" for each in unmarked]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if unmarked else 0


if __name__ == "__main__":
    if "--count" in sys.argv[1:]:
        sys.exit(count_and_judge(frozenset(sys.argv[1:]) - {"--count"}))
    (ROOT / "docs" / "fidelity.md").write_text(page(), encoding="utf-8")
