"""Different kinds of attack are explained differently: no sentence and no fix line serves for what it does not fit."""

from __future__ import annotations

from collections import Counter, defaultdict

from tests.attacks.conftest import Send
from tests.attacks.table import Attack
from tests.attacks.test_attacks import ATTACKS

# How many explanations there are at sign-in for the messages of a family. Of wrapping and tampering the table has many
# messages of one kind, on each shape of signature; of the others nearly each is a kind of its own.
EXPLANATIONS = {
    "assertion": 23,
    "Response": 10,
    "key": 16,
    "algorithm": 22,
    "reference": 23,
    "structure": 35,
    "forged": 2,
    "tampering": 2,
    "claim": 118,
    "base64": 13,
    "XML": 35,
    "encrypted": 16,
}
FIXES = {
    "assertion": 5,
    "Response": 4,
    "key": 6,
    "algorithm": 12,
    "reference": 9,
    "structure": 21,
    "forged": 2,
    "tampering": 1,
    "claim": 85,
    "base64": 11,
    "XML": 30,
    "encrypted": 12,
}


def _family(attack: Attack) -> str:
    return attack.name.partition(":")[0].partition(",")[0]


def test_each_kind_has_its_own_explanation_and_fix(send: Send) -> None:
    """By family of the table; what is said of one check is never said of another."""
    explanations: dict[str, set[str]] = defaultdict(set)
    fixes: dict[str, set[str]] = defaultdict(set)
    checks: dict[str, set[str]] = defaultdict(set)
    for attack in ATTACKS:
        answer = send(
            attack.make(),
            at_sts=False,
            provider=attack.provider,
            to_the_providers_url=attack.to_the_providers_url,
        )
        assert answer.refusal is not None
        explanations[_family(attack)].add(answer.refusal.explanation)
        fixes[_family(attack)].add(answer.refusal.fix)
        checks[answer.refusal.explanation].add(answer.refusal.check)
    assert {family: len(found) for family, found in explanations.items()} == EXPLANATIONS
    assert {family: len(found) for family, found in fixes.items()} == FIXES
    assert [text for text, found in checks.items() if len(found) > 1] == []


def test_no_signature_is_explained_by_a_sentence_for_many_kinds(send: Send) -> None:
    """What is wrong with the shape of a signature is said of that shape alone, or of its nearest likeness."""
    counts: Counter[str] = Counter()
    for attack in ATTACKS:
        if _family(attack) in {"structure", "reference", "algorithm"}:
            refusal = send(attack.make(), at_sts=False, provider=attack.provider).refusal
            assert refusal is not None
            counts[refusal.explanation] += 1
    assert max(counts.values()) <= 3
