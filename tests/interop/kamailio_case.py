# SPDX-License-Identifier: Apache-2.0
"""What tests against Kamailio have in common: a registrar on a free port, phones at it, and one count for both."""
import contextlib
import socket
import unittest

import kamailio
from generator import WORKED, Run

PHONES = 100
RATE = 500


def free_port(family=socket.AF_INET):
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.bind(('::1' if family == socket.AF_INET6 else '127.0.0.1', 0))
        return probe.getsockname()[1]


def bind_foreign(registrar, user, contact, expires_s):
    """Registers a contact that is none of our phones for the AoR of one; the registrar asks for no password."""
    host, _, udp_port = registrar.listen.rpartition(':')
    request = (f'REGISTER sip:{host} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK{user}{contact}\r\n'
               f'From: <sip:{user}@{host}>;tag=1\r\nTo: <sip:{user}@{host}>\r\nCall-ID: {user}-{contact}\r\n'
               f'CSeq: 1 REGISTER\r\nContact: <sip:{contact}>\r\nExpires: {expires_s}\r\nContent-Length: 0\r\n\r\n')
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.settimeout(5)
        phone.sendto(request.encode(), (host, int(udp_port)))
        status = phone.recv(65536).split(b' ')[1]
    if status != b'200':
        raise AssertionError(f'{contact} was refused: {status}')


class KamailioCase(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def start_kamailio(self, listen=None, **settings):
        return self.stack.enter_context(kamailio.Kamailio(listen or f'127.0.0.1:{free_port()}', **settings))

    def start_phones(self, registrar, settings=None, endpoints=PHONES, **options):
        # They refresh at 0.9 of what they get, and keep their bindings at the end.
        options = {'port': 'udp', 'rate': RATE, 'workers': 1, 'seed': 1, 'user': 'user%d', 'password': 'secret',
                   'endpoints': endpoints, 'target': getattr(registrar, 'listen', registrar), **options}
        return self.stack.enter_context(Run('--quiet', **options, settings={
            key if '.' in key else f'device.{key}': value for key, value in (settings or {}).items()}))

    def agreed(self, registrar, run, endpoints=PHONES, foreign=0):
        """The result of a run that ended with every phone registered, as Kamailio sees it too."""
        self.assertIn(run.wait(), WORKED, run.describe())
        result = run.result
        self.assertEqual((registrar.bindings(), result['endpoints']['registered']), (endpoints + foreign, endpoints),
                         f'{result["registrations"]} {result["messages"]}\n{run.describe()}')
        self.assertEqual(result['binding_lost'], 0)
        return result

    def assert_never_failed(self, result):
        self.assertEqual(result['registrations']['failed_by'], {})
