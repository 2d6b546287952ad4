"""SageMaker tags: a key has one value."""

from __future__ import annotations

from moto.sagemaker.models import SageMakerModelBackend


def replace_tags_of_equal_key() -> None:
    add = SageMakerModelBackend.add_tags

    def add_tags(self: SageMakerModelBackend, arn: str, tags: list[dict[str, str]]) -> list[dict[str, str]]:
        self.delete_tags(arn, [tag["Key"] for tag in tags])
        return add(self, arn, tags)

    SageMakerModelBackend.add_tags = add_tags  # type: ignore[method-assign]


PATCHES = (replace_tags_of_equal_key,)
