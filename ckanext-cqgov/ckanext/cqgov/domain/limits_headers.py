"""What a browser may do with what we send: policies of content as tables, and the other headers that protect a reader.

No page has a script or a style within it: scripts and styles are files of ours. So the policy needs neither nonces (which a kept
page could not carry) nor hashes, and is the same for every page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Policy = Mapping[str, tuple[str, ...]]

PAGE: Policy = {
    "default-src": ("'self'",),
    "script-src": ("'self'",),
    "script-src-attr": ("'none'",),
    "style-src": ("'self'",),
    "img-src": ("'self'", "data:"),
    "font-src": ("'self'", "data:"),
    "connect-src": ("'self'",),
    "frame-src": ("'self'",),
    "object-src": ("'none'",),
    "base-uri": ("'self'",),
    "form-action": ("'self'",),
    "frame-ancestors": ("'self'",),
}

VIEW: Policy = {**PAGE, "style-src-attr": ("'unsafe-inline'",)}
"""A preview: the library that draws tables sets styles of elements. A style of an element can run nothing."""

FILE: Policy = {
    "default-src": ("'none'",),
    "style-src": ("'unsafe-inline'",),
    "img-src": ("data:",),
    "sandbox": (),
    "frame-ancestors": ("'self'",),
}
"""An uploaded file that a browser opens: it may be shown, but runs nothing and is of no origin, whatever it holds."""

ANSWER: Policy = {"default-src": ("'none'",), "frame-ancestors": ("'none'",)}
"""JSON, tables and feeds: nothing in them is for a browser to run or to frame."""

POWERS = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "screen-wake-lock",
    "usb",
    "xr-spatial-tracking",
)
"""Powers of a browser that no page of ours asks for."""


def text(policy: Policy) -> str:
    """Return a policy as it is written in a header."""
    return "; ".join(" ".join((name, *sources)) for name, sources in policy.items())


def widened(policy: Policy, more: Mapping[str, Iterable[str]]) -> Policy:
    """Return a policy with further sources for some of its directives; ``'none'`` yields to them."""
    changed = dict(policy)
    for name, sources in more.items():
        if found := tuple(sources):
            changed[name] = tuple(source for source in changed.get(name, ()) if source != "'none'") + found
    return changed


def guarding(*, https: bool, hsts_seconds: int, embedded_elsewhere: bool) -> dict[str, str]:
    """Return the headers that every answer has.

    :param https: whether the portal's address is https; only then is a browser told to insist on it.
    :param hsts_seconds: for how long, in seconds; 0 says nothing.
    :param embedded_elsewhere: whether other sites may show previews; old browsers know no list of them.
    """
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{power}=()" for power in POWERS),
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if not embedded_elsewhere:
        headers["X-Frame-Options"] = "SAMEORIGIN"
    if https and hsts_seconds > 0:
        headers["Strict-Transport-Security"] = f"max-age={hsts_seconds}"
    return headers
