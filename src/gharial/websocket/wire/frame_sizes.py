"""
The sizes of frames.

Source:
    RFC 6455, section 5.2.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Every frame of a client carries a mask.
MASK_BYTES = 4
# From these sizes of a payload on, its size takes 2 or 8 bytes of its own.
_MEDIUM_BYTES = 126
_LARGE_BYTES = 65_536


def wire_size(payload_bytes: int) -> int:
    """Return the size of an unmasked frame with such a payload."""
    if payload_bytes < _MEDIUM_BYTES:
        return payload_bytes + 2
    return payload_bytes + (4 if payload_bytes < _LARGE_BYTES else 10)


def wire_sizes(payloads_bytes: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Return the same for many payloads at once."""
    import numpy as np  # Whoever has an array has loaded it.

    return (
        payloads_bytes
        + 2.0
        + np.where(payloads_bytes >= _MEDIUM_BYTES, 2.0, 0.0)
        + np.where(payloads_bytes >= _LARGE_BYTES, 6.0, 0.0)
    )
