"""What happens to a request below /v1? The whole story, in order.

authenticate  who is calling?                                   401, 403
admit         may it come in, before its body is read?          404, 413, 503
limit         as to its key's rate and requests in flight?      429
receive body  the whole of it, in time                          408, 413
permit        may the key use this model?                       403
fill template is it asked for with a prompt template?           400, 404
resolve       which model, hence which route?                   400, 404
choose        which upstreams may be asked?                     404, 503
reserve       has the key as many tokens and as much money?     429, 503
check input   does the operator's own check let it pass?        400, 503
awaken        is the service awake?                             503
relay         ask them until one answers; pass the answer on    502, 503, 504
settle        give back, count, log: always, and last
"""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING

from gateway import errors
from gateway.deadline import ClientLeftError, Deadline, Ending
from gateway.errors import RefusedError
from gateway.exchange import Exchange
from gateway.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import Receive, Scope, Send

    from gateway.deadline import Drain
    from gateway.errors import ApiError
    from gateway.stages.stage import Stage

log = logging.getLogger(__name__)


class Pipeline:
    """A raw ASGI app: one exchange through all stages, under one deadline."""

    def __init__(
        self, stages: Sequence[Stage], settle: Callable[[Exchange], None], drain: Drain, max_request_seconds: float
    ) -> None:
        self._stages = tuple(stages)
        self._settle = settle
        self._drain = drain
        self._max_request_seconds = max_request_seconds
        self._turns = Turns()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        deadline = Deadline(self._max_request_seconds)
        exchange = Exchange(scope, receive, send, deadline)
        self._drain.join(deadline)
        try:
            async with deadline:
                await self._turns.begin()
                for stage in self._stages:
                    await stage(exchange)
                    if exchange.started:
                        break
        except RefusedError as refused:
            await exchange.fail(refused.error)
        except TimeoutError:
            exchange.outcome = deadline.ending.value
            if deadline.ending is not Ending.CLIENT_LEFT:
                await exchange.fail(self._out_of_time(exchange, deadline.ending))
        except ClientLeftError:
            exchange.outcome = Ending.CLIENT_LEFT.value
        except Exception as error:  # noqa: BLE001 a defect must not take the answer's shape away
            _report(exchange, error)
            await exchange.fail(errors.plain_http(500))
        finally:
            self._drain.leave(deadline)
            self._settle(exchange)

    def _out_of_time(self, exchange: Exchange, ending: Ending) -> ApiError:
        if ending is Ending.SHUTDOWN:
            return errors.DRAINING
        return errors.BODY_TOO_SLOW if exchange.body is None else errors.too_long(self._max_request_seconds)


def _report(exchange: Exchange, error: Exception) -> None:
    # Without the error's text, which may quote the request; the lines of code that it passed cannot.
    log.error(
        "a request failed by a defect",
        extra={
            "fields": {
                "request_id": exchange.request_id,
                "error": type(error).__name__,
                "where": "".join(traceback.format_tb(error.__traceback__)),
            }
        },
    )
