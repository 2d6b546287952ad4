"""The classes of S3, loaded before warnings are errors: pulumi_aws announces its own deprecated ones."""

from __future__ import annotations

import warnings

import pulumi_aws as aws

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message=r"(?:aws|s3)\.", category=DeprecationWarning)
    LOADED = aws.s3.BucketVersioning
