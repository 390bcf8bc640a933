"""JMESPath: the official cases, and jmespath.py on expressions made by chance."""
import json
import os
import pathlib
import subprocess

import jmespath_cases
import pytest
from conftest import TOP

# Literals without quotes, which jmespath.py deprecates and reads.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")

SEED = 20240607
CASES = 5000


def judged(questions):
    """What our parser and evaluator say to each (expression, document)."""
    lines = [json.dumps({"expression": e, "given": d}) + "\n" for e, d in questions]
    done = subprocess.run([TOP / os.environ["KEYFERRY_JMESPATH_JUDGE"]], input="".join(lines),
                          capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(questions)
    return answers


def official_cases():
    for file in sorted(pathlib.Path(TOP / os.environ["KEYFERRY_JMESPATH_CASES"]).glob("*.json")):
        for group in json.loads(file.read_text()):
            for case in group["cases"]:
                if "bench" not in case:
                    yield file.name, group["given"], case


def test_every_official_case_passes():
    cases = list(official_cases())
    answers = judged([(case["expression"], given) for _, given, case in cases])
    failed = []
    for (file, _, case), answer in zip(cases, answers):
        if "error" in case:
            good = answer.get("error") == case["error"]
        else:
            good = "result" in answer and jmespath_cases.same(answer["result"], case["result"])
        if not good:
            failed.append((file, case, answer))
    assert not failed
    assert len(cases) > 800


def compared(questions):
    """Pairs of answers that both sides gave, with what was asked."""
    for (expression, document), ours in zip(questions, judged(questions)):
        theirs = jmespath_cases.reference(expression, document)
        if theirs is not None:
            yield expression, document, ours, theirs


def is_same(ours, theirs):
    kind, value = theirs
    return kind in ours and jmespath_cases.same(ours[kind], value)


@pytest.mark.parametrize("seed", [SEED, SEED + 1])
def test_answers_are_those_of_jmespath_py(seed):
    generator = jmespath_cases.Generator(seed)
    questions = [(generator.expression(), generator.document()) for _ in range(CASES)]
    different, results = [], 0
    for expression, document, ours, theirs in compared(questions):
        results += theirs[0] == "result" and theirs[1] not in (None, [])
        if not is_same(ours, theirs):
            different.append((expression, document, ours, theirs))
    assert not different
    assert results > CASES / 4


def test_what_jmespath_py_refuses_we_refuse():
    generator = jmespath_cases.Generator(SEED + 2)
    questions = [(generator.damaged(generator.expression(2)), generator.document(2))
                 for _ in range(CASES)]
    different, refused, lenient = [], 0, 0
    for expression, document, ours, theirs in compared(questions):
        refused += theirs == ("error", "syntax")
        if is_same(ours, theirs):
            continue
        # It takes more than the grammar has (see src/formats/jmespath/parser.cc), and expressions
        # for values.
        if ours.get("error") == "syntax" or "is an expression" in ours.get("message", ""):
            lenient += 1
        else:
            different.append((expression, document, ours, theirs))
    assert not different
    assert refused > CASES / 2 and lenient < CASES / 20
