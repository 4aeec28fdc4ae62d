"""The Okta Expression Language: the values of expressions, and how a wrong one is reported."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.saml.expressions import ExpressionError, Scope, compile_expression, values_of

SCOPE = Scope(
    user={
        "login": "ada@example.com",
        "email": "ada.byron@example.com",
        "firstName": "Ada",
        "lastName": "Byron",
        "level": 3,
        "skills": ("French", "German"),
        "remote": True,
    },
    appuser={"role": "agent"},
    groups=("Agents", "aws#acme#Admin"),
    org={"name": "acme"},
)


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("user.email", ("ada.byron@example.com",)),
        ("source.login", ("ada@example.com",)),
        ("user.nothing", ()),
        ('user.firstName + " " + user.lastName', ("Ada Byron",)),
        ("user.level + 1", ("4",)),
        ('user.level + "x"', ("3x",)),
        ('String.substringBefore(user.email, "@")', ("ada.byron",)),
        ('String.substringAfter(user.email, "@")', ("example.com",)),
        ('String.substringBefore(user.email, "#")', ("",)),
        ("String.substring(user.firstName, 0, 1)", ("A",)),
        ('String.toUpperCase(String.append(user.firstName, "!"))', ("ADA!",)),
        ('String.join("-", user.firstName, user.lastName, appuser.role)', ("Ada-Byron-agent",)),
        ('String.replace("a.b.c", ".", "-")', ("a-b-c",)),
        ('String.replaceFirst("a.b.c", ".", "-")', ("a-b.c",)),
        ('String.removeSpaces("a b c")', ("abc",)),
        ("String.len(user.firstName)", ("3",)),
        ('String.stringContains(user.email, "byron")', ("true",)),
        ('String.stringSwitch(user.email, "other", "byron", "poet", "x", "y")', ("poet",)),
        ("user.skills", ("French", "German")),
        ('Arrays.add(user.skills, "Latin")', ("French", "German", "Latin")),
        ('Arrays.remove(user.skills, "French")', ("German",)),
        ("Arrays.size(user.skills)", ("2",)),
        ("Arrays.isEmpty(user.nothing)", ("true",)),
        ('Arrays.contains(user.skills, "German")', ("true",)),
        ("Arrays.get(user.skills, 1)", ("German",)),
        ("Arrays.get(user.skills, 9)", ()),
        ("Arrays.toCsvString(user.skills)", ("French,German",)),
        ("Arrays.flatten(user.skills, {1, {2}})", ("French", "German", "1", "2")),
        ("Convert.toInt('12') + 1", ("13",)),
        ('user.lastName == "Byron" ? "poet" : "engineer"', ("poet",)),
        ('user.level >= 3 AND user.remote ? "far" : user.level < 2 ? "new" : "near"', ("far",)),
        ('user.level != 3 || !(user.remote == true) ? "a" : "b"', ("b",)),
        ("NOT user.remote", ("false",)),
        ("-user.level", ("-3",)),
        ('isMemberOfGroupName("Agents")', ("true",)),
        ('isMemberOfAnyGroupName("X", "Agents")', ("true",)),
        ('isMemberOfGroupNameStartsWith("aws#") ? "cloud" : null', ("cloud",)),
        ('isMemberOfGroupNameContains("zzz") ? "cloud" : null', ()),
        (r'isMemberOfGroupNameRegex("aws#\\w+#Admin")', ("true",)),
        ('Groups.startsWith("OKTA", "aws", 10)', ("aws#acme#Admin",)),
        ("org.name", ("acme",)),
        (r'"say \"hi\""', ('say "hi"',)),
    ],
)
def test_what_expressions_come_to(expression: str, values: tuple[str, ...]) -> None:
    """One value, several, or none."""
    assert values_of(expression, SCOPE) == values


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "it ends too early, at character 1"),
        ("user.", "'.' is not understood, at character 5"),
        ("user.email user", "'user' is one too many, at character 12"),
        ('"open', "'\"' is not understood, at character 1"),
        ("person.name", "person.name is neither a function nor one of user.…, appuser.…, org.…, app.…, at character 1"),
        ("String.shout(user.email)", "there is no function String.shout, at character 1"),
        ("String.len()", "String.len takes 1 arguments, not 0, at character 1"),
        ("(user.email", "')' is missing at the end, at character 12"),
        ("user.a ? 1", "':' is missing at the end, at character 11"),
        (
            "user.a == 1234567890123456789",
            "the number 123456789012345678… has more than 18 digits, at character 11",
        ),
        ("user.a +", "it ends too early, at character 9"),
        ("1 == ", "it ends too early, at character 6"),
        ("(" * 100 + "1" + ")" * 100, "it is nested too deeply, at character 1"),
        ("!" * 100 + "true", "it is nested too deeply, at character 1"),
        ("isMemberOfGroupName()", "isMemberOfGroupName takes at least one argument, at character 1"),
    ],
)
def test_expressions_that_cannot_be_read(expression: str, message: str) -> None:
    """The message says what is wrong, and where."""
    with pytest.raises(ExpressionError) as caught:
        compile_expression(expression)
    assert caught.value.message == f"the expression cannot be read: {message}"


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("user.level AND true", "the expression has 3 where true or false belongs"),
        ("user.email < 3", "the expression has 'ada.byron@example.com' where a number belongs"),
        ("String.len(user.skills)", "the expression has an array where a text belongs"),
        (
            'isMemberOfGroupNameRegex("[")',
            "a regular expression does not compile: unterminated character set at position 0",
        ),
    ],
)
def test_expressions_that_come_to_nothing(expression: str, message: str) -> None:
    """A wrong kind of value is reported once it is evaluated for a person."""
    with pytest.raises(ExpressionError) as caught:
        values_of(expression, SCOPE)
    assert caught.value.message == message


def test_long_expressions_and_results_are_bounded() -> None:
    """Neither may grow without end."""
    with pytest.raises(ExpressionError, match="at most 2000 characters"):
        compile_expression("1 + " * 1000 + "1")
    with pytest.raises(ExpressionError, match="at most 10000 characters"):
        values_of("user.bio + user.bio + user.bio", Scope(user={"bio": "x" * 4000}))


@given(st.text(alphabet="user.email+()\"'?:!&|<>=,{}StringlenArys 0123", max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever is written is a value or an ExpressionError."""
    with contextlib.suppress(ExpressionError):
        values_of(text, SCOPE)
