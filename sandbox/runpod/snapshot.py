"""Where does the account survive? In one file that is replaced as a whole after each change, before the answer."""

from __future__ import annotations

import json
import logging
import os
from typing import TYPE_CHECKING

from sandbox.errors import JournalError
from sandbox.placeholders import Placeholders
from sandbox.runpod.account import Account
from sandbox.runpod.secrecy import placeholders_in, redacted

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
NAME = "runpod.json"

log = logging.getLogger(__name__)


class Snapshot:
    """The file. What workers did since the last change of the account is lost when the process is killed."""

    def __init__(self, state_dir: Path) -> None:
        self.path = state_dir / NAME
        self._placeholders = Placeholders(state_dir / "redaction.key")

    def load(self) -> Account:
        """The account as it was last written; an empty one where nothing was.

        Raises:
            JournalError: the file is not one of ours.
        """
        if not self.path.exists():
            return Account()
        try:
            record = json.loads(self.path.read_text())
            if record["format"] != FORMAT:
                raise ValueError(f"format {record['format']}, this is {FORMAT}")  # noqa: TRY301 - told like the others
            account = Account.from_record(record)
        except (KeyError, TypeError, ValueError) as error:
            raise JournalError(
                f"{self.path}: cannot be read as an account ({type(error).__name__}: {error}); "
                "run `berth sandbox reset` to start with an empty one"
            ) from error
        if hidden := sum(placeholders_in(entry) for entry in record["endpoints"]):
            log.warning("%d secret values were not recorded and are placeholders now: set them again", hidden)
        return account

    def save(self, account: Account) -> None:
        """Write the account down, on the disk before this returns.

        Raises:
            OSError: it cannot be written; the file is what it was.
        """
        record = account.to_record()
        record["endpoints"] = [redacted(entry, self._placeholders.of) for entry in record["endpoints"]]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        half = self.path.with_suffix(".part")
        half.touch(mode=0o600)
        with half.open("w") as file:
            json.dump({"format": FORMAT, **record}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        half.replace(self.path)
