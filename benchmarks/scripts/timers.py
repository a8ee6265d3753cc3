"""Lets a thousand timers of a second each run in every virtual user."""

from gharial import env, set_interval, set_timeout


def default():
    for index in range(int(env["SOCKETS"])):
        set_timeout(lambda: set_interval(lambda: None, 1000), index)
