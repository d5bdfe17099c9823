"""Who somebody works for, in which role, how long they are here and how often they were thanked: no input of a match.

It is held to in the source: what the score is made of, what is asked of the database for it, and who imports what.
"""

from __future__ import annotations

import ast
import dataclasses
import re
from pathlib import Path

import pytest

from civicboard.board import policy
from civicboard.board.queries import for_you
from civicboard.matching.policy import facts, nearness, scoring, wording
from civicboard.matching.policy.facts import Able, Wanted
from civicboard.matching.policy.nearness import Spot
from civicboard.matching.policy.scoring import Fit, Weights
from civicboard.matching.queries import able, candidates, homes, needed, ways
from civicboard.networks import policy as networks
from civicboard.offers import policy as offers
from civicboard.organisations import models as organisations

MATCHING = Path(scoring.__file__).resolve().parents[1]
#: Parts of names that say who somebody is, and not what they can do.
STATUS = re.compile(
    r"affiliat|organisation|department|officer|council|steward|role|title|badge|confirmed|employ"
    r"|joined|thank|rank|reputation|karma|given|member_count|_count$|handle|^name$"
)
#: The one room that knows of organisations: it says when somebody may be asked.
WHEN = MATCHING / "queries" / "rings.py"
#: What is told of somebody who fits, and not reckoned with.
ONLY_TELLS = {"handle", "name"}


def asked_by(module: object) -> dict[str, set[str]]:
    """Each question of a policy, with the names of what it is told."""
    found = ast.parse(Path(module.__file__ or "").read_text()).body  # type: ignore[attr-defined]
    functions = [node for node in found if isinstance(node, ast.FunctionDef)]
    return {one.name: {part.arg for part in (*one.args.args, *one.args.kwonlyargs)} for one in functions}


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def makes_fit(path: Path) -> bool:
    """Whether a file makes what the score goes by."""
    calls = (node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    return any((one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "")) == "Fit" for one in calls)


def test_the_score_is_given_nothing_of_the_kind() -> None:
    for kind in (Fit, Weights, Spot):
        odd = {field.name for field in dataclasses.fields(kind) if STATUS.search(field.name)}
        assert not odd, f"{kind.__name__} has {odd}"


@pytest.mark.parametrize(
    "module", [scoring, nearness, wording, facts], ids=lambda module: module.__name__.split(".")[-1]
)
def test_the_score_is_plain_arithmetic(module: object) -> None:
    """It reads no table and no clock: what it is not handed it can't know."""
    ours = {name for name in imports(Path(module.__file__ or "")) if name.startswith("civicboard")}  # type: ignore[attr-defined]
    words = {name for name in ours if name.startswith("civicboard.kit.in_words")}
    own = {name for name in ours if name.startswith("civicboard.matching.policy")}
    assert ours - words - own <= {"civicboard.skills.policy", "civicboard.skills.policy.Vocabulary"}


def test_what_is_for_somebody_is_found_without_it() -> None:
    """The page "for you" and the panel of who could help make the facts of the same two things, by the same builder."""
    for kind in (Able, Wanted):
        odd = {field.name for field in dataclasses.fields(kind) if STATUS.search(field.name)}
        assert not odd, f"{kind.__name__} has {odd}"
    rooms = [Path(policy.__file__), *Path(for_you.__file__).parent.glob("*.py")]
    assert len(rooms) > 5
    made = {path for path in (MATCHING.parent / "board", MATCHING) for path in path.rglob("*.py") if makes_fit(path)}
    assert made == {Path(facts.__file__)}
    for path in rooms:
        knows = {name for name in imports(path) if name.startswith("civicboard.organisations")}
        assert not knows, f"{path.name} imports {knows}"


def test_of_matching_only_the_rings_know_of_organisations() -> None:
    for path in MATCHING.rglob("*.py"):
        knows = {name for name in imports(path) if name.startswith("civicboard.organisations")}
        assert not knows or path == WHEN, f"{path.name} imports {knows}"
    users = {path.stem for path in MATCHING.rglob("*.py") if "officers_among" in path.read_text()}
    assert users == {"rings", "rounds"}


@pytest.mark.parametrize(
    "module", [able, candidates, homes, needed, ways], ids=lambda module: module.__name__.split(".")[-1]
)
def test_nothing_of_it_is_read_for_a_match(module: object) -> None:
    """Every column that the queries name: none of organisations, none that says how well somebody is thought of."""
    tree = ast.parse(Path(module.__file__ or "").read_text())  # type: ignore[attr-defined]
    columns = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id[0].isupper()
    }
    assert {column for column in columns if STATUS.search(column)} <= {*ONLY_TELLS, "title"}
    tables = {
        name
        for name in vars(organisations)
        if isinstance(getattr(organisations, name), type) and hasattr(getattr(organisations, name), "__tablename__")
    }
    assert tables
    assert not tables & {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    # The problem has a title; a person's is in no table that is read here.
    assert "title" not in columns or module is needed


def test_what_only_tells_goes_into_no_fit() -> None:
    made = next(
        node
        for node in ast.walk(ast.parse(Path(able.__file__).read_text()))
        if isinstance(node, ast.FunctionDef) and node.name == "able_of"
    )
    read = {node.value for node in ast.walk(made) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert not read & ONLY_TELLS
    assert {"tags", "words", "free"} <= read


@pytest.mark.parametrize("module", [networks, offers], ids=["networks", "offers"])
def test_who_looks_after_a_problem_or_answers_for_it_is_told_nothing_of_it(module: object) -> None:
    """Convening, welcoming and settling are open to anyone: no question of these policies is told who belongs where."""
    questions = asked_by(module)
    wanted = {"may_convene", "may_name", "waits_for"} if module is networks else {"may_answer", "may_settle_need"}
    assert wanted <= questions.keys()
    odd = {name: {one for one in told if STATUS.search(one)} for name, told in questions.items()}
    assert not {name: told for name, told in odd.items() if told}
    knows = {name for name in imports(Path(module.__file__ or "")) if "organisations" in name}  # type: ignore[attr-defined]
    assert not knows


def test_the_rooms_that_let_somebody_look_after_a_problem_ask_no_organisation() -> None:
    """Only what is shown beside a name comes from there."""
    room = Path(networks.__file__).parent
    for path in (room / "actions" / "convening.py", room / "routes" / "convening.py"):
        assert not {name for name in imports(path) if "organisations" in name}
    known = imports(room / "queries" / "convening.py")
    assert {name for name in known if name.startswith("civicboard.organisations.")} == {
        "civicboard.organisations.queries",
        *(f"civicboard.organisations.queries.{one}" for one in ("Badge", "badges_column", "read_badges")),
    }
