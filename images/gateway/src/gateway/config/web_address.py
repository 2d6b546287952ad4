"""What is an address that can be asked as it stands, with path and query?"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from gateway.config.section import Text

WEB_ADDRESS = "http(s)://host[:port][/path][?query]"


def _web_address(value: str) -> str:
    url = urlsplit(value)
    if url.scheme not in {"http", "https"} or not url.hostname or url.fragment or "@" in url.netloc or url.port == 0:
        raise ValueError
    return value


WebAddress = Annotated[Text, AfterValidator(_web_address)]
