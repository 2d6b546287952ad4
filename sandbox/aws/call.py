"""Which operation of which service is an HTTP request, and with what parameters?"""

from __future__ import annotations

import io
import re
import sys
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote_to_bytes, urlsplit

from botocore.exceptions import UnknownServiceError
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

if TYPE_CHECKING:
    from moto.core.model import OperationModel

DEFAULT_REGION = "us-east-1"
_CREDENTIAL = re.compile(r"Credential=[^/]+/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_READ_PREFIXES = (
    *("Describe", "Get", "List", "Head", "Lookup", "Search", "Query", "BatchGet", "Select", "Simulate"),
    *("Validate", "Estimate", "Preview", "Encrypt", "Decrypt", "GenerateDataKey", "Sign", "Verify", "Receive"),
)
# Telemetry changes no resource and would outgrow the journal: it is lost at a restart.
TELEMETRY = frozenset({("cloudwatch", "PutMetricData"), ("logs", "PutLogEvents")})
# What somebody asks a model changes no resource either, and is nobody's business.
_INFERENCE = frozenset(
    {("sagemaker-runtime", "InvokeEndpoint"), ("sagemaker-runtime", "InvokeEndpointWithResponseStream")}
)
_SERVICE_OF_SIGNING_NAME = {
    "api.sagemaker": "sagemaker",
    "elasticfilesystem": "efs",
    "email": "ses",
    "monitoring": "cloudwatch",
    "states": "stepfunctions",
}


@dataclass(frozen=True)
class Call:
    """One request, independent of how it came in: from a socket or from the journal."""

    method: str
    target: str
    """Path and query, percent-encoded as they arrived."""
    headers: dict[str, str]
    """Lower-case names."""
    body: bytes = field(repr=False)

    @cached_property
    def _credential(self) -> re.Match[str] | None:
        return _CREDENTIAL.search(self.headers.get("authorization", ""))

    @cached_property
    def region(self) -> str:
        return self._credential["region"] if self._credential else DEFAULT_REGION

    @cached_property
    def signing_name(self) -> str:
        return self._credential["service"].lower() if self._credential else "s3"

    @cached_property
    def service(self) -> str:
        """Botocore's name of the service."""
        name = self.signing_name
        if name == "elasticloadbalancing":
            return "elbv2" if self.form.get("Version") == "2015-12-01" else "elb"
        if name == "apigateway":
            return "apigatewayv2" if self.target.startswith("/v2/") else "apigateway"
        if name == "s3" and self.target.startswith("/v20180820/"):
            return "s3control"
        if name == "sagemaker" and self.target.startswith("/endpoints/"):
            return "sagemaker-runtime"
        return _SERVICE_OF_SIGNING_NAME.get(name, name)

    @cached_property
    def form(self) -> dict[str, str]:
        """Fields of a query-protocol request; empty for the other protocols."""
        if not self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return {}
        fields = parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: values[0] for name, values in fields.items()}

    @cached_property
    def _match(self) -> tuple[OperationModel, dict[str, Any]] | None:
        try:
            return get_service_router(self.service).match(self.request())
        except (NotFound, NotImplementedError, UnknownServiceError):
            return None

    @property
    def model(self) -> OperationModel | None:
        return self._match[0] if self._match else None

    @cached_property
    def operation(self) -> str:
        """Name of the operation; the method and path where botocore's model knows none."""
        if self._match:
            return str(self._match[0].name)
        target = self.headers.get("x-amz-target", "").rpartition(".")[2]
        return target or self.form.get("Action") or f"{self.method} {urlsplit(self.target).path}"

    @cached_property
    def protocol(self) -> str:
        return determine_request_protocol(get_service_model(self.service), self.headers.get("content-type"))

    @cached_property
    def params(self) -> dict[str, Any]:
        """The parameters as boto3 names them; what the model does not know is not in here."""
        if self._match is None:
            return {}
        model, uri_params = self._match
        request = self.request()
        parsed = PROTOCOL_PARSERS[self.protocol](model).parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": request.data,
                "url_path": request.path,
                "url_params": uri_params,
            }
        )
        return parsed or {}

    @cached_property
    def mutates(self) -> bool:
        """Whether the call may change state, so that the journal has to remember it."""
        return not self.reads and (self.service, self.operation) not in TELEMETRY | _INFERENCE

    @cached_property
    def reads(self) -> bool:
        """Whether the call only asks, by its name."""
        if self._match is None and not self.form and "x-amz-target" not in self.headers:
            return self.method in {"GET", "HEAD", "OPTIONS"}
        return self.operation.startswith(_READ_PREFIXES)

    def environ(self) -> dict[str, Any]:
        """A WSGI environment for this call."""
        path, _, query = self.target.partition("?")
        host, _, port = self.headers.get("host", "127.0.0.1").partition(":")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            # WSGI carries the decoded path as latin-1 text.
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "RAW_URI": self.target,
            "REQUEST_URI": self.target,
            "SERVER_NAME": host,
            "SERVER_PORT": port or "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_LENGTH": str(len(self.body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            if name == "content-type":
                environ["CONTENT_TYPE"] = value
            elif name not in {"content-length", "transfer-encoding"}:
                environ["HTTP_" + name.upper().replace("-", "_")] = value
        return environ

    def request(self) -> Request:
        return Request(self.environ())
