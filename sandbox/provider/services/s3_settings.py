"""How are the settings of a bucket, each a resource of its own, made in S3?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.provider.comparison import Comparison, policy_form
from sandbox.provider.contract import Failure
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step, send
from sandbox.provider.rules import each, json_text, one_of, unknown_here
from sandbox.provider.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sandbox.provider.aws import Aws
    from sandbox.provider.resource import Rule
    from sandbox.provider.values import Props

_ABSENT = frozenset(
    {
        "NoSuchBucketPolicy",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)


def _setting(
    type_name: str,
    operation: str,
    properties: tuple[str, ...],
    *,
    pack: Callable[[Props], Props],
    unpack: Callable[[Answer], Mapping[str, Any]],
    remove: Callable[[Any, str], object],
    rules: tuple[Rule, ...] = (),
    comparison: Comparison = Comparison(),  # noqa: B008 - it is immutable
    computed: tuple[str, ...] = (),
    local: tuple[str, ...] = (),
) -> Resource:
    """Return the entry of a setting that is put as a whole, asked for, and taken away."""
    put = Call(f"put_{operation}", lambda props: {"bucket": props.get("bucket"), **pack(props)})

    def ask(aws: Aws, setting: Instance) -> Answer | None:
        client = aws("s3")
        try:
            answer = getattr(client, f"get_{operation}")(Bucket=setting.id)
        except client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return None
            raise
        found = unpack(answer)
        return {"Bucket": setting.id, **found} if found else None

    def apply(aws: Aws, setting: Instance) -> None:
        send(aws, "s3", put, {"bucket": setting.id, **{name: setting.get(name) for name in properties}})

    return Resource(
        type_name=type_name,
        service="s3",
        create=put,
        identify=lambda _, props: props["bucket"],
        read=ask,
        delete=lambda aws, setting: remove(aws("s3"), setting.id),
        steps=(Step(properties, apply, on_create=False),),
        rules=(*rules, unknown_here("expectedBucketOwner")),
        comparison=comparison,
        computed=computed,
        local=local,
    )


def _filtered(props: Props) -> Iterator[Failure]:
    """A rule without a filter is of an old form, which the provider shows as a change at each preview."""
    rules = props.get("rules")
    for index, one in enumerate(rules if isinstance(rules, list) else ()):
        if isinstance(one, dict) and one.get("filter") is None and one is not UNKNOWN:
            yield Failure(f"rules[{index}].filter", 'must be given; filter: {"prefix": ""} is every object')


_OWNERS = ("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter")
_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")

VERSIONING = _setting(
    "aws:s3/bucketVersioning:BucketVersioning",
    "bucket_versioning",
    ("versioningConfiguration",),
    pack=lambda props: {"versioningConfiguration": props.get("versioningConfiguration")},
    unpack=lambda answer: {"VersioningConfiguration": {"Status": answer["Status"]}} if "Status" in answer else {},
    # S3 knows no way back to "never versioned".
    remove=lambda client, bucket: client.put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Suspended"}
    ),
    rules=(one_of("versioningConfiguration.status", "Enabled", "Suspended"), unknown_here("mfa")),
)

ENCRYPTION = _setting(
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "bucket_encryption",
    ("rules",),
    pack=lambda props: {"serverSideEncryptionConfiguration": {"rules": props.get("rules")}},
    unpack=lambda answer: {"Rules": answer["ServerSideEncryptionConfiguration"]["Rules"]},
    remove=lambda client, bucket: client.delete_bucket_encryption(Bucket=bucket),
    rules=(one_of("rules.applyServerSideEncryptionByDefault.sseAlgorithm", "AES256", "aws:kms", "aws:kms:dsse"),),
    comparison=Comparison(sets=("rules",)),
)

PUBLIC_ACCESS_BLOCK = _setting(
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "public_access_block",
    _BLOCKS,
    pack=lambda props: {"publicAccessBlockConfiguration": {name: props.get(name) or False for name in _BLOCKS}},
    unpack=lambda answer: answer["PublicAccessBlockConfiguration"],
    remove=lambda client, bucket: client.delete_public_access_block(Bucket=bucket),
    local=("skipDestroy",),
)

OWNERSHIP = _setting(
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "bucket_ownership_controls",
    ("rule",),
    pack=lambda props: {"ownershipControls": {"rules": [props.get("rule")]}},
    unpack=lambda answer: {"Rule": answer["OwnershipControls"]["Rules"][0]},
    remove=lambda client, bucket: client.delete_bucket_ownership_controls(Bucket=bucket),
    rules=(one_of("rule.objectOwnership", *_OWNERS),),
)

POLICY = _setting(
    "aws:s3/bucketPolicy:BucketPolicy",
    "bucket_policy",
    ("policy",),
    pack=lambda props: {"policy": props.get("policy")},
    unpack=lambda answer: {"Policy": answer["Policy"]},
    remove=lambda client, bucket: client.delete_bucket_policy(Bucket=bucket),
    rules=(json_text("policy"),),
    comparison=Comparison(canonical={"policy": policy_form}),
)

LIFECYCLE = _setting(
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "bucket_lifecycle_configuration",
    ("rules",),
    pack=lambda props: {"lifecycleConfiguration": {"rules": props.get("rules")}},
    unpack=lambda answer: {"Rules": answer["Rules"]},
    remove=lambda client, bucket: client.delete_bucket_lifecycle(Bucket=bucket),
    rules=(
        _filtered,
        one_of("rules.status", "Enabled", "Disabled"),
        # moto forgets it, which would be a change at each preview.
        each(
            "rules.noncurrentVersionExpiration.newerNoncurrentVersions",
            lambda _: "is not known to the sandbox; leave it out",
        ),
        unknown_here("transitionDefaultMinimumObjectSize"),
    ),
    comparison=Comparison(sets=("rules",)),
    computed=("transitionDefaultMinimumObjectSize",),
    local=("timeouts",),
)

ENTRIES = (VERSIONING, ENCRYPTION, PUBLIC_ACCESS_BLOCK, OWNERSHIP, POLICY, LIFECYCLE)
