"""Whether an address can be reached from other machines, for whatever listens."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Return whether an address is this machine's own.

    Example:
        >>> is_loopback("127.0.0.1"), is_loopback("Localhost"), is_loopback("0.0.0.0")
        (True, True, False)
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False  # a name may resolve to anything, and to something else tomorrow
