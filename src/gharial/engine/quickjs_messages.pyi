"""What ``quickjs_messages.pyx`` has; it is there where it could be compiled."""

from typing import Any

from gharial.websocket.messages import MessageReceiver
from gharial.websocket.wire.sender import Sender

def find_functions(library: Any, context: Any) -> bool: ...
def event_getters(context: Any) -> Any: ...

class EngineMessages:
    def __init__(
        self,
        context: Any,
        runtime: Any,
        internal: Any,
        rejections: dict[int, Any],
        error_class: type[Exception],
        heap: Any,
    ) -> None: ...
    def receiver(self, socket: Any) -> MessageReceiver: ...
    def send_function(self, sender: Sender, embedded: Any) -> Any: ...
