# The numbers that C, the runtime in JavaScript and Python share, each written here only.
# C includes this file; `shared_numbers.py` reads it, and puts a number into the runtime
# wherever that says `$NAME`. Plain `NAME = number` lines, so that both can.

cdef enum:
    # The engine's tags; the binding does not name all of them.
    TAG_INT = 0
    TAG_BOOLEAN = 1
    TAG_NULL = 2
    TAG_UNDEFINED = 3
    TAG_EXCEPTION = 6
    TAG_FLOAT = 8
    TAG_OBJECT = -1
    # A string that was put together of long ones, and is kept in its parts.
    TAG_JOINED = -6
    TAG_STRING = -7
    # Tags from here to -1 are of values that are counted.
    TAG_FIRST_COUNTED = -9

cdef enum:
    # Places in the array of a socket, see websocket.js: the socket, its ready state, its one
    # listener for messages (null if there is more to do than to call it, undefined if nobody
    # listens), its origin, the connection's function that sends texts (and tells whether it
    # did), and whether binary data becomes a Blob.
    SOCKET_TARGET = 0
    SOCKET_STATE = 1
    SOCKET_ONLY = 2
    SOCKET_ORIGIN = 3
    SOCKET_SEND = 4
    SOCKET_MAKES_BLOBS = 5

cdef enum:
    # Ready states, as the standard numbers them.
    READY_CONNECTING = 0
    READY_OPEN = 1
    READY_CLOSING = 2
    READY_CLOSED = 3

cdef enum:
    # Places in the array of any event; those of its own class begin at EVENT_OWN.
    EVENT_KIND = 0
    EVENT_TYPE = 1
    EVENT_TIMESTAMP_MS = 2
    EVENT_FLAGS = 3
    EVENT_TARGET = 4
    EVENT_CURRENT_TARGET = 5
    EVENT_OWN = 6
    MESSAGE_DATA = 6
    MESSAGE_ORIGIN = 7

cdef enum:
    # Values of EVENT_KIND.
    KIND_PLAIN = 0
    KIND_MESSAGE = 1
    KIND_CLOSE = 2
    KIND_CUSTOM = 3
    KIND_ERROR = 4

cdef enum:
    # Bits of EVENT_FLAGS.
    STOPPED = 1
    STOPPED_NOW = 2
    CANCELED = 4
    CANCELABLE = 8
    IN_PASSIVE_LISTENER = 16
    DISPATCHING = 32
    BY_PLATFORM = 64
    BUBBLES = 128
    COMPOSED = 256
    # BY_PLATFORM and DISPATCHING; and STOPPED, STOPPED_NOW and DISPATCHING.
    FLAGS_OF_MESSAGE = 96
    FLAGS_WHILE_DISPATCHED = 35

cdef enum:
    # What a getter of a message's event returns: the data, the timestamp, its array.
    GETS_DATA = 0
    GETS_TIMESTAMP = 1
    GETS_STATE = 2
