"""The standard library's dataclasses, with methods that are compiled when they are first used.

``dataclasses.dataclass`` compiles six methods of each frozen class while its module is imported. fedemu has about five
hundred such classes, and a command uses a part of them: that was a quarter of the start of every command. Here the
standard library still makes the class, its slots and its fields, so that ``fields``, ``replace`` and ``asdict`` work as
ever. Comparison, hash and ``repr`` are shared by all classes, and so is a slow constructor for the first few instances;
a class of which there are more gets a compiled one.

Type checkers see the standard library's decorator. What it offers and this does not: ``order``, ``unsafe_hash``,
``InitVar``. A class that needs one of them uses the standard library.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, NoReturn

# Compiling a constructor takes as long as some ten calls of the shared one.
_FEW = 4

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414  # said to be exported
else:

    def dataclass(
        cls=None, /, *, eq=True, frozen=False, kw_only=False, slots=False, weakref_slot=False
    ):  # its annotations are those of the standard library
        """Returns the class as a dataclass, as ``dataclasses.dataclass`` does."""

        def decorate(cls):
            # Otherwise the standard library works out the signature of a constructor that is not there yet.
            cls.__doc__ = cls.__doc__ or cls.__name__
            made = dataclasses.dataclass(
                init=False, repr=False, eq=False, kw_only=kw_only, slots=slots, weakref_slot=weakref_slot
            )(cls)
            for name, method in _methods(made, eq=eq, frozen=frozen).items():
                if name not in made.__dict__ or (name == "__hash__" and made.__hash__ is None):
                    setattr(made, name, method)
            return made

        return decorate if cls is None else decorate(cls)


def _methods(cls: type, *, eq: bool, frozen: bool) -> dict[str, Any]:
    """Returns the methods of a dataclass that its body may have given, too."""
    methods: dict[str, Any] = {"__init__": _first_constructor(cls, frozen=frozen), "__repr__": _repr}
    if eq:
        values = _compared_values(cls)
        methods["__eq__"] = _equality(values)
        methods["__hash__"] = _hash(values) if frozen else None
    if frozen:
        methods.update(__setattr__=_refuse_to_set, __delattr__=_refuse_to_delete)
        methods.update(__getstate__=_state, __setstate__=_set_state)
    return methods


def _first_constructor(cls: type, *, frozen: bool) -> Callable[..., None]:
    """Returns a constructor that has itself replaced by a compiled one after a few instances."""
    assign: Callable[[object, str, object], None] = object.__setattr__ if frozen else setattr
    made = 0

    def __init__(self: object, *arguments: object, **keywords: object) -> None:  # noqa: N807  # named in errors
        nonlocal made
        made += 1
        values = _given_values(cls, arguments, keywords) if made <= _FEW else None
        if values is None:
            compiled = _compiled_constructor(cls, frozen=frozen)
            cls.__init__ = compiled  # type: ignore[misc]  # that is what it is for
            compiled(self, *arguments, **keywords)
            return
        for name, value in values.items():
            assign(self, name, value)
        if hasattr(cls, "__post_init__"):
            self.__post_init__()  # type: ignore[attr-defined]  # a subclass may have one of its own

    return __init__


def _given_values(cls: type, arguments: Sequence[object], keywords: Mapping[str, object]) -> dict[str, object] | None:
    """Returns the value of each field; None where the arguments do not fit, for the compiled constructor to refuse."""
    fields = dataclasses.fields(cls)
    places = [field.name for field in fields if field.init and not field.kw_only]
    given = {**dict(zip(places, arguments, strict=False)), **keywords}
    if len(arguments) > len(places) or len(given) < len(arguments) + len(keywords):
        return None
    values: dict[str, object] = {}
    for field in fields:
        if field.init and field.name in given:
            values[field.name] = given.pop(field.name)
        elif field.default is not dataclasses.MISSING:
            values[field.name] = field.default
        elif field.default_factory is not dataclasses.MISSING:
            values[field.name] = field.default_factory()
        elif field.init:
            return None
    return None if given else values


def _compiled_constructor(cls: type, *, frozen: bool) -> Callable[..., None]:
    """Returns a constructor that takes and keeps what the fields say, and then calls ``__post_init__``."""
    known: dict[str, Any] = {"_set": object.__setattr__, "_not_given": dataclasses.MISSING}
    by_place, by_name, body, kept = ["self"], list[str](), list[str](), list[str]()
    for field in dataclasses.fields(cls):
        name, parameter, value = field.name, field.name, ""
        if field.default is not dataclasses.MISSING:
            known[f"_default_{name}"] = field.default
            parameter, value = f"{name}=_default_{name}", f"_default_{name}"
        elif field.default_factory is not dataclasses.MISSING:
            known[f"_make_{name}"] = field.default_factory
            parameter, value = f"{name}=_not_given", f"_make_{name}()"
        if field.init:
            (by_name if field.kw_only else by_place).append(parameter)
            if field.default_factory is not dataclasses.MISSING:
                body.append(f" if {name} is _not_given: {name} = {value}")
        elif value:
            body.append(f" {name} = {value}")
        else:
            continue
        kept.append(name)
    body += _assignments(cls, kept, known) if frozen else [f" self.{name} = {name}" for name in kept]
    if hasattr(cls, "__post_init__"):
        body.append(" self.__post_init__()")
    parameters = ", ".join([*by_place, *(["*", *by_name] if by_name else [])])
    exec("\n".join([f"def __init__({parameters}):", *(body or [" pass"])]), known)  # noqa: S102  # names of fields only
    made: Callable[..., None] = known["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


def _assignments(cls: type, names: Sequence[str], known: dict[str, Any]) -> list[str]:
    """Returns the lines of a constructor that fill an instance of a frozen class.

    Args:
        cls: The class.
        names: Its fields, which are variables of the constructor.
        known: What the lines can use; what they need is added.
    """
    past_refusal = [f" _set(self, {name!r}, {name})" for name in names]
    slots = cls.__dict__.get("__slots__")
    if not names or not slots or cls.__bases__ != (object,) or type(cls) is not type:
        return past_refusal
    # object.__setattr__ takes twenty times as long as a plain assignment. So while an instance is filled, it belongs to
    # a class that has the same slots and refuses nothing.
    refusing_nothing = type(cls.__name__, (), {"__slots__": slots})
    try:
        object.__setattr__(object.__new__(cls), "__class__", refusing_nothing)
    except TypeError:  # Python 3.11 does not allow it where the slots include one for weak references
        return past_refusal
    known.update(_type=type, _cls=cls, _open=refusing_nothing)
    return [
        " if _type(self) is _cls:",
        "  _set(self, '__class__', _open)",
        *(f"  self.{name} = {name}" for name in names),
        "  self.__class__ = _cls",
        " else:",  # a subclass, which may have more slots
        *(f" {line}" for line in past_refusal),
    ]


def _compared_values(cls: type) -> Callable[[Any], Any]:
    """Returns what gives those values of an instance that decide whether it equals another."""
    names = [field.name for field in dataclasses.fields(cls) if field.compare]
    return attrgetter(*names) if names else lambda _: ()


def _equality(values: Callable[[Any], Any]) -> Callable[[Any, object], bool]:
    def __eq__(self: Any, other: object) -> bool:  # noqa: N807  # named in errors
        if other.__class__ is not self.__class__:
            return NotImplemented
        return bool(values(self) == values(other))

    return __eq__


def _hash(values: Callable[[Any], Any]) -> Callable[[Any], int]:
    def __hash__(self: Any) -> int:  # noqa: N807  # named in errors
        return hash(values(self))

    return __hash__


@recursive_repr()
def _repr(self: Any) -> str:
    shown = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
    return f"{self.__class__.__qualname__}({', '.join(shown)})"


def _refuse_to_set(_self: object, name: str, _value: object) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> dict[str, object]:
    """Returns what a copy or another process needs; a frozen class does not allow the usual way of setting it."""
    kept = dict(getattr(self, "__dict__", {}))
    return kept | {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}


def _set_state(self: Any, state: dict[str, object]) -> None:
    for name, value in state.items():
        object.__setattr__(self, name, value)
