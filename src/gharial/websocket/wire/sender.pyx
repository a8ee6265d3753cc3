"""What sends the messages of one connection, in C; see ``sender.py``."""

from cpython.unicode cimport PyUnicode_AsUTF8String
from picows.picows cimport WSMsgType, WSTransport

from gharial.websocket.scalar_text import to_utf8
from gharial.websocket.size_list cimport SizeList
from gharial.websocket.wire.plain_frames cimport PlainFrames


cdef class Sender:
    """Frames, sends and counts messages while its connection is open."""

    def __init__(self, owner):
        self._owner = owner

    def open(self, wire, count):
        """Send over this wire from now on, and hand the sizes to ``count``."""
        self._wire = wire
        self._count = count
        self._sizes = count if isinstance(count, SizeList) else None
        self._transport = wire.plain_transport
        if self._transport is not None:
            self._frames = wire

    def close(self):
        """Let the connection drop what is sent from now on."""
        self._wire = self._frames = self._transport = None

    cdef send(self, WSMsgType kind, payload, Py_ssize_t size):
        """Send UTF-8 or bytes, as an object with a buffer that is copied."""
        framed = None
        if self._frames is not None:
            self._transport.send(kind, payload)
            if self._sizes is not None:
                self._sizes.add(size)
            else:
                self._count(size)
            if self._frames.is_blocked:
                self._owner.note_sent(size, None)
            return
        if self._wire is None:
            self._owner.drop(size)
            return
        if kind == WSMsgType.TEXT:
            framed = self._wire.send_text(bytes(payload))
        else:
            framed = self._wire.send_binary(bytes(payload))
        self._count(size)
        if framed is not None or self._wire.is_blocked:
            self._owner.note_sent(size, framed)

    cpdef send_text(self, text):
        """Send a text; lone surrogates become U+FFFD. Dropped when closing or closed."""
        cdef bytes payload
        try:
            payload = PyUnicode_AsUTF8String(text)
        except UnicodeEncodeError:
            payload = to_utf8(text)
        self.send(WSMsgType.TEXT, payload, len(payload))

    cpdef send_binary(self, payload):
        """Send bytes. Dropped when closing or closed."""
        self.send(WSMsgType.BINARY, payload, len(payload))
