"""The exception tree: drawn, complete, and printed as a person reads it."""

from __future__ import annotations

import inspect
import pickle

from emulator.kernel import errors
from emulator.kernel.errors import (
    AwsRefusal,
    EnvironmentProblem,
    FederationError,
    InvalidIdentityToken,
    Location,
    Problem,
    first_problems,
)
from emulator.reports.errors import error_text
from emulator.reports.text import refusal_block


def test_the_drawn_tree_is_the_real_one() -> None:
    """Every exception class of the module is in the docstring's drawing, and nothing else."""
    classes = {
        name for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, BaseException)
    }
    drawing = (errors.__doc__ or "").partition("FederationError")[2].partition("This module")[0]
    drawn = {
        line.replace("│", " ").replace("├──", " ").replace("└──", " ").split()[0]
        for line in drawing.splitlines()[1:]
        if line.strip()
    }
    assert drawn | {"FederationError"} == classes


def test_a_refusal_prints_what_why_where_and_the_fix() -> None:
    """The block names service, code, status and check; each part has its own line."""
    refusal = InvalidIdentityToken(
        "Response does not contain the required audience.",
        service="AWS sign-in",
        check="audience",
        explanation="The Audience is not AWS's.",
        where="/Response/Assertion/Conditions",
        expected="urn:amazon:webservices",
        received="urn:example",
        fix="audience: urn:amazon:webservices",
        spec="SAML Core §2.5.1.4",
    )
    assert refusal_block(refusal, place="assertion /Response/Assertion/Conditions:31") == (
        "AWS sign-in refused: InvalidIdentityToken (400), check audience\n"
        "  said   Response does not contain the required audience.\n"
        "  why    The Audience is not AWS's.\n"
        "  want   urn:amazon:webservices\n"
        "  got    urn:example\n"
        "  where  assertion /Response/Assertion/Conditions:31\n"
        "  fix    audience: urn:amazon:webservices\n"
        "  spec   SAML Core §2.5.1.4"
    )


def test_words_that_are_not_known_to_be_the_services_are_marked() -> None:
    """An assumed wording says so."""
    assert "(the emulator's wording)" in refusal_block(AwsRefusal("No.", evidence="assumed"))
    assert "(the emulator's wording)" not in refusal_block(AwsRefusal("No."))


def test_other_errors_print_their_fix() -> None:
    """An error that is not a refusal says what to do as well."""
    assert error_text(EnvironmentProblem("Port 80 is taken", fix="Choose another.")) == (
        "Port 80 is taken\n  fix    Choose another."
    )
    assert issubclass(EnvironmentProblem, FederationError)


def test_a_refusal_is_copied_and_sent_whatever_its_class_is_made_from() -> None:
    """A class may take other arguments than the words, as that of a rate limit does."""
    copied = pickle.loads(pickle.dumps(OfAnOperation("GetUser", 7)))  # noqa: S301 - what this test has made
    for each in (copied, OfAnOperation("GetUser", 7).plain):
        assert (type(each), each.message, each.check, each.status) == (OfAnOperation, "No GetUser here", "here", 400)
        assert str(each) == "No GetUser here"


class OfAnOperation(AwsRefusal):
    """A refusal that is made from the name of an operation and a number, which its words do not show."""

    def __init__(self, operation: str, number: int, *, check: str = "here") -> None:
        super().__init__(f"No {operation} here", check=check)
        self.number = number


def test_the_first_hundred_mistakes_of_a_file_are_listed() -> None:
    """The others are counted in a last one, at the place of the hundredth."""
    problems = [Problem(Location("a.yaml", number + 1), f"wrong {number}") for number in range(1_200)]
    assert first_problems(iter(problems[:100])) == problems[:100]
    assert first_problems(iter(problems)) == [
        *problems[:100],
        Problem(Location("a.yaml", 100), "there are 1,100 more mistakes"),
    ]


def test_a_line_break_in_a_name_does_not_make_a_line() -> None:
    """A file's name and a key may hold one."""
    assert str(Location("a\nb.yaml", 3, "x\ny")) == "a\\nb.yaml:3  x\\ny"
