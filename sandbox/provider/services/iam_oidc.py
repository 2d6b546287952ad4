"""How is a provider of identities outside AWS, such as GitHub's, made in IAM?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.provider.comparison import Comparison
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step
from sandbox.provider.rules import matches

if TYPE_CHECKING:
    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props


def _provider(aws: Aws, provider: Instance) -> Answer:
    return {
        **aws("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=provider.id),
        "Arn": provider.id,
    }


def _complete(_aws: Aws, answer: Answer, found: Props, _provider: Instance) -> None:
    # IAM keeps the address without its scheme.
    found["url"] = f"https://{answer['Url'].removeprefix('https://')}"


def _set_thumbprints(aws: Aws, provider: Instance) -> None:
    aws("iam").update_open_id_connect_provider_thumbprint(
        OpenIDConnectProviderArn=provider.id, ThumbprintList=provider.get("thumbprintLists") or []
    )


PROVIDER = Resource(
    type_name="aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    service="iam",
    create=Call("create_open_id_connect_provider"),
    identify=lambda answer, _: answer["OpenIDConnectProviderArn"],
    read=_provider,
    delete=lambda aws, provider: aws("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=provider.id),
    steps=(Step(("thumbprintLists",), _set_thumbprints, on_create=False),),
    finish=_complete,
    tagging="iam_oidc",
    computed=("thumbprintLists",),
    comparison=Comparison(sets=("clientIdLists",)),
    rules=(matches("url", r"https://[^/]+.*", "must have a host, as https://... has"),),
)

ENTRIES = (PROVIDER,)
