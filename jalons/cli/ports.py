"""Who listens where: a port that is taken is said with its holder, before anything is loaded."""

import errno
import os
import socket
from pathlib import Path

from jalons.core.errors import Refused

LISTENING = "0A"  # state of a socket in /proc/net/tcp
TAKEN = "Le port %(port)s est déjà pris%(holder)s. Arrêtez ce programme, ou choisissez un autre port : --port."
REFUSED = "Impossible d’écouter sur %(address)s, port %(port)s : %(fault)s."


def check_free(address: str, port: int) -> None:
    """Refuse a port on which another program listens, or an address that is not this machine's."""
    try:
        [found, *_others] = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)
        with socket.socket(found[0], socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(found[4])
    except OSError as fault:
        if fault.errno == errno.EADDRINUSE:
            raise Refused(TAKEN, port=port, holder=_holder(port)) from None
        raise Refused(REFUSED, address=address, port=port, fault=fault.strerror) from None


def _holder(port: int) -> str:
    """The program that listens on a port, where the system lets it be known."""
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(link) in sockets for link in (process / "fd").iterdir()):
                words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
                return f" par le processus {process.name} ({' '.join(words).strip()[:80]})"
        except OSError:  # another person's process, or one that has just ended
            continue
    return ""


def _inodes(port: int) -> set[str]:
    """Sockets that listen on a port, by the number that Linux gives them."""
    found = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        lines = table.read_text().splitlines()[1:] if table.exists() else []
        rows = [line.split() for line in lines]
        found |= {row[9] for row in rows if row[3] == LISTENING and int(row[1].rpartition(":")[2], 16) == port}
    return found
