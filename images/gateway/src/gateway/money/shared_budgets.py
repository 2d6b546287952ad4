"""How do replicas share one budget? Each takes a part on lease, by a step that cannot give out more than there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self

from gateway.aws_api import AwsRefusedError, AwsSilentError

if TYPE_CHECKING:
    from types import TracebackType

    from gateway.aws_api import AwsApi

# Attribute names of the table.
ID, TAKEN, EXPIRES = "id", "nano_usd", "expires"
# How often another replica may come first.
MOST_TRIES = 4
REFUSED = "ConditionalCheckFailedException"


class BudgetsSilentError(Exception):
    """The shared budgets cannot be asked; `sent` says whether a change may have been made all the same."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.sent = sent


class SharedBudgets(Protocol):
    """For each item, how much of its budget has been taken; amounts in nano-USD."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    async def take(self, item: str, budget: int, least: int, most: int, expires_at: int) -> int:
        """Take up to `most`, and `least` or nothing; returns what was taken.

        Raises:
            BudgetsSilentError: when there is no answer.
        """
        ...

    async def add(self, item: str, amount: int, expires_at: int) -> None:
        """Count `amount` as taken whatever there is; below zero it is given back.

        Raises:
            BudgetsSilentError: when there is no answer.
        """
        ...


class DynamoDbBudgets:
    """One item for each key and month; `ADD` under a condition is atomic in DynamoDB.

    Source: Amazon DynamoDB API reference, UpdateItem (2026-11).
    """

    def __init__(self, table: str, api: AwsApi) -> None:
        self._table = table
        self._api = api

    async def __aenter__(self) -> Self:
        await self._api.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._api.__aexit__(kind, error, traceback)

    async def take(self, item: str, budget: int, least: int, most: int, expires_at: int) -> int:
        amount = min(max(least, most), budget)
        for _ in range(MOST_TRIES):
            if amount < least or amount <= 0:
                return 0
            taken = await self._take_exactly(item, amount, budget - amount, expires_at)
            if taken is None:
                return amount
            left = budget - taken
            # Half of a rest, so that one replica does not hold all of it while others refuse.
            amount = max(least, min(most, left // 2)) if left >= least else 0
        return 0

    async def add(self, item: str, amount: int, expires_at: int) -> None:
        await self._update(item, amount, expires_at)

    async def _take_exactly(self, item: str, amount: int, most_taken: int, expires_at: int) -> int | None:
        """None where it was taken, else how much others have."""
        try:
            await self._update(item, amount, expires_at, most_taken=most_taken)
        except AwsRefusedError as error:
            if error.code != REFUSED:
                raise BudgetsSilentError(error.code, sent=False) from None
            found: Any = error.document.get("Item", {})
            return int(found.get(TAKEN, {}).get("N", 0))
        return None

    async def _update(self, item: str, amount: int, expires_at: int, most_taken: int | None = None) -> None:
        values = {":amount": {"N": str(amount)}, ":expires": {"N": str(expires_at)}}
        request: dict[str, Any] = {
            "TableName": self._table,
            "Key": {ID: {"S": item}},
            "UpdateExpression": "ADD #taken :amount SET #expires = :expires",
            "ExpressionAttributeNames": {"#taken": TAKEN, "#expires": EXPIRES},
            "ExpressionAttributeValues": values,
        }
        if most_taken is not None:
            values[":most"] = {"N": str(most_taken)}
            request["ConditionExpression"] = "attribute_not_exists(#taken) OR #taken <= :most"
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        try:
            await self._api.call("UpdateItem", request)
        except AwsSilentError as error:
            raise BudgetsSilentError(str(error), sent=error.sent) from None
        except AwsRefusedError as error:
            if most_taken is not None:
                raise
            raise BudgetsSilentError(error.code, sent=False) from None
