#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Datagrams that no registrar should send: noise, and answers to requests that nobody made.

    garbage.py ADDRESS UDP_PORT_FIRST UDP_PORT_LAST COUNT RATE SEED

Throws COUNT datagrams at RATE a second to ports of the range, for a command that enters a network namespace first.
"""
import random
import socket
import sys
import time

BYTES_MAX = 2000
STATUS_LINES = (b'SIP/2.0 200 OK', b'SIP/2.0 401 Unauthorized', b'SIP/2.0 503 Service Unavailable',
                b'SIP/2.0 99999 Huge', b'SIP/2.0 200', b'sip/2.0 -1 \xff', b'OPTIONS sip:a SIP/2.0',
                b'REGISTER sip:a SIP/2.0')


def headers(source):
    """Header lines that a parser looks at, with values it should survive. The branch is never one of ours."""
    def number():
        return str(source.choice((0, 1, 2**31, 2**32, 2**63, 2**64, 10**40, -1))).encode()

    choices = (b'Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK' + source.randbytes(8).hex().encode(),
               b'v: SIP/2.0/UDP h;;;branch=', b'Via:', b'CSeq: ' + number() + b' REGISTER', b'CSeq: REGISTER',
               b'Contact: <sip:a@b>;expires=' + number(), b'm: "\\', b'Content-Length: ' + number(),
               b'WWW-Authenticate: Digest realm="' + b'r' * source.randrange(600) + b'", nonce="',
               b'Retry-After: ' + number(), b'Expires: ' + number(), b' folded', b':', b'', source.randbytes(40))
    return [source.choice(choices) for _ in range(source.randrange(30))]


def datagrams(seed, count):
    source = random.Random(seed)
    for number in range(count):
        if number % 2:
            lines = [source.choice(STATUS_LINES), *headers(source), b'', b'']
            yield source.choice((b'\r\n', b'\n', b'\r')).join(lines)[:BYTES_MAX]
        else:
            # Every tenth has an extreme length, so that both ends of the range occur in any run worth its name.
            size = source.choice((0, 1, BYTES_MAX)) if number % 10 == 0 else source.randrange(BYTES_MAX + 1)
            yield source.randbytes(size)


def throw(address, udp_ports, count, rate, seed):
    """Sends them all, in time; the count bounds it."""
    ports = random.Random(seed + 1)
    started_at = time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as thrower:
        for number, datagram in enumerate(datagrams(seed, count)):
            early_s = started_at + number / rate - time.monotonic()
            if early_s > 0:
                time.sleep(early_s)
            try:
                thrower.sendto(datagram, (address, ports.choice(udp_ports)))
            except OSError:
                # Refused ports are reported on the next send; the next datagram goes elsewhere.
                continue


def main(address, first, last, count, rate, seed):
    throw(address, range(int(first), int(last) + 1), int(count), float(rate), int(seed))


if __name__ == '__main__':
    main(*sys.argv[1:])
