"""
All that takes part in opening a socket, to be loaded before there is load.

Loaded by the first connection instead, it would hold up the event loop for 0.1 s, and
that connection would be measured so much slower.
"""

import gharial.net.dns
import gharial.net.polled_loop
import gharial.net.proxy
import gharial.net.tls
import gharial.net.turns
import gharial.virtual_user.socket_instruments
import gharial.virtual_user.socket_sinks
import gharial.websocket.connection  # noqa: F401 - this is what the file is for
