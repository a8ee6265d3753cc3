import pickle

from gharial.net.failures import Failure, FailureReason, PhaseError
from gharial.websocket.errors import WebSocketError


def test_errors_survive_pickling() -> None:
    script = pickle.loads(pickle.dumps(WebSocketError("SyntaxError", "bad URL")))
    assert (script.name, str(script)) == ("SyntaxError", "bad URL")
    phase = pickle.loads(pickle.dumps(PhaseError(FailureReason.DNS, "no such host")))
    assert phase.failure == Failure(FailureReason.DNS, "no such host")
