"""Dataset names that cannot be guessed or counted.

A gap in a sequence would reveal that a closed entry exists, and CKAN's own munging turns Chinese titles into ``__``,
so a name that the client does not give is random.
"""

from __future__ import annotations

import base64

NOISE = 10
"""Random bytes in a name: 80 bits, 16 characters of base32."""


def generated(noise: bytes) -> str:
    """Return a dataset name from ``NOISE`` random bytes: ``d-`` and 16 lower-case characters.

    Raises ``ValueError`` for any other number of bytes: a shorter name could be enumerated.
    """
    if len(noise) != NOISE:
        raise ValueError(f"a name needs {NOISE} random bytes")
    return "d-" + base64.b32encode(noise).decode("ascii").lower()
