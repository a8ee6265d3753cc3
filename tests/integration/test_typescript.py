"""Scripts in TypeScript."""

from pathlib import Path

from script_runs import echo
from whole_runs import run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations

ONE = [PerVuIterations(ScenarioPlan(), 1, 1, 600.0)]


def test_a_script_and_its_modules_run_with_their_types_stripped(tmp_path: Path):
    (tmp_path / "lib.ts").write_text(
        "export interface Message { text: string }\n"
        "export enum Kind { Hello = 'hello' }\n"
        "export const parse = <T,>(text: string): T => JSON.parse(text) as T;\n"
    )
    source = """
import { Counter } from 'k6/metrics';
import { check, type Checkers } from 'k6';
import { Kind, parse, Message } from './lib.ts';

const heard: Counter = new Counter('heard');

export default function (data?: { room: string }): void {
  const socket: WebSocket = new WebSocket(__ENV.URL!);
  socket.onopen = (): void => socket.send(JSON.stringify({ text: Kind.Hello } as Message));
  socket.onmessage = (event: MessageEvent<string>) => {
    const message = parse<Message>(event.data);
    heard.add(1);
    check(message, { 'is echoed': (m: Message) => m.text === Kind.Hello });
    socket.close();
  };
}
"""
    ran = run_whole(tmp_path, "s.ts", source, ONE, echo)
    assert ran.errors == []
    assert ran.total("heard") == 1


def test_an_exception_is_told_with_the_place_in_the_typescript(tmp_path: Path):
    source = (
        "interface A { b: number }\n"
        "export default function (data: A): void {\n"
        "  const a: A = { b: 1 }; missing<number>(a);\n"
        "}\n"
    )
    ran = run_whole(tmp_path, "s.ts", source, ONE)
    [error] = ran.errors
    assert "'missing' is not defined" in error
    assert "s.ts:3:26" in error
