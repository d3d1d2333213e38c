"""Small stages of the benchmark, on servers of their own."""

import pytest

from bench.stage import open_stages


@pytest.fixture(scope="module")
def stages():
    with open_stages(users=30, resting=40, reuses=True) as opened:
        yield {stage.kind: stage for stage in opened}
