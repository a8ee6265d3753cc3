import asyncio
import math

from gharial.executors.base import ScenarioPlan
from gharial.executors.externally_controlled import ExternallyControlled

PLAN = ScenarioPlan(graceful_stop_s=0.0)


def test_the_number_of_virtual_users_follows_what_is_asked_for(run):
    async def during(steering):
        for vus in (3, 1):
            await asyncio.sleep(1.9)
            steering.run.scale(vus)

    ran = run(ExternallyControlled(PLAN, 1, 5, 6.0), 1.0, during=during)
    begun = {at_s: ran.starts.count(at_s) for at_s in (0.0, 1.0, 1.9, 3.9, 4.0, 5.0)}
    assert begun == {0.0: 1, 1.0: 1, 1.9: 2, 3.9: 0, 4.0: 1, 5.0: 1}
    assert ran.context.vus_initialized == 5


def test_it_goes_no_further_than_its_limit(run):
    async def during(steering):
        steering.run.scale(50)

    ran = run(ExternallyControlled(PLAN, 0, 2, 1.0), 0.5, during=during)
    assert len(ran.spans) == 4


def test_without_a_duration_it_runs_until_it_is_stopped(run):
    async def during(steering):
        await asyncio.sleep(3_601.0)
        steering.run.interrupt()

    ran = run(ExternallyControlled(PLAN, 1, 1, math.inf), 600.0, during=during)
    assert (len(ran.spans), ran.ended_at_s) == (7, 3_601.0)
