"""Answers in the shape in which AWS gives them: products of the price list, pages, one product per text."""

from __future__ import annotations

import json
from typing import Any


def product(
    attributes: dict[str, str], usd: str, *, sku: str = "SKU1", family: str = "Compute Instance", unit: str = "Hrs"
) -> dict[str, Any]:
    """A product with its on-demand term, and the terms of reservations beside it."""
    return {
        "product": {"productFamily": family, "attributes": attributes, "sku": sku},
        "serviceCode": "AmazonEC2",
        "terms": {
            "OnDemand": {
                f"{sku}.JRTCKXETXF": {
                    "priceDimensions": {
                        f"{sku}.JRTCKXETXF.6YS6EN2CT7": {
                            "unit": unit,
                            "endRange": "Inf",
                            "beginRange": "0",
                            "description": f"${usd} per On Demand Linux hour",
                            "appliesTo": [],
                            "rateCode": f"{sku}.JRTCKXETXF.6YS6EN2CT7",
                            "pricePerUnit": {"USD": usd},
                        }
                    },
                    "sku": sku,
                    "effectiveDate": "2026-11-01T00:00:00Z",
                    "offerTermCode": "JRTCKXETXF",
                    "termAttributes": {},
                }
            },
            "Reserved": {
                f"{sku}.6QCMYABX3D": {
                    "priceDimensions": {
                        f"{sku}.6QCMYABX3D.2TG2D8R56U": {
                            "unit": "Quantity",
                            "description": "Upfront Fee",
                            "pricePerUnit": {"USD": "4448"},
                        },
                        f"{sku}.6QCMYABX3D.6YS6EN2CT7": {
                            "unit": "Hrs",
                            "description": "Linux/UNIX, reserved",
                            "pricePerUnit": {"USD": "0.0000000000"},
                        },
                    },
                    "termAttributes": {
                        "LeaseContractLength": "1yr",
                        "OfferingClass": "standard",
                        "PurchaseOption": "All Upfront",
                    },
                }
            },
        },
        "version": "20261118000000",
        "publicationDate": "2026-11-18T00:00:00Z",
    }


def ec2(name: str, usd: str, region: str = "us-east-1", **other: str) -> dict[str, Any]:
    """An EC2 product as the filters of a refresh want it, but for what `other` says."""
    attributes = {
        "instanceType": name,
        "regionCode": region,
        "location": "US East (N. Virginia)",
        "operatingSystem": "Linux",
        "tenancy": "Shared",
        "preInstalledSw": "NA",
        "capacitystatus": "Used",
        "marketoption": "OnDemand",
        "licenseModel": "No License required",
        "vcpu": "8",
        "memory": "32 GiB",
        "gpu": "1",
        **other,
    }
    return product(attributes, usd, sku=f"{name}-{region}-{len(other)}")


def hosting(name: str, usd: str, region: str = "us-east-1", component: str = "Hosting") -> dict[str, Any]:
    """A SageMaker product of a component."""
    attributes = {
        "instanceName": name,
        "instanceType": f"{name}-{component}",
        "component": component,
        "regionCode": region,
        "usagetype": f"USE1-Host:{name}",
    }
    return product(attributes, usd, sku=f"{name}-{region}-{component}", family="ML Instance")


def page(*products: dict[str, Any], token: str | None = None) -> dict[str, Any]:
    """A page of GetProducts: each product is a text."""
    more = {"NextToken": token} if token else {}
    return {"FormatVersion": "aws_v1", "PriceList": [json.dumps(one) for one in products], **more}
