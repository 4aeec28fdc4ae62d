"""Which user of an instance a session's name means, when it matches no login exactly.

Spec: Amazon Connect Administrator Guide "troubleshoot-saml"
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from emulator.kernel.records import dataclass
from sp_mock.accounts.connect_resources import ConnectUser

_SIMILAR = 0.85
_MANY_USERS = 300
_NOT_IN_LOGINS = "+=,"
_BEFORE_NAMES = "_-.\\:|=,+"
_SEPARATORS = re.compile(r"[^0-9a-z]+")


@dataclass(frozen=True, slots=True)
class MeantLogin:
    """A login that resembles a session's name; ``difference`` says how they differ, as the end of a sentence.

    ``is_sure`` is set where only the form differs; otherwise the login may belong to another person.
    """

    login: str
    difference: str
    is_sure: bool = True


class KnownLogins:
    """The users of an instance, indexed by everything that a session's name may have in common with their logins.

    Args:
        users: Users of the instance.
    """

    def __init__(self, users: Iterable[ConnectUser]) -> None:
        self._users = tuple(users)
        self.logins = tuple(user.login for user in self._users)
        self._domains = Counter(_domain(login) for login in self.logins)
        self._found: dict[str, list[int]] = {}
        for number, user in enumerate(self._users):
            for key in dict.fromkeys(_keys(user)):
                self._found.setdefault(key, []).append(number)

    def meant(self, name: str) -> MeantLogin | None:
        """Returns the user that a session's name means, or None where it resembles no login.

        Args:
            name: The RoleSessionName.
        """
        numbers = sorted({number for key in _asked(name) for number in self._found.get(key, ())})
        alike = [self._users[number] for number in numbers]
        for differs in _FORMS:
            for user in alike:
                difference = differs(name, user)
                if difference:
                    return MeantLogin(user.login, difference)
        return self._misspelt(name)

    def has_domain(self, name: str, *, but: str) -> bool:
        """Returns whether more than one login has the domain of a session's name."""
        domain = _domain(name)
        return self._domains[domain] > (1 if _domain(but) == domain else 0)

    def _misspelt(self, name: str) -> MeantLogin | None:
        """A login that differs in a few characters: a typing mistake, or another person with a similar name.

        Among very many logins, only those that begin or end like the name are compared.
        """
        local, domain = name.lower().partition("@")[0], _domain(name)
        users: Iterable[ConnectUser] = self._users
        if len(self._users) > _MANY_USERS:
            keys = (f"begins {local[:3]}", f"ends {local[-3:]}")
            users = [self._users[number] for number in sorted({n for key in keys for n in self._found.get(key, ())})]
        near: list[str] = []
        for user in users:
            theirs = user.login.lower().partition("@")[0]
            if _domain(user.login) != domain or _is_unlike(local, theirs):
                continue
            if difflib.SequenceMatcher(None, local, theirs).ratio() >= _SIMILAR:
                near.append(user.login)
            if len(near) > 1:
                return None
        return MeantLogin(near[0], "they differ in a few characters", is_sure=False) if near else None


def meant_login(name: str, users: Iterable[ConnectUser]) -> MeantLogin | None:
    """Returns the user among some users that a session's name means, as ``KnownLogins.meant`` does."""
    return KnownLogins(users).meant(name)


def _domain(login: str) -> str:
    return login.lower().partition("@")[2]


def _is_unlike(text: str, other: str) -> bool:
    """Whether two texts are too different in length to be similar."""
    return 2 * min(len(text), len(other)) < _SIMILAR * (len(text) + len(other))


def _keys(user: ConnectUser) -> Iterator[str]:
    """Yields what a session's name may have in common with a user; each form below looks one of these up."""
    login = user.login.lower()
    local = login.partition("@")[0]
    yield from (f"login {login}", f"login {login.strip()}", f"local {local}", f"plain {_plain(user.login)}")
    yield from (f"letters {_letters(local)}", f"begins {local[:3]}", f"ends {local[-3:]}")
    yield from (f"rest {login[number + 1 :]}" for number, character in enumerate(login) if character in _BEFORE_NAMES)
    yield from (f"email {email.lower()}" for email in (user.email, user.secondary_email) if email)
    first, last = _letters(user.first_name), _letters(user.last_name)
    if first and last:
        yield from (f"names {first}{last}", f"names {last}{first}")


def _asked(name: str) -> Iterator[str]:
    """Yields the keys under which a session's name is looked up."""
    lower = name.lower()
    local = lower.partition("@")[0]
    yield from (f"login {lower}", f"login {lower.strip()}", f"login {local}", f"local {lower}", f"local {local}")
    yield from (f"local {local.partition('+')[0]}", f"plain {_plain(name)}", f"letters {_letters(local)}")
    yield from (f"rest {lower}", f"email {lower}", f"names {_letters(local)}")
    yield from (f"login {lower[number + 1 :]}" for number, character in enumerate(lower) if character in _BEFORE_NAMES)


def _case(name: str, user: ConnectUser) -> str:
    return "they differ in case, and case counts" if name.lower() == user.login.lower() else ""


def _blank(name: str, user: ConnectUser) -> str:
    if name.strip().lower() == user.login.strip().lower():
        return "a blank at the beginning or the end is the difference"
    return ""


def _domain_missing(name: str, user: ConnectUser) -> str:
    local, at, domain = user.login.partition("@")
    return f"@{domain} is missing" if at and name.lower() == local.lower() else ""


def _domain_too_many(name: str, user: ConnectUser) -> str:
    local, at, domain = name.partition("@")
    return f"@{domain} is too much" if at and local.lower() == user.login.lower() else ""


def _other_domain(name: str, user: ConnectUser) -> str:
    (local, at, domain), (their_local, their_at, theirs) = name.partition("@"), user.login.partition("@")
    if at and their_at and local.lower() == their_local.lower():
        return f"the domains differ, {domain} and {theirs}"
    return ""


def _tagged(name: str, user: ConnectUser) -> str:
    """A plus address is delivered to the address without the tag."""
    local, _, domain = name.partition("@")
    plain = local.partition("+")[0]
    theirs, _, their_domain = user.login.partition("@")
    if (
        "+" in local
        and plain.lower() == theirs.lower()
        and (not their_domain or domain.lower() == their_domain.lower())
    ):
        return f"{local.removeprefix(plain)} is too much"
    return ""


def _prefixed(name: str, user: ConnectUser) -> str:
    longer, shorter, what = (
        (name, user.login, "too much") if len(name) > len(user.login) else (user.login, name, "missing")
    )
    prefix = longer[: len(longer) - len(shorter)]
    is_prefix = longer.lower().endswith(shorter.lower()) and len(shorter) > 2
    return f"{prefix} at the beginning is {what}" if is_prefix and prefix[-1:] in _BEFORE_NAMES and prefix else ""


def _look_alikes(name: str, user: ConnectUser) -> str:
    if name != user.login and _plain(name) == _plain(user.login):
        return "they are written with other characters that look alike"
    return ""


def _separators(name: str, user: ConnectUser) -> str:
    (local, _, domain), (their_local, _, theirs) = name.partition("@"), user.login.partition("@")
    if domain.lower() == theirs.lower() and _letters(local) == _letters(their_local) and _letters(local):
        return "the characters between the parts of the name differ"
    return ""


def _own_names(name: str, user: ConnectUser) -> str:
    """A display name, or an address that the user has besides their login."""
    first, last = _letters(user.first_name), _letters(user.last_name)
    if name.lower() in {user.email.lower(), user.secondary_email.lower()} - {""}:
        return f"{name} is the user's e-mail address there"
    if first and last and _letters(name.partition("@")[0]) in {first + last, last + first}:
        return f"{name} is the name {user.first_name} {user.last_name}, not the login"
    return ""


_FORMS: tuple[Callable[[str, ConnectUser], str], ...] = (
    _case,
    _blank,
    _domain_missing,
    _domain_too_many,
    _tagged,
    _other_domain,
    _look_alikes,
    _prefixed,
    _separators,
    _own_names,
)


def characters_no_login_has(name: str) -> str:
    """Returns the characters of a session's name that no Amazon Connect login can have."""
    return "".join(dict.fromkeys(character for character in name if character in _NOT_IN_LOGINS))


def _letters(text: str) -> str:
    return _SEPARATORS.sub("", text.lower())


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text).casefold()
