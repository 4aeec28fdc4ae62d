"""Changes of how a message is signed and encrypted, of its style, and of the kind of app."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.fixes.candidate import REMOVED, Candidate, Edit
from emulator.fixes.key_files import keys_in, pairs_in
from emulator.fixes.okta.subject import Subject, by_likeness
from emulator.worldfile.text.yaml_data import Key

_STYLES = ("okta", "entra", "google", "identity-center", "onelogin", "ping", "keycloak", "adfs", "auth0", "jumpcloud")


def signing_key(subject: Subject) -> Iterator[Candidate]:
    """Yields matching pairs of private key and certificate among the files beside the world's; then a new pair."""
    key: Key = (*subject.app, "signing")
    present = subject.at(key)
    if not isinstance(present, dict):
        return
    given = {name: str(present.get(name, "")) for name in ("private_key", "certificate")}
    for pair in pairs_in(subject.finding.world.folder, given):
        edits = [Edit((*key, name), file) for name, file in pair.items() if given[name] != file]
        if edits:
            yield subject.candidate(*edits, title="Sign with a private key and its own certificate")
    warning = "The app signs with a new key, whose metadata has to be uploaded to every SAML provider."
    yield from subject.put_at(key, REMOVED, warning=warning)


def encryption(subject: Subject) -> Iterator[Candidate]:
    """Yields encryption for a SAML provider's private key; then, with a warning, no encryption."""
    key: Key = (*subject.app, "assertion_encryption")
    present = subject.at(key)
    for certificate in _providers_certificates(subject):
        if isinstance(present, dict):
            yield from subject.put_at((*key, "certificate"), certificate)
        else:
            yield from subject.put_at(key, {"certificate": certificate})
    if isinstance(present, dict):
        yield from subject.put_at((*key, "key_transport"), REMOVED)
        yield from subject.put_at((*key, "algorithm"), REMOVED)
        yield from subject.put_at(key, REMOVED, warning="Assertions are no longer encrypted.")


def _providers_certificates(subject: Subject) -> tuple[str, ...]:
    """Returns the certificate files that match private keys of SAML providers, those of the app's provider first."""
    files = keys_in(subject.finding.world.folder)
    own = f"{subject.org[-1]}/{subject.app[-1]}"
    accounts = subject.finding.world.settings.aws.values()
    providers = [each for account in accounts for each in account.saml_providers.values()]
    providers.sort(key=lambda each: each.metadata.okta_app != own)
    private = files.private_keys
    keys = [private[name] for each in providers for name in each.private_keys if name in private]
    return tuple(dict.fromkeys(name for key in keys for name, other in files.certificates.items() if other == key))


def signed_elements(subject: Subject) -> Iterator[Candidate]:
    """Yields that the assertion is signed, or what the style signs."""
    yield from subject.put(REMOVED)
    yield from subject.put(["Response", "Assertion"])


def own_default(subject: Subject) -> Iterator[Candidate]:
    """Yields the default of a setting."""
    yield from subject.put(REMOVED)


def style(subject: Subject) -> Iterator[Candidate]:
    """Yields the style that was nearly written."""
    for name in by_likeness(subject.text, _STYLES, at_least=0.6):
        yield from subject.put(name)


def kind_of_app(subject: Subject) -> Iterator[Candidate]:
    """Yields the other kind of app, where the settings are of that kind."""
    key: Key = (*subject.app, "catalog")
    statements, provider = subject.of_app("saml", "attributes"), subject.of_app("identity_provider_arn")
    if subject.is_custom and provider and not statements:
        yield from subject.put_at(key, "amazon_aws")
    elif not subject.is_custom and statements:
        yield from subject.put_at(key, "custom_saml")
