# SPDX-License-Identifier: Apache-2.0
"""A registrar of a few lines that says what a test tells it to, and writes down every datagram with its time.

The kernel stamps what arrives, so that a busy machine does not blur the intervals that a test measures. A
retransmission gets the answer that its transaction got; a script is asked once for each transaction.
"""
import hashlib
import re
import select
import socket
import struct
import threading
import time

TIMESTAMPS = 35  # SO_TIMESTAMPNS, which Python does not name
DATAGRAM_BYTES_MAX = 65536
REASONS = {100: 'Trying', 200: 'OK', 302: 'Moved Temporarily', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found',
           405: 'Method Not Allowed', 423: 'Interval Too Brief', 481: 'Call/Transaction Does Not Exist',
           483: 'Too Many Hops', 503: 'Service Unavailable'}


class Message:
    """One datagram as it came."""

    def __init__(self, data, source, at):
        self.text = data.decode(errors='replace')
        self.source = source
        self.at = at
        head = self.text.partition('\r\n\r\n')[0].split('\r\n')
        self.start_line = head[0]
        words = head[0].split(' ', 2)
        self.status = int(words[1]) if words[0] == 'SIP/2.0' else 0
        self.method, self.uri = ('', '') if self.status else (words[0], words[1] if len(words) > 1 else '')
        self.rows = [(name.strip(), value.strip()) for name, colon, value in (row.partition(':') for row in head[1:])
                     if colon]

    def row(self, name):
        """The value of a header that may stand once; None when it is not there."""
        values = [value for key, value in self.rows if key.lower() == name.lower()]
        if len(values) > 1:
            raise AssertionError(f'{name} stands {len(values)} times in\n{self.text}')
        return values[0] if values else None

    def parameter(self, name, key):
        """KEY of a header, without its quotes; None when header or key is not there."""
        found = re.search(rf'\b{key}="?([^",;\s]*)', self.row(name) or '')
        return found.group(1) if found else None

    @property
    def branch(self):
        return self.parameter('Via', 'branch')

    @property
    def cseq(self):
        return int(self.row('CSeq').split()[0])

    @property
    def contact(self):
        """URI of the Contact; '*' as it is."""
        value = self.row('Contact')
        return value if value is None or value == '*' else value[value.index('<') + 1:value.index('>')]

    @property
    def expires(self):
        return int(self.row('Expires'))


def answer(request, status, *rows, tag='peer'):
    """The bytes of an answer to `request`."""
    to = request.row('To')
    lines = [f'SIP/2.0 {status} {REASONS.get(status, "Whatever")}', f'Via: {request.row("Via")}',
             f'From: {request.row("From")}', f'To: {to}' + ('' if ';tag=' in to or status == 100 else f';tag={tag}'),
             f'Call-ID: {request.row("Call-ID")}', f'CSeq: {request.row("CSeq")}', *rows, 'Content-Length: 0', '', '']
    return '\r\n'.join(lines).encode()


def says(status, *rows):
    return lambda request: answer(request, status, *rows)


def silent(_):
    return None


def grants(seconds):
    """200 with the binding that was asked for, alive for so many seconds; removals end in a 200 without Contact."""
    def script(request):
        removal = request.row('Expires') == '0' or request.contact == '*'
        return answer(request, 200, *([] if removal else [f'Contact: <{request.contact}>;expires={seconds}']))
    return script


def in_turn(*scripts):
    """Each script once, the last one for ever."""
    left = list(scripts)
    return lambda request: (left.pop(0) if len(left) > 1 else left[0])(request)


class Challenging:
    """401 with a new nonce each time, to whatever carries none of its nonces with a right response."""

    def __init__(self, then, user='user', password='secret', realm='peer.test'):
        self.then = then
        self.password = password
        self.realm = realm
        self.nonces = []
        self.user = user

    def right(self, request):
        def value(key):
            return request.parameter('Authorization', key)

        def digest(*parts):
            return hashlib.md5(':'.join(parts).encode()).hexdigest()

        if value('nonce') not in self.nonces or not value('username').startswith(self.user):
            return False
        known = digest(value('username'), self.realm, self.password)
        return value('response') == digest(known, value('nonce'), value('nc'), value('cnonce'), value('qop'),
                                           digest(request.method, value('uri')))

    def __call__(self, request):
        if self.right(request):
            return self.then(request)
        self.nonces.append(f'nonce{len(self.nonces) + 1}')
        return answer(request, 401, f'WWW-Authenticate: Digest realm="{self.realm}", nonce="{self.nonces[-1]}", '
                                    f'qop="auth", algorithm=MD5')


class Peer:
    """with Peer(REGISTER=grants(60), OPTIONS=says(200)) as peer: ...; methods without a script are not answered."""

    def __init__(self, address='127.0.0.1', **scripts):
        self.scripts = scripts
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, TIMESTAMPS, 1)
        self.socket.bind((address, 0))
        self.address = self.socket.getsockname()
        self.target = '%s:%d' % self.address
        self.messages = []
        self.given = {}
        self.failure = None
        self.stopping = False
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.thread.join()
        self.socket.close()

    def serve(self):
        while not self.stopping:
            if not select.select([self.socket], [], [], 0.1)[0]:
                continue
            data, ancillary, _, source = self.socket.recvmsg(DATAGRAM_BYTES_MAX, 64)
            seconds, nanoseconds = struct.unpack('qq', ancillary[0][2])
            message = Message(data, source, seconds + nanoseconds / 1e9)
            self.messages.append(message)
            try:
                self.reply(message)
            except Exception as failure:  # told by wait_for, in the thread of the test
                self.failure = failure

    def reply(self, message):
        if message.status or message.method not in self.scripts:
            return
        transaction = (message.method, message.branch)
        if transaction not in self.given:
            self.given[transaction] = self.scripts[message.method](message)
        if self.given[transaction] is not None:
            self.socket.sendto(self.given[transaction], message.source)

    def send(self, text, to):
        self.socket.sendto(text.encode(), to)

    def requests(self, method):
        """The first datagram of each transaction, in the order of their arrival."""
        found = {}
        for message in list(self.messages):
            if message.method == method:
                found.setdefault(message.branch, message)
        return list(found.values())

    def registers(self):
        """REGISTERs that ask for a binding."""
        return [message for message in self.requests('REGISTER') if message.expires != 0]

    def answers(self, status):
        return [message for message in list(self.messages) if message.status == status]

    def wait_for(self, wanted, seconds_max=20.0):
        """What `wanted` returns once it is true."""
        deadline = time.monotonic() + seconds_max
        while time.monotonic() < deadline:
            if self.failure:
                raise self.failure
            if found := wanted():
                return found
            time.sleep(0.02)
        heard = '\n'.join(f'{message.at % 1000:.3f} {message.start_line}' for message in list(self.messages))
        raise AssertionError(f'not seen in {seconds_max} s; heard:\n{heard}')


class Wire:
    """What goes to one UDP port over the loopback interface, also when nobody listens there. Needs root."""

    def __init__(self, udp_port):
        self.udp_port = udp_port
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
        self.socket.bind(('lo', 0x0800))
        self.socket.setsockopt(socket.SOL_SOCKET, TIMESTAMPS, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def watch(self, count, seconds_max=20.0):
        """The next COUNT datagrams; fewer when the time is over."""
        found = []
        deadline = time.monotonic() + seconds_max
        while len(found) < count and (left := deadline - time.monotonic()) > 0:
            if not select.select([self.socket], [], [], left)[0]:
                break
            data, ancillary, _, sender = self.socket.recvmsg(DATAGRAM_BYTES_MAX, 64)
            # Every packet on loopback is seen twice: leaving, and coming back.
            if sender[2] == socket.PACKET_OUTGOING or data[9] != socket.IPPROTO_UDP:
                continue
            udp = data[4 * (data[0] & 15):]
            source_port, destination_port = struct.unpack('!HH', udp[:4])
            if destination_port == self.udp_port:
                seconds, nanoseconds = struct.unpack('qq', ancillary[0][2])
                found.append(Message(udp[8:], (socket.inet_ntoa(data[12:16]), source_port),
                                     seconds + nanoseconds / 1e9))
        return found
