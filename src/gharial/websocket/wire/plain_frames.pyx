"""Whole messages in one plain frame, in C; see ``plain_frames.py``."""

from picows.picows cimport WSFrame, WSListener, WSMsgType, WSTransport

from gharial.websocket.messages cimport MessageTaker
from gharial.websocket.size_list cimport SizeList
from gharial.net.turns cimport Turns


cdef class PlainFrames(WSListener):
    """Hands on messages that are one plain frame each; all else is its subclass's."""

    def __init__(self, Turns turns):
        self.turns = turns
        self._count = _nothing
        self._is_first_of_read = True

    def lead(self, count, take):
        """Hand plain messages to ``take``; their sizes, with the instant, to ``count``."""
        self._count = count
        self._sizes = count if isinstance(count, SizeList) else None
        self._taker = take if isinstance(take, MessageTaker) else None
        self._take = take

    cdef int date_by_turn(self) except -1:
        """Date the frames to come by the turn of the event loop."""
        cdef Turns turns = self.turns
        cdef double at_s = turns.instant_s[0] if turns.instant_s else turns.began_at_s()
        # A second read of one turn came later than the loop knew.
        self.at_s = at_s if at_s > self.at_s else turns.now_s()
        return 0

    cpdef on_ws_frame(self, WSTransport transport, WSFrame frame):
        """Hand a whole message on; anything but one plain frame goes the long way."""
        cdef Py_ssize_t size = frame.payload_size
        if self._is_first_of_read and not self.is_dated:
            self.date_by_turn()
        self._is_first_of_read = frame.last_in_buffer
        if (
            self._take is None
            or not frame.fin
            or frame.rsv1
            or frame.rsv2
            or frame.rsv3
            or not (frame.msg_type == WSMsgType.TEXT or frame.msg_type == WSMsgType.BINARY)
        ):
            self.take_other(frame)
            return
        if self._taker is not None and self._sizes is not None:
            if self._taker.take_frame(frame, self.at_s):
                self._sizes.add(size)
            else:
                self.refuse_text()
            return
        if frame.msg_type == WSMsgType.BINARY:
            data = frame.get_payload_as_bytes()
        else:
            try:
                data = frame.get_payload_as_utf8_text()
            except UnicodeDecodeError:
                self.refuse_text()
                return
        self._count(size, self.at_s)
        self._take(data, self.at_s)

    def take_other(self, frame):
        """Take a frame that is no plain message, or that nobody wants to have directly."""
        raise NotImplementedError

    def refuse_text(self):
        """Take note that a text message is not UTF-8."""
        raise NotImplementedError


def _nothing(size_bytes, at_s):
    return None
