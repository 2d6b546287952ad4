"""Where do a test's figures come from? The real counters, on a clock that the test moves, without upstreams."""

from __future__ import annotations

from gateway.config.load import load_config
from gateway.deadline import Drain
from gateway.metrics.engine_watch import EngineState, EngineWatch
from gateway.metrics.recorder import Recorder
from gateway.metrics.sources import Sources
from gateway.upstreams.fleet import Fleet
from running_gateway import environment


class ScriptedWatch(EngineWatch):
    """Asks nobody; a test feeds its states."""

    def __init__(self, *names: str) -> None:
        super().__init__(Fleet({}, ()))
        self.states = {name: EngineState(name) for name in names}


def sources(recorder: Recorder | None = None, *engines: str, held: int = 0, **variables: str) -> Sources:
    """Sources over `recorder` and engines of these names."""
    config = load_config(environment(**variables))
    recorder = recorder or Recorder(config.model_name)
    return Sources(config, recorder, ScriptedWatch(*engines), (), Drain(), held=lambda: held)
