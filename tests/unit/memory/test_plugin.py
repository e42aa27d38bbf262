"""What the memory plugin offers, and the roll behind its directory."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TypeVar, cast

import pytest
from msgspec import Struct

from muster import ports
from muster.domain.receipts import DirectorySource
from muster.plugin_api import API_VERSION, PortLookup, SettingsLookup
from muster.ports.certificate_documents import CERTIFICATE_RENDERER
from muster.ports.clock import CLOCK
from muster.ports.entropy import ENTROPY
from muster.ports.keys import PortKey
from muster.ports.observation import OBSERVER
from muster.ports.trainer_directory import TRAINER_DIRECTORY, TrainerQuestion
from muster.ports.unit_of_work import UNIT_OF_WORK
from muster.ports.zones import ZONE_READER
from muster.testing.clock import FakeClock
from muster.testing.examples import AN_INSTANT, a_trainer, a_zone, new_id
from muster_memory import MemoryPlugin

P = TypeVar("P")
S = TypeVar("S", bound=Struct)

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class NoSettings(SettingsLookup):
    def section(self, kind: type[S]) -> S:
        raise AssertionError("the memory plugin has no settings")


class PortsOf(PortLookup):
    """The plugin's own ports and a clock."""

    def __init__(self, plugin: MemoryPlugin) -> None:
        self._providers = {
            provider.port.name: provider for provider in plugin.provide_ports(NoSettings())
        }
        self._clock = FakeClock(AN_INSTANT)

    def get(self, port: PortKey[P]) -> P:
        if port.name == CLOCK.name:
            return cast(P, self._clock)
        built: P = self._providers[port.name].build(self)
        return built


def test_it_provides_every_port_of_the_store() -> None:
    plugin = MemoryPlugin()
    offered = plugin.provide_ports(NoSettings())
    modules = [import_module(one.name) for one in iter_modules(ports.__path__, "muster.ports.")]
    keys = {value for one in modules for value in vars(one).values() if isinstance(value, PortKey)}
    of_the_store = keys - {CERTIFICATE_RENDERER, CLOCK, ENTROPY, OBSERVER}
    assert {provider.port for provider in offered} == of_the_store
    assert {provider.name for provider in offered} == {"memory"}
    assert (plugin.MANIFEST.name, plugin.MANIFEST.api_version) == ("memory", API_VERSION)
    assert len(offered) == len(of_the_store)


async def test_its_ports_share_one_store_and_apps_share_none() -> None:
    one, other = MemoryPlugin(), MemoryPlugin()
    zone = a_zone()
    async with PortsOf(one).get(UNIT_OF_WORK)() as unit:
        await unit.zones.add(zone)
        await unit.commit()
    assert await PortsOf(one).get(ZONE_READER).get(zone.id) == zone
    assert await PortsOf(other).get(ZONE_READER).get(zone.id) is None


async def test_the_directory_answers_from_the_roll() -> None:
    plugin = MemoryPlugin()
    directory = PortsOf(plugin).get(TRAINER_DIRECTORY)
    question = TrainerQuestion(None, new_id(), new_id())
    fitting = a_trainer(
        zone_ids=frozenset({question.zone_id}), certified_courses=frozenset({question.course_id})
    )
    wrong = a_trainer(active=False)
    plugin.roll.put(fitting, wrong)
    answer = await directory.candidates(question)
    assert answer.trainers == (fitting,)
    assert (answer.as_of, answer.source) == (AN_INSTANT, DirectorySource.LIVE)
    plugin.roll.answer(question, wrong)
    assert (await directory.candidates(question)).trainers == (wrong,)
    plugin.roll.remove(fitting.id)
    other = TrainerQuestion(None, question.zone_id, new_id())
    assert (await directory.candidates(other)).trainers == ()
    assert plugin.roll.questions == [question, question, other]
