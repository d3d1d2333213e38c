"""Random requests from our own document against the real program: no 5xx, nothing undocumented.

`IQX_TEST_FUZZ_CASES` is the number of cases on both databases together; 2,000 unless set.
"""

import asyncio
import os
from collections import Counter

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from server.http.openapi import build_document
from server.settings import load_settings
from server.wiring import list_endpoints
from tests.fuzz.caller import LIMITS, Caller, change, furnish
from tests.server_process import run_server

pytestmark = pytest.mark.fuzz

CASES = 2_000
CASES_CAMPAIGN = 40_000
CHECK_NAMES = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "ignored_auth",
]


def name_of(operation):
    return operation.definition.raw["operationId"]


def make_believable(draw, case, known):
    """Put what exists into some places, so that more than the first check is reached."""
    whole = known.get(name_of(case.operation))
    if whole is not None and draw(st.booleans()):
        case.body = {**case.body, **draw(st.sampled_from(whole))}
    for place in (case.path_parameters, case.query, case.body):
        if isinstance(place, dict):
            for name in sorted(place):
                if name in known and draw(st.booleans()):
                    place[name] = draw(st.sampled_from(known[name]))


def try_operation(operation, caller, cases):
    """Call one operation in `cases` ways, a third of them wrong on purpose."""
    checks = CHECKS.get_by_names(CHECK_NAMES)
    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    try:
        bad = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
        drawn = st.one_of(good, good, bad)
    except schemathesis.errors.SchemathesisError:
        drawn = good
    answers = Counter()

    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def run(data):
        case = data.draw(drawn)
        if case.meta is None or case.meta.generation.mode is GenerationMode.POSITIVE:
            make_believable(data.draw, case, caller.known)
        reply = case.call_and_validate(
            base_url=caller.base,
            session=caller.session,
            headers={"Authorization": f"Bearer {caller.token}"},
            checks=checks,
            timeout=20,
        )
        answers[reply.status_code] += 1

    run()
    return answers


def try_all(base, database_url, cases):
    """Try every operation; how many cases that were."""
    load_all_checks()
    document = build_document(list_endpoints(load_settings({})))
    schema = schemathesis.openapi.from_dict(document)
    operations = [found.ok() for found in schema.get_all_operations()]
    # Signing out comes last: the other calls need the session.
    operations.sort(key=lambda one: name_of(one).endswith("logout"))
    caller = Caller(base)
    caller.settle_in(database_url)
    failures, answers = [], {}
    for operation in operations:
        try:
            answers[operation.label] = try_operation(
                operation, caller, -(-cases // len(operations))
            )
        except Exception as error:  # noqa: BLE001 - each operation's failures are told at the end
            failures.append(f"{operation.label}: {error}")
    caller.session.close()
    assert not failures, "\n\n".join(failures)
    return answers


async def test_random_requests_get_documented_answers(database_url, campaign):
    cases = int(os.environ.get("IQX_TEST_FUZZ_CASES", CASES_CAMPAIGN if campaign else CASES))
    await change(database_url, furnish)
    async with run_server(database_url, **LIMITS) as server:
        answers = await asyncio.to_thread(try_all, server.base, database_url, cases // 2)
    tried = sum((counts for counts in answers.values()), Counter())
    assert tried.total() >= cases // 2 * 0.9
    good = sum(count for status, count in tried.items() if status < 300)
    assert good > tried.total() * 0.1, f"too little was let in: {tried}"
    assert {201, 204, 400, 401, 404, 422, 428} <= set(tried), f"too little variety: {tried}"
