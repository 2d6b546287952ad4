"""What did S3, or the way to it, say was wrong? One word: botocore's texts are long and name hosts."""

from __future__ import annotations


def s3_code(error: Exception) -> str:
    """S3's code, or the kind of error where there was no answer.

    >>> s3_code(TimeoutError())
    'TimeoutError'
    """
    answer = getattr(error, "response", None) or {}
    return str(answer.get("Error", {}).get("Code", type(error).__name__))


def is_of_the_disk(error: Exception) -> bool:
    """Botocore's errors of the network are OSErrors too, but without a number.

    >>> is_of_the_disk(OSError(28, "No space left on device")), is_of_the_disk(OSError("reset"))
    (True, False)
    """
    return getattr(error, "errno", None) is not None
