# SPDX-License-Identifier: Apache-2.0
"""What tests of one or a few phones have in common: phones of a Grandstream GSC35xx, a peer, and intervals."""
import contextlib
import unittest

from generator import Run
from peer import Peer

DEVICE = 'grandstream-gsc35xx'
# The generator starts on time on an idle machine; a crowded one makes it late, and nothing makes it early.
EARLY_S_MAX = 0.02
LATE_S_MAX = 0.45
# Longer than any test looks at it: the test ends the run.
LONG = '100s'


class PhoneCase(unittest.TestCase):
    """One phone or a few, and a peer for them."""

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def start_peer(self, **scripts):
        return self.stack.enter_context(Peer(**scripts))

    def start_phones(self, target, endpoints=1, password='', duration=LONG, device=DEVICE, settings=None):
        """Phones that un-register nothing before they register, unless a setting says so."""
        options = {'target': target, 'endpoints': endpoints, 'rate': 100, 'workers': 1, 'port': 'udp', 'seed': 1,
                   'duration': duration, 'device': device, 'user': 'user%d', 'password': password}
        changed = {'unregister_before_registration': 'no', **(settings or {})}
        return self.stack.enter_context(Run('--quiet', **options, settings={
            key if '.' in key else f'device.{key}': value for key, value in changed.items()}))

    def start_pair(self, settings=None, password='', endpoints=1, **scripts):
        """(peer, run)"""
        peer = self.start_peer(**scripts)
        return peer, self.start_phones(peer.target, settings=settings, password=password, endpoints=endpoints)

    def assert_later(self, first, second, wanted_s, late_s_max=LATE_S_MAX):
        gap_s = second.at - first.at
        self.assertGreater(gap_s, wanted_s - EARLY_S_MAX, f'{second.start_line} came early')
        self.assertLess(gap_s, wanted_s + late_s_max, f'{second.start_line} came late')

    def assert_gaps(self, messages, wanted_s):
        for first, second in zip(messages, messages[1:]):
            self.assert_later(first, second, wanted_s)
