"""Our dataclasses behave as the standard library's, and are compiled when they are first used."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field
from typing import Any

import pytest

from emulator.kernel import records


@records.dataclass(frozen=True, slots=True)
class Ours:
    """A class with what our classes use."""

    name: str
    secret: str = field(repr=False)
    groups: list[str] = field(default_factory=list)
    note: str | None = field(default=None, compare=False)
    more: int = field(default=3, kw_only=True)


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    """The same class of the standard library."""

    name: str
    secret: str = field(repr=False)
    groups: list[str] = field(default_factory=list)
    note: str | None = field(default=None, compare=False)
    more: int = field(default=3, kw_only=True)


BOTH = pytest.mark.parametrize("cls", [Ours, Theirs])
FROZEN = {"frozen": True, "slots": True}


def message(call: Callable[[], object]) -> str:
    """Returns what the call raises, without the name of the class."""
    with pytest.raises((TypeError, AttributeError)) as caught:
        call()
    return f"{type(caught.value).__name__}: {caught.value}".replace("Theirs", "Ours")


@BOTH
def test_values_defaults_and_repr(cls: type[Ours]) -> None:
    """Fields take values by place and by name, and a secret is not shown."""
    one = cls("Hanako", "s3cret", more=4)
    assert (one.name, one.secret, one.groups, one.note, one.more) == ("Hanako", "s3cret", [], None, 4)
    assert repr(one).replace("Theirs", "Ours") == "Ours(name='Hanako', groups=[], note=None, more=4)"
    assert cls("a", "b").groups is not cls("a", "b").groups


@BOTH
def test_comparison_and_hash(cls: type[Ours]) -> None:
    """A field with ``compare=False`` does not count; another class is never equal."""
    assert cls("a", "b", note="x") == cls("a", "b", note="y")
    assert cls("a", "b") != cls("a", "c")
    other: object = ("a", "b")
    assert cls("a", "b") != other
    assert hash(cls("a", "b", ())) == hash(cls("a", "b", (), note="y"))  # type: ignore[arg-type]  # what can be hashed
    assert message(lambda: hash(cls("a", "b"))) == "TypeError: unhashable type: 'list'"


def test_refusals_are_those_of_the_standard_library() -> None:
    """What is missing, unknown, given twice or frozen is refused in the same words."""

    def refusals(cls: Any) -> list[str]:
        one = cls("a", "b")
        return [
            message(lambda: cls("a")),
            message(lambda: cls("a", "b", [], None, 4)),
            message(lambda: cls("a", "b", no_such=1)),
            message(lambda: cls("a", "b", name="c")),
            message(lambda: setattr(one, "name", "c")),
            message(lambda: delattr(one, "name")),
        ]

    assert refusals(Ours) == refusals(Theirs)
    with pytest.raises(FrozenInstanceError, match=r"^cannot assign to field 'name'$"):
        Ours("a", "b").name = "c"  # type: ignore[misc]  # refused, which is the point


@BOTH
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])  # noqa: S301  # our own
def test_copies_are_equal(cls: type[Ours], copied: Callable[[Ours], Ours]) -> None:
    """Also in another process; ``replace``, ``fields`` and ``asdict`` work as well."""
    one = cls("a", "b", ["c"], note="d")
    assert copied(one) == one
    assert copied(one).note == "d"
    assert dataclasses.replace(one, name="e", more=5) == cls("e", "b", ["c"], more=5)
    assert [each.name for each in dataclasses.fields(cls)] == ["name", "secret", "groups", "note", "more"]
    assert dataclasses.asdict(one) == {"name": "a", "secret": "b", "groups": ["c"], "note": "d", "more": 3}


@pytest.mark.parametrize("make", [records.dataclass, dataclasses.dataclass])
def test_a_class_keeps_what_it_defines(make: Callable[..., Any]) -> None:
    """Its own comparison, constructor and hash; a class that can change has no hash, unless it has no comparison."""

    @make(**FROZEN)
    class Own:  # noqa: PLW1641  # the decorator gives it one
        name: str

        def __eq__(self, other: object) -> bool:
            return True

        def __repr__(self) -> str:
            return "own"

    @make(slots=True)
    class Changing:
        name: str = "a"

    @make(slots=True, eq=False)
    class Itself:
        name: str = "a"

    own: Any = Own
    changing: Any = Changing
    assert (own("a") == own("b"), repr(own("a")), hash(own("a")) == hash(own("a"))) == (True, "own", True)
    one = changing()
    one.name = "b"
    assert one == changing("b")
    assert message(lambda: hash(one)) == "TypeError: unhashable type: 'Changing'"
    assert Itself() != Itself()
    assert hash(Itself())


@pytest.mark.parametrize("make", [records.dataclass, dataclasses.dataclass])
def test_a_class_with_parents(make: Callable[..., Any]) -> None:
    """Fields are inherited, what is not in the constructor is made, and ``__post_init__`` comes last."""

    @make(**FROZEN)
    class Parent:
        first: int

    @make(**FROZEN)
    class Child(Parent):
        second: int = 2
        made: list[int] = field(default_factory=list, init=False)

        def __post_init__(self) -> None:
            self.made.append(self.first + self.second)

    parent: Any = Parent
    child: Any = Child
    assert child(1).made == [3]
    assert parent(1) != child(1)
    assert not hasattr(child(1), "__dict__")
    assert dataclasses.replace(parent(1), first=5).first == 5


@pytest.mark.parametrize("make", [records.dataclass, dataclasses.dataclass])
def test_a_class_without_fields(make: Callable[..., Any]) -> None:
    """All instances are equal."""

    @make(**FROZEN)
    class Nothing:
        pass

    assert Nothing() == Nothing()
    assert len({Nothing(), Nothing()}) == 1
    assert repr(Nothing()).endswith("Nothing()")


def test_a_constructor_is_compiled_after_a_few_instances() -> None:
    """Whoever imports a module pays for the classes of which there are many; all instances are alike."""

    @records.dataclass(**FROZEN)
    class Later:
        name: str
        groups: list[str] = field(default_factory=list)
        made: str = field(init=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "made", self.name.upper())

    first = Later.__init__
    assert "groups" not in first.__code__.co_varnames
    few = [Later("a"), Later(name="a"), Later("a", []), Later("a", groups=[])]
    assert Later.__init__ is first
    assert few == [Later("a")] * 4
    assert Later.__init__.__code__.co_varnames == ("self", "name", "groups")
    assert [(each.name, each.groups, each.made) for each in (few[0], Later("a"))] == [("a", [], "A")] * 2


@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [((), {}), (("a", "b", "c"), {}), (("a",), {"name": "b"}), (("a",), {"no_such": 1}), (("a", 1), {"made": 2})],
    ids=str,
)
def test_the_first_instance_is_refused_in_the_same_words(
    arguments: tuple[object, ...], keywords: dict[str, object]
) -> None:
    """As by the standard library: what is missing, too much, given twice or unknown."""

    def refusal(make: Callable[..., Any]) -> str:
        @make(slots=True)
        class Fresh:
            name: str
            number: int = 0
            made: int = field(default=1, init=False)

        fresh: Any = Fresh
        return message(lambda: fresh(*arguments, **keywords))

    assert refusal(records.dataclass) == refusal(dataclasses.dataclass)


@pytest.mark.parametrize("dataclass", [records.dataclass, dataclasses.dataclass])
def test_a_subclass_has_a_last_step_of_its_own(dataclass: Any) -> None:
    """From its first instance on, not only once the constructor is compiled."""

    class Base:
        name: str

        def __post_init__(self) -> None:
            self.name += " of the base"

    class Special(dataclass(Base)):  # type: ignore[misc]  # made here
        def __post_init__(self) -> None:
            self.name += " of the subclass"

    assert [Special("a").name for _ in range(6)] == ["a of the subclass"] * 6


@pytest.mark.parametrize("weakref_slot", [False, True])
@pytest.mark.parametrize("dataclass", [records.dataclass, dataclasses.dataclass])
def test_a_frozen_instance_is_of_its_class_and_refuses_assignments(dataclass: Any, weakref_slot: bool) -> None:
    """Before and after the constructor is compiled; an instance of a subclass with more slots is of that one."""

    @dataclass(weakref_slot=weakref_slot, **FROZEN)
    class Base:
        name: str
        groups: list[str] = field(default_factory=list)

    class Special(Base):
        pass

    for cls in (Base, Special):
        for one in [cls("a") for _ in range(8)]:
            assert (type(one), one.name, one.groups) == (cls, "a", [])
            assert message(lambda one=one: setattr(one, "name", "b")) == (  # type: ignore[misc]  # bound in the loop
                "FrozenInstanceError: cannot assign to field 'name'"
            )
