"""Calls of AWS APIs by botocore's own client, as boto3 makes them, answered by the gateway in this process.

No socket is opened, and neither the machine's AWS configuration nor its environment is read. What botocore signed is
signed again at the federation's time, which may differ from the machine's.
"""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse, HeadersDict
from botocore.config import Config
from botocore.credentials import Credentials as BotocoreCredentials
from botocore.exceptions import ClientError, ParamValidationError, UnknownRegionError
from botocore.session import Session
from botocore.validate import ParamValidator

from emulator.kernel.clock import Clock
from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from emulator.network.calls.aws_credentials import Credentials
from emulator.network.gateway import RECORDER_KEY, Gateway
from emulator.network.trace import Exchange
from emulator.network.wsgi import call, make_environ

_LOCK: Final = threading.Lock()
_ANSWER: Final[ContextVar[Callable[[AWSPreparedRequest], AWSResponse]]] = ContextVar("answer")
_OLD: Final = ("Authorization", "X-Amz-Date", "X-Amz-Security-Token")


@dataclass(frozen=True, slots=True)
class AwsCall:
    """A call of an AWS API.

    Args:
        service: Service name in botocore, such as ``sts``.
        operation: Operation, such as ``GetCallerIdentity``.
        parameters: Parameters as boto3 takes them.
        region: Region of the client.
        credentials: Credentials of the caller; None for an unsigned call.
        source_ip: Address that it comes from; by default this machine's.
    """

    service: str
    operation: str
    parameters: Mapping[str, Any]
    region: str
    credentials: Credentials | None
    source_ip: str = ""


@dataclass(frozen=True, slots=True)
class AwsAnswer:
    """What the calling program gets.

    Args:
        url: URL that was called.
        answer: Answer as plain data, without botocore's metadata; empty where the call was refused.
        status: HTTP status.
        code: Error code; empty on success.
        message: Error message.
        exchanges: Requests with their answers.
    """

    url: str
    answer: Mapping[str, Any]
    status: int
    code: str
    message: str
    exchanges: tuple[Exchange, ...]


class WrongParameters(FederationError):
    """The parameters do not fit the operation."""


def operations_of(service: str) -> list[str]:
    """Returns the names of a service's operations."""
    names: list[str] = _session().get_service_model(service).operation_names
    return list(names)


def known_regions() -> list[str]:
    """Returns the regions of every partition, by name."""
    partitions = _session().get_component("data_loader").load_data("partitions")["partitions"]
    return sorted(name for each in partitions for name in each["regions"])


def parameter_mistakes(service: str, operation: str, parameters: Mapping[str, Any]) -> str:
    """Returns what is wrong with an operation's parameters, in botocore's words; empty where nothing is."""
    shape = _session().get_service_model(service).operation_model(operation).input_shape
    if shape is None:
        return f"{operation} takes no parameters" if parameters else ""
    report: str = ParamValidator().validate(dict(parameters), shape).generate_report()
    return " ".join(report.split("\n"))


def answer_keys(service: str, operation: str) -> Mapping[str, Any] | None:
    """Returns the keys that an operation's answer can have, each with those of what it holds.

    Returns:
        A mapping for an object, or for the objects of a list; None for what can have any key, or none.
    """
    shape = _session().get_service_model(service).operation_model(operation).output_shape
    return _keys_of(shape, ()) if shape is not None else {}


def _keys_of(shape: Any, above: tuple[str, ...]) -> Mapping[str, Any] | None:
    if shape.type_name == "list":
        return _keys_of(shape.member, above)
    # A structure that holds itself is open where it does.
    if shape.type_name != "structure" or shape.name in above:
        return None
    return {name: _keys_of(member, (*above, shape.name)) for name, member in shape.members.items()}


def make_call(asked: AwsCall, gateway: Gateway, clock: Clock) -> AwsAnswer:
    """Makes a call and returns what the calling program gets.

    Args:
        asked: The call.
        gateway: Gateway that answers it.
        clock: Clock by which it is signed.

    Raises:
        WrongParameters: botocore refuses to send it.
        FederationError: it goes to a host that is not emulated.
    """
    exchanges: list[Exchange] = []
    sent: list[str] = []

    def answer(request: AWSPreparedRequest) -> AWSResponse:
        sent.append(request.url)
        return _answer(request, asked, gateway, now=clock.now(), record=exchanges.append)

    answering = _ANSWER.set(answer)
    try:
        with _LOCK:  # a botocore session must not create clients concurrently
            client = _client(asked.service, asked.region)
        method = client.meta.method_to_api_mapping
        name = next(each for each, operation in method.items() if operation == asked.operation)
        found = getattr(client, name)(**asked.parameters)
    except ParamValidationError as error:
        raise WrongParameters(" ".join(str(error).split("\n"))) from None
    except UnknownRegionError as error:
        raise FederationError(str(error)) from None
    except ClientError as error:
        told = error.response
        status = told.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        problem = told.get("Error", {})
        return AwsAnswer(sent[-1], {}, status, problem.get("Code", ""), problem.get("Message", ""), tuple(exchanges))
    finally:
        _ANSWER.reset(answering)
    metadata = found.pop("ResponseMetadata", {})
    return AwsAnswer(sent[-1], plain_data(found), metadata.get("HTTPStatusCode", 0), "", "", tuple(exchanges))


def plain_data(value: Any) -> Any:
    """Returns botocore's result as JSON data: instants and bytes become texts."""
    if isinstance(value, dict):
        return {str(key): plain_data(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain_data(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value


@lru_cache(maxsize=64)
def _client(service: str, region: str) -> Any:
    """Returns a client, made once: that takes botocore longer than most calls.

    It serves callers with different credentials, and several at once, since every request is signed again for its own.
    """
    client = _session().create_client(
        service,
        region_name=region,
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="none",  # noqa: S106  # what it signs is replaced
        config=Config(
            proxies={},
            retries={"total_max_attempts": 1},
            ignore_configured_endpoint_urls=True,
            user_agent="fedemu",
        ),
    )
    client.meta.events.register("before-send", lambda request, **_: _ANSWER.get()(request))
    return client


@lru_cache(maxsize=1)
def _session() -> Session:
    """Returns a session that reads neither environment variables nor files."""
    known: dict[str, tuple[Any, Any, Any, Any]] = dict(Session().session_var_map.items())
    return Session(session_vars={name: (None, None, default, make) for name, (_, _, default, make) in known.items()})


def _answer(
    request: AWSPreparedRequest,
    asked: AwsCall,
    gateway: Gateway,
    *,
    now: datetime,
    record: Callable[[Exchange], None],
) -> AWSResponse:
    url = urlsplit(request.url)
    if gateway.hosts.site((url.hostname or "").lower()) is None:
        raise FederationError(f"{url.hostname} is not emulated, and nothing leaves this machine", where=request.url)
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else bytes(body)
    environ = make_environ(
        request.method,
        (url.path or "/") + (f"?{url.query}" if url.query else ""),
        [*_headers(request, asked, body, now), ("Host", url.netloc)],
        body,
        scheme=url.scheme,
        source_ip=asked.source_ip,
    )
    environ[RECORDER_KEY] = record
    answered = call(gateway, environ)
    headers = HeadersDict(dict(answered.headers))
    return AWSResponse(request.url, answered.code, headers, _Raw(answered.body))


def _headers(request: AWSPreparedRequest, asked: AwsCall, body: bytes, now: datetime) -> Iterator[tuple[str, str]]:
    """Yields the headers of a request, signed at the federation's time where botocore signed it."""
    given = {name: _text(value) for name, value in request.headers.items()}
    scope = given.get("Authorization", "").partition("Credential=")[2].split(",")[0].split("/")
    unsigned = {name: value for name, value in given.items() if name not in _OLD}
    if len(scope) < 5 or asked.credentials is None:
        yield from unsigned.items()
        return
    fresh = AWSRequest(method=request.method, url=request.url, data=body, headers=unsigned)
    signer = asked.credentials
    keys = BotocoreCredentials(signer.access_key_id, signer.secret_access_key, signer.session_token or None)
    _SigV4At(keys, scope[3], scope[2], now=now).add_auth(fresh)
    yield from ((name, _text(value)) for name, value in fresh.headers.items())


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


class _SigV4At(SigV4Auth):  # type: ignore[misc]  # botocore has no types
    """Signs at a given time, whereas botocore's own signer uses the machine's."""

    def __init__(self, credentials: Any, service: str, region: str, *, now: datetime) -> None:
        super().__init__(credentials, service, region)
        self._now = now

    def add_auth(self, request: Any) -> None:
        """Adds the headers of a signature.

        Spec: AWS IAM UG "create-signed-request"
        Evidence: documented
        """
        request.context["timestamp"] = self._now.strftime(SIGV4_TIMESTAMP)
        self._modify_request_before_signing(request)
        to_sign = self.string_to_sign(request, self.canonical_request(request))
        self._inject_signature_to_request(request, self.signature(to_sign, request))


class _Raw(io.BytesIO):
    """A body in the form that botocore reads."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        """Yields the body."""
        yield self.read()
