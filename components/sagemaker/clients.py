"""How does the Endpoint reach AWS? It stands outside the `aws` provider, so everything is given to it explicitly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from components.sagemaker.failures import EndpointError

if TYPE_CHECKING:
    from boto3.session import Session

    from components.sagemaker.wanted import Access

CONNECT_SECONDS = 10
READ_SECONDS = 60
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Clients:
    """The services that an endpoint is made of."""

    sagemaker: Any
    autoscaling: Any
    cloudwatch: Any
    logs: Any
    sts: Any


def connect(access: Access) -> Clients:
    """Return clients in the region of an endpoint; raises EndpointError when there are no credentials to use."""
    from boto3.session import Session  # noqa: PLC0415 - 0.4 s that a preview of an unchanged stack does without
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    settings = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        user_agent_extra="berth",
    )
    try:
        session = Session(profile_name=access.profile, region_name=access.region)
        if access.assume_role_arn is not None:
            session = _assumed(session, access.assume_role_arn)
        return Clients(
            sagemaker=session.client("sagemaker", config=settings),
            autoscaling=session.client("application-autoscaling", config=settings),
            cloudwatch=session.client("cloudwatch", config=settings),
            logs=session.client("logs", config=settings),
            sts=session.client("sts", config=settings),
        )
    except BotoCoreError as error:
        raise EndpointError(f"{access.region}: {error}") from None


def check_account(clients: Clients, access: Access) -> None:
    """Raise EndpointError when the credentials are those of another account than the stack was planned for."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        found = clients.sts.get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise EndpointError(f"{access.region}: AWS does not know these credentials: {error}") from None
    if found != access.account_id:
        raise EndpointError(
            f"{access.region}: the credentials are those of account {found}, the endpoint belongs to"
            f" {access.account_id}; nothing was changed: select the right profile or role, or set aws:profile"
        )


def _assumed(session: Session, role_arn: str) -> Session:
    """Return a session that has taken a role, and takes it again whenever its hour is over: waiting may last longer."""
    from boto3.session import Session as NewSession  # noqa: PLC0415
    from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials  # noqa: PLC0415
    from botocore.session import get_session  # noqa: PLC0415

    own = session.get_credentials()
    if own is None:
        raise EndpointError(f"no AWS credentials to take the role {role_arn} with; log in, or set aws:profile")
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=session._session.create_client,  # noqa: SLF001 - boto3 has no public way to a refreshed role
        source_credentials=own,
        role_arn=role_arn,
        extra_args={"RoleSessionName": "berth"},
    )
    taken = get_session()
    taken._credentials = DeferredRefreshableCredentials(  # noqa: SLF001
        method="assume-role", refresh_using=fetcher.fetch_credentials
    )
    return NewSession(botocore_session=taken, region_name=session.region_name)
