"""Sends at a fixed rate and times each answer: on the wire, and in the handler."""

import random
import time

from gharial import (
    Trend,
    WebSocket,
    clear_interval,
    env,
    set_interval,
    set_timeout,
)

wire = Trend("answer_wire", is_time=True)
handler = Trend("answer_handler", is_time=True)
count = int(env["COUNT"])
interval_ms = float(env["INTERVAL_MS"])


def default():
    socket = WebSocket(env["URL"])
    is_ping = env["KIND"] == "ping"
    sent_at_ms = {}
    started = answered = timer = 0

    def begin():
        nonlocal timer
        timer = set_interval(send, interval_ms)

    def send():
        nonlocal started
        started += 1
        if started >= count:
            clear_interval(timer)
        if is_ping:
            socket.ping()
            return
        name = str(started)
        sent_at_ms[name] = time.time() * 1e3
        socket.send(name)

    def answer(event):
        nonlocal answered
        answered += 1
        if answered == count:
            socket.close()

    def on_message(event):
        now_ms = time.time() * 1e3
        at_ms = sent_at_ms.pop(event.data)
        wire.add(event.timestamp - at_ms)
        handler.add(now_ms - at_ms)
        answer(event)

    socket.on_open = lambda event: set_timeout(
        begin, 500 + random.random() * interval_ms
    )
    socket.on_message = on_message
    socket.on_pong = answer
