import pickle

from gharial.websocket.errors import PhaseError, WebSocketError
from gharial.websocket.observer import Failure, FailureReason


def test_errors_survive_pickling() -> None:
    script = pickle.loads(pickle.dumps(WebSocketError("SyntaxError", "bad URL")))
    assert (script.name, str(script)) == ("SyntaxError", "bad URL")
    phase = pickle.loads(pickle.dumps(PhaseError(FailureReason.DNS, "no such host")))
    assert phase.failure == Failure(FailureReason.DNS, "no such host")
