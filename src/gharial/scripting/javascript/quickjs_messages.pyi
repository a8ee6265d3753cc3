"""What ``quickjs_messages.pyx`` has; it is there where it could be compiled."""

from typing import Any

from gharial.websocket.messages import MessageReceiver
from gharial.websocket.wire.sender import Sender

def find_functions(library: Any, context: Any) -> bool: ...
def send_function(context: Any, sender: Sender, embedded: Any) -> Any: ...

class EngineReceiver(MessageReceiver):
    def __init__(
        self,
        context: Any,
        runtime: Any,
        function: Any,
        receiver: Any,
        rejections: dict[int, Any],
        error_class: type[Exception],
    ) -> None: ...
