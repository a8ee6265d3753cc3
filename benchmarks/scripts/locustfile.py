"""The same load for Locust, with the client that its users take: websocket-client."""

import os

import websocket
from locust import User, constant, task

PAYLOAD = "x" * int(os.environ["SIZE"])


class Echo(User):
    wait_time = constant(0)

    def on_start(self):
        self.socket = websocket.create_connection(os.environ["URL"])

    @task
    def echo(self):
        # As short as a task can be; a real one would fire an event for each message.
        for _ in range(100):
            self.socket.send(PAYLOAD)
            self.socket.recv()
