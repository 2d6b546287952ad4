from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from components.spec.values import Accelerator, Duration, Size


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("10m", 600), ("1h30m", 5400), ("30d", 2_592_000), ("1d2h3m4s", 93_784)]
)
def test_a_duration_is_read_with_its_units(text: str, seconds: int) -> None:
    """A duration is the sum of its numbers and units, and prints as it was written."""
    assert Duration.parse(text).seconds == seconds
    assert str(Duration.parse(text)) == text


@given(st.integers(min_value=0, max_value=10**8))
def test_a_duration_survives_being_printed(seconds: int) -> None:
    """What a duration prints is read back as the same duration."""
    assert Duration.parse(str(Duration(seconds))) == Duration(seconds)


@pytest.mark.parametrize("value", ["", "10", 10, "m", "10 m", "1m1h", "-5m", None, True])
def test_what_is_no_duration_is_refused(value: object) -> None:
    """Numbers without units, units out of order and other types are refused."""
    with pytest.raises(PydanticCustomError, match="is not a duration"):
        Duration.parse(value)


@given(st.integers(min_value=0, max_value=10**6))
def test_a_size_survives_being_printed(gib: int) -> None:
    """What a size prints is read back as the same size."""
    assert Size.parse(str(Size(gib))) == Size(gib)


@pytest.mark.parametrize("value", ["100", "100GB", "1.5GiB", 100, "GiB"])
def test_what_is_no_size_is_refused(value: object) -> None:
    """GB is not GiB, and a number alone has no unit."""
    with pytest.raises(PydanticCustomError, match="is not a size"):
        Size.parse(value)


@pytest.mark.parametrize(
    ("text", "gpu", "count", "printed"),
    [
        ("L4", "L4", 1, "L4"),
        ("l40s:2", "L40S", 2, "L40S:2"),
        ("A100 80GB:8", "A100-80GB", 8, "A100-80GB:8"),
        ("rtx_pro_6000", "RTX-PRO-6000", 1, "RTX-PRO-6000"),
    ],
)
def test_an_accelerator_takes_the_catalogues_spelling(text: str, gpu: str, count: int, printed: str) -> None:
    """Case, dashes and spaces do not matter, and the printed form is the catalogue's."""
    accelerator = Accelerator.parse(text)
    assert (accelerator.gpu, accelerator.count, str(accelerator)) == (gpu, count, printed)


@pytest.mark.parametrize(
    ("value", "message", "fix"),
    [
        ("L40X", "is not a GPU that the catalogue knows", "did you mean L40?"),
        ("A100", "is not exact enough", "write one of: A100-40GB, A100-80GB, A100-80GB-PCIe"),
        ("L4:0", "is not an accelerator", 'write a GPU, or a GPU and a count, as "L4" or "L40S:2"'),
        (4, "is not an accelerator", 'write a GPU, or a GPU and a count, as "L4" or "L40S:2"'),
    ],
)
def test_what_is_no_accelerator_is_refused_with_a_fix(value: object, message: str, fix: str) -> None:
    """A misspelt or ambiguous GPU is refused with what was probably meant."""
    with pytest.raises(PydanticCustomError) as caught:
        Accelerator.parse(value)
    assert caught.value.context == {"message": message, "fix": fix}
