"""``make diagnose``: how often the first explanation names the setting that was broken, and ``check`` finds it.

python -m tests.diagnose                 every mutant, by kind
python -m tests.diagnose --misses        only those that were not named
python -m tests.diagnose --only ID       one of them, with everything that was said
python -m tests.diagnose --cases DIR     folders of cases, judged by what the command line prints
python -m tests.diagnose --fixes         how often a proposed change restores the login (--side okta, --side aws)
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Protocol, TypeVar

from tests.diagnose.checking import Found, Kind
from tests.diagnose.judging import Bench, Result, Verdict
from tests.diagnose.mutants import Mutant, MutantFile, mutant_files
from tests.diagnose.mutating import prepare

AIM = 0.97

Numbered = tuple[int, int]
Judged_co = TypeVar("Judged_co", covariant=True)


class Judge(Protocol[Judged_co]):
    """Describes the result of a mutant."""

    def judge(self, file: MutantFile, mutant: Mutant) -> Judged_co:
        """Returns what came of a mutant."""


def main() -> int:
    """Tries the mutants and prints their results; 1 where fewer were named than is aimed at."""
    parser = argparse.ArgumentParser(prog="python -m tests.diagnose")
    parser.add_argument(
        "--only", metavar="ID", default="", help="only this mutant, or those with this text in their id"
    )
    parser.add_argument("--misses", action="store_true", help="print the misses alone")
    parser.add_argument("-j", "--jobs", type=int, default=min(4, os.cpu_count() or 1), help="processes")
    parser.add_argument("--cases", type=Path, metavar="DIR", help="judge case folders instead")
    parser.add_argument("--fixes", action="store_true", help="try what is proposed instead")
    parser.add_argument("--side", choices=("okta", "aws"), default="", help="with --fixes: set by whom")
    arguments = parser.parse_args()
    if arguments.cases is not None:
        from tests.diagnose.cases import judge_cases

        return judge_cases(arguments.cases, only=arguments.only, jobs=arguments.jobs)
    began = perf_counter()
    ids = {mutant.id for file in mutant_files() for mutant in file.mutants}
    only = arguments.only if arguments.only in ids else ""
    chosen = {only} if only else {name for name in ids if arguments.only in name}
    if arguments.fixes:
        return _fix(chosen, arguments)
    results = run(chosen, jobs=arguments.jobs)
    report(results, misses_only=arguments.misses, whole=bool(arguments.only))
    print(f"{len(results)} mutants in {perf_counter() - began:.0f} s")
    return 0 if results and good(results) else 1


def _fix(chosen: Collection[str], arguments: argparse.Namespace) -> int:
    """Tries what is proposed for the mutants; 1 where fewer logins are restored than is aimed at."""
    from tests.diagnose import fixing

    if arguments.side:
        sides = {mutant.id: fixing.side_of(file.blames(mutant)) for file in mutant_files() for mutant in file.mutants}
        chosen = {name for name in chosen if sides[name] == arguments.side}
    results = spread(fixing.FixBench, chosen, jobs=arguments.jobs)
    fixing.report(results, misses_only=arguments.misses, whole=bool(arguments.only))
    restored, stopping = fixing.count(results)
    return 0 if restored >= AIM * stopping else 1


def run(ids: Collection[str], *, jobs: int = 1) -> list[Result]:
    """Tries the mutants with some ids, in the order of the files."""
    return spread(Bench, ids, jobs=jobs)


def spread(bench: Callable[[Path], Judge[Judged_co]], ids: Collection[str], *, jobs: int = 1) -> list[Judged_co]:
    """Judges the mutants with some ids in several processes, in the order of the files."""
    wanted = [
        (number, index)
        for number, file in enumerate(mutant_files())
        for index, mutant in enumerate(file.mutants)
        if mutant.id in ids
    ]
    jobs = max(1, min(jobs, len(wanted) // 8 + 1))
    parts = [wanted[start::jobs] for start in range(jobs)]
    if jobs == 1:
        found = [_try(bench, parts[0])]
    else:
        with ProcessPoolExecutor(jobs) as pool:
            found = list(pool.map(partial(_try, bench), parts))
    by_place: dict[Numbered, Judged_co] = {}
    for part, results in zip(parts, found, strict=True):
        by_place.update(zip(part, results, strict=True))
    return [by_place[place] for place in wanted]


def _try(bench: Callable[[Path], Judge[Judged_co]], places: Sequence[Numbered]) -> list[Judged_co]:
    """Judges some mutants in a folder of their own."""
    files = mutant_files()
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name))
        judge = bench(Path(name))
        return [judge.judge(files[number], files[number].mutants[index]) for number, index in places]


def good(results: Sequence[Result]) -> bool:
    """Whether enough were named, and the list of mutants is right."""
    named, stopping = count(results)
    checked = checked_of(results, Kind.LOGIN)
    is_checked = checked.count(Found.FOUND) >= AIM * len(checked)
    return named >= AIM * stopping and is_checked and not any(each.verdict.is_mistake_of_the_data for each in results)


def checked_of(results: Sequence[Result], kind: Kind) -> list[Found]:
    """Returns what ``fedemu check`` makes of the mutants of a kind."""
    return [result.found[1] for result in results if result.found is not None and result.found[0] is kind]


def count(results: Sequence[Result]) -> tuple[int, int]:
    """Returns how many were named, and how many stop something."""
    verdicts = Counter(result.verdict for result in results)
    return verdicts[Verdict.NAMED], verdicts[Verdict.NAMED] + verdicts[Verdict.MISSED]


def report(results: Sequence[Result], *, misses_only: bool, whole: bool) -> None:
    """Prints the misses, and figures by kind unless only the misses are wanted."""
    for result in results:
        if whole or result.verdict not in {Verdict.NAMED, Verdict.HARMLESS}:
            _print(result)
        if result.found is not None and result.found[1] is not Found.FOUND and (whole or result.found[0] is Kind.LOGIN):
            print(f"{result.mutant.id} ({result.mutant.kind}): by check {result.found[1]}")
            print(f"    said      {result.end.says}")
    if misses_only or whole:
        return
    for kind in sorted({result.mutant.kind for result in results}):
        of_kind = [result for result in results if result.mutant.kind == kind]
        named, stopping = count(of_kind)
        harmless = len(of_kind) - stopping
        print(f"{kind:<16} {named:>4} of {stopping:>4} {_percent(named, stopping):>6}   {harmless or '':>3} harmless")
    for title, read in (("by the reader", True), ("by a login", False)):
        named, stopping = count([result for result in results if (result.end.outcome == "bad file") is read])
        print(f"{title:<16} {named:>4} of {stopping:>4} {_percent(named, stopping):>6}")
    named, stopping = count(results)
    print(f"{'together':<16} {named:>4} of {stopping:>4} {_percent(named, stopping):>6}   aim {AIM:.0%}")
    for what in Kind:
        checked = checked_of(results, what)
        found, noted = checked.count(Found.FOUND), checked.count(Found.NOTED)
        told = (f"aim {AIM:.0%}" if what is Kind.LOGIN else "") + (f"  and {noted} more are noted" if noted else "")
        print(f"{what:<16} {found:>4} of {len(checked):>4} {_percent(found, len(checked)):>6}   {told}".rstrip())


def _print(result: Result) -> None:
    end = result.end
    print(f"{result.mutant.id} ({result.mutant.kind}): {result.verdict.value}")
    if result.blames:
        print(f"    expected  {' or '.join(result.blames)}")
    got = ", ".join(f"{key}:{line}" if line else key for key, line in zip(end.origins, end.lines, strict=True))
    print(f"    got       {got or 'nothing'}")
    print(f"    ended     {end.outcome} {end.lands_on} {end.role.rpartition('/')[2]} {end.session_name}".rstrip())
    if end.says:
        print(f"    said      {end.says}")


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


if __name__ == "__main__":
    sys.exit(main())
