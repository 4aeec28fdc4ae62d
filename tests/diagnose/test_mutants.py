"""The benchmark's data is sound: its worlds work, each setting of them is broken, and a sample of mutants is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.network.data_folder.keys import KeyFolder
from tests.diagnose.__main__ import count, run
from tests.diagnose.checking import Found, said_of
from tests.diagnose.judging import Bench, Verdict, is_named
from tests.diagnose.mutants import Journey, Mutant, MutantFile, key_of, mutant_files
from tests.diagnose.mutating import data_of, leaves, mutated, prepare, write
from tests.diagnose.playing import End, arrives, play

LANDINGS = {
    ("accounts", "supervisor"): "https://meridian-voice.awsapps.com/connect/ccp-v2",
    ("accounts", "several"): "https://meridian-voice.awsapps.com/connect/ccp-v2",
    ("accounts", "operator"): "https://console.aws.amazon.com/vpc/home",
    ("accounts", "tagged"): "https://us-west-2.console.aws.amazon.com/s3/home",
    ("accounts", "tagged-sts"): "https://sts.amazonaws.com/",
    ("article", "agent"): "https://harbor.my.connect.aws/home",
    ("article", "ccp"): "https://harbor.my.connect.aws/ccp-v2",
    ("article", "lead"): "https://harbor.my.connect.aws/home",
    ("article", "sts"): "https://sts.amazonaws.com/",
    ("article", "desk"): "https://harbor.my.connect.aws/ccp-v2",
    ("article", "destination"): "https://desk.harbor.example/start",
    ("foreign", "desk"): "https://atelier-desk.my.connect.aws/ccp-v2",
    ("foreign", "framed"): "https://atelier-desk.my.connect.aws/ccp-v2",
    ("foreign", "test-page"): "https://atelier-desk.my.connect.aws/ccp-v2",
    ("foreign", "shift"): "https://atelier-desk.my.connect.aws/ccp-v2",
    ("foreign", "console"): "https://ap-southeast-2.console.aws.amazon.com/cloudwatch/home",
    ("foreign", "sts"): "https://sts.amazonaws.com/",
}
# A change covers the values that are at most so far below it: a whole app that is taken out breaks no setting of it.
_REACH = 2


def _journeys() -> Iterator[tuple[MutantFile, str, Journey]]:
    for file in mutant_files():
        for name, journey in file.journeys.items():
            yield file, name, journey


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that worlds can be written to."""
    path = tmp_path_factory.mktemp("diagnose")
    prepare(path)
    return path


def test_the_worlds_work(folder: Path) -> None:
    """Every journey that is to work arrives in the world as it is, and no other does."""
    keys = KeyFolder(folder / "keys")
    ends = {
        (file.world, name): (journey, play(write(folder, file, None), journey, keys))
        for file, name, journey in _journeys()
    }
    arrived = {name: end.lands_on for name, (journey, end) in ends.items() if arrives(end, journey)}
    assert {name: arrived.get(name) for name in LANDINGS} == LANDINGS
    assert {name for name, (journey, _) in ends.items() if journey.works} == set(LANDINGS)


def test_ids_are_unique_and_begin_with_their_world() -> None:
    """No two mutants have the same id, and it says which world is broken."""
    ids = Counter(mutant.id for file in mutant_files() for mutant in file.mutants)
    assert [name for name, times in ids.items() if times > 1] == []
    assert [m.id for file in mutant_files() for m in file.mutants if not m.id.startswith(f"{file.world}-")] == []


def test_journeys_and_short_names_exist() -> None:
    """A mutant's journey is one of its file's, and no short name is left in a pointer."""
    for file in mutant_files():
        for mutant in file.mutants:
            assert mutant.journey in {"", *file.journeys}, mutant.id
            pointers = [*file.changes(mutant), *file.blames(mutant)]
            assert [pointer for pointer in pointers if pointer.startswith("{")] == [], mutant.id


def test_each_mutant_is_another_world_or_another_journey() -> None:
    """A mutant changes something, or makes a journey that does not work."""
    for file in mutant_files():
        for mutant in file.mutants:
            same = mutant.edit is None and mutated(file, mutant) == data_of(file.path)
            assert same is not file.journey(mutant).works, mutant.id


def test_there_are_as_many_as_are_needed() -> None:
    """At least 150 mutants stop something, in every world some."""
    stopping = {file.world: sum(not mutant.harmless for mutant in file.mutants) for file in mutant_files()}
    assert set(stopping) == {"accounts", "article", "foreign"}
    assert sum(stopping.values()) >= 150
    assert min(stopping.values()) >= 40


@pytest.mark.parametrize("file", mutant_files(), ids=lambda file: file.world)
def test_every_setting_of_a_world_is_broken(file: MutantFile) -> None:
    """Each value of a world is changed by a mutant, or is listed with the reason why none does."""
    changed = [key_of(pointer) for mutant in file.mutants for pointer in file.changes(mutant)]
    excused = [key_of(pointer) for pointer in file.unmutated]
    settings = list(leaves(data_of(file.path)))
    left = [
        setting
        for setting in settings
        if not any(setting[: len(key)] == key and len(setting) - len(key) <= _REACH for key in changed)
        and not any(setting[: len(key)] == key for key in excused)
    ]
    assert left == []
    unknown = [key for key in excused if not any(setting[: len(key)] == key for setting in settings)]
    assert unknown == []
    assert all(file.unmutated.values())


def test_the_stable_mutants_are_named() -> None:
    """The mutants that are marked as stable are named first."""
    stable = {mutant.id for file in mutant_files() for mutant in file.mutants if mutant.stable}
    assert len(stable) >= 12
    results = run(stable)
    assert {result.mutant.id: result.verdict for result in results} == dict.fromkeys(stable, Verdict.NAMED)
    assert count(results) == (len(stable), len(stable))


def test_one_right_answer_has_to_come_first() -> None:
    """Where one key is right, the second that is named does not count; where two are, either does."""
    end = End("refused", origins=("okta.a.mfa", "aws.1.roles.R.trust.Statement[0].Action"), lines=(3, 9))
    assert is_named(("okta.a.mfa",), end)
    assert not is_named(("aws.1.roles.R.trust",), end)
    assert is_named(("aws.1.roles.R.trust", "okta.a.apps"), end)
    assert not is_named(("aws.1.roles.R.tru",), End("refused", origins=("aws.1.roles.R.trust",), lines=(9,)))
    assert is_named(("line:3",), end)
    assert is_named(("asked:",), End("refused", origins=("asked:the browser",), lines=(0,)))


def test_a_list_that_is_wrong_is_noticed(folder: Path) -> None:
    """A mutant that stops nothing has to be harmless, and one that is called harmless has to stop nothing."""
    article = next(file for file in mutant_files() if file.world == "article")
    label = "/okta/harbor/apps/contact-centre/label"
    bench = Bench(folder)
    blamed = Mutant(id="article-x", kind="name", changes={label: "Calls"}, blames=[label])
    assert bench.judge(article, blamed).verdict is Verdict.STOPS_NOTHING
    audience = "/okta/harbor/apps/contact-centre/audience"
    harmless = Mutant(id="article-y", kind="name", changes={audience: "urn:amazon"}, harmless="So it is said.")
    assert bench.judge(article, harmless).verdict is Verdict.NOT_HARMLESS


def test_the_lines_are_those_of_the_mutated_file(folder: Path) -> None:
    """What is named is on the line of the file that was written."""
    accounts = next(file for file in mutant_files() if file.world == "accounts")
    mutant = next(mutant for mutant in accounts.mutants if mutant.id == "accounts-filter-hash")
    result = Bench(folder).judge(accounts, mutant)
    lines = (folder / "accounts-filter-hash.yaml").read_text(encoding="utf-8").splitlines()
    assert result.end.origins == ("okta.meridian.apps.aws.group_filter",)
    assert lines[result.end.lines[0] - 1].strip().startswith("group_filter: ^aws")


def test_what_check_says_more_than_before_is_what_it_finds(folder: Path) -> None:
    """A mutant that stops somebody is found, one that is worth knowing is noted, and the world as it is is neither."""
    article = next(file for file in mutant_files() if file.world == "article")
    keys = KeyFolder(folder / "keys")
    before = said_of(write(folder, article, None), keys)
    chosen = {mutant.id: said_of(write(folder, article, mutant), keys).beside(before) for mutant in article.mutants[:8]}
    assert chosen["article-user-suspended"] is Found.FOUND
    assert chosen["article-user-no-group"] is Found.FOUND
    assert before.beside(before) is Found.MISSED
    off = next(mutant for mutant in article.mutants if mutant.id == "article-join-all-roles")
    assert said_of(write(folder, article, off), keys).beside(before) is Found.NOTED
