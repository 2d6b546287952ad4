"""How is a bucket made, tagged and removed in S3?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.provider.resource import Answer, Call, Instance, Resource
from sandbox.provider.rules import matches, unknown_here
from sandbox.provider.tagging import TAGGINGS

if TYPE_CHECKING:
    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_OWN_RESOURCES = (
    *("accelerationStatus", "acl", "bucketPrefix", "corsRules", "grants", "lifecycleRules", "logging"),
    *("objectLockConfiguration", "objectLockEnabled", "policy", "replicationConfiguration", "requestPayer"),
    *("serverSideEncryptionConfiguration", "versioning", "website"),
)
"""What the provider has resources of their own for, or what nothing here needs."""
_HOSTED_ZONE_OF_US_EAST_1 = "Z3AQBSTGFYJSTF"


def _api_form(props: Props) -> Props:
    return {name: value for name, value in props.items() if name != "tags"}


def _tag(aws: Aws, bucket: Instance) -> None:
    if bucket.get("tags"):
        TAGGINGS["s3"].apply(aws, bucket.id, bucket["tags"], {})


def _bucket(aws: Aws, bucket: Instance) -> Answer | None:
    client = aws("s3")
    listed = client.list_buckets(Prefix=bucket.id)["Buckets"]
    if bucket.id not in [one["Name"] for one in listed]:
        return None
    return {"Bucket": bucket.id, "Tags": tags_of(aws, bucket.id)}


def tags_of(aws: Aws, bucket: str) -> dict[str, str]:
    """Return the tags of a bucket; one without any answers with an error."""
    client = aws("s3")
    try:
        found = client.get_bucket_tagging(Bucket=bucket)["TagSet"]
    except client.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchTagSet":
            raise
        return {}
    return {tag["Key"]: tag["Value"] for tag in found}


def _complete(aws: Aws, _answer: Answer, found: Props, bucket: Instance) -> None:
    found["arn"] = f"arn:{aws.partition}:s3:::{bucket.id}"
    found["bucketDomainName"] = f"{bucket.id}.s3.{aws.dns_suffix}"
    found["bucketRegionalDomainName"] = f"{bucket.id}.s3.{aws.region}.{aws.dns_suffix}"
    found["bucketRegion"] = aws.region
    found["hostedZoneId"] = _HOSTED_ZONE_OF_US_EAST_1


def _delete(aws: Aws, bucket: Instance) -> None:
    client = aws("s3")
    if bucket.get("forceDestroy"):
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket.id):
            for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                client.delete_object(Bucket=bucket.id, Key=one["Key"], VersionId=one["VersionId"])
    client.delete_bucket(Bucket=bucket.id)


BUCKET = Resource(
    type_name="aws:s3/bucket:Bucket",
    service="s3",
    create=Call("create_bucket", _api_form),
    identify=lambda _, props: props["bucket"],
    read=_bucket,
    delete=_delete,
    after_create=_tag,
    finish=_complete,
    tagging="s3",
    local=("forceDestroy",),
    defaults={"forceDestroy": False},
    rules=(
        matches(
            "bucket",
            r"(?!xn--|sthree-|.*\.\.|.*-s3alias$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
            "must hold 3 to 63 lower-case letters, digits, dots and hyphens",
        ),
        unknown_here(*_OWN_RESOURCES),
    ),
)

ENTRIES = (BUCKET,)
