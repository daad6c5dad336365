/** The whole project as its user starts it, with `make run` or `make run-multi`, on free ports. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { FRONTEND } from "../support/workspace";

export type Module = "broker" | "datafeed";

interface Process {
  pid: number;
  parent: number;
  group: number;
  command: string;
}

/** How long the set may take to start, and to end. */
const START_MS = 120_000;
const END_MS = 20_000;

export class Stack {
  readonly address: string;

  private constructor(
    private readonly make: ChildProcess,
    private readonly ports: Record<Module, number>,
    port: number,
  ) {
    this.address = `http://127.0.0.1:${port}`;
  }

  /** Start it with these settings of the modules; return it when everything answers. */
  static async start(target: "run" | "run-multi", settings: Record<string, string>): Promise<Stack> {
    const [port, broker, datafeed] = await freePorts();
    const urls = { BROKER_URL: `http://127.0.0.1:${broker}`, DATAFEED_URL: `http://127.0.0.1:${datafeed}` };
    const make = spawn("make", ["-f", join(FRONTEND, "../project.mk"), target, `PORT=${port}`], {
      stdio: ["ignore", "pipe", "pipe"],
      // Not a part of the make that runs the tests.
      env: { ...process.env, MAKEFLAGS: "", MAKELEVEL: "", MFLAGS: "", ...urls, ...settings },
    });
    const stack = new Stack(make, { broker, datafeed }, port);
    try {
      await waitForLine(make, "Ctrl-C");
    } catch (error) {
      await stack.interrupt();
      throw error;
    }
    return stack;
  }

  /** End the process of a module of `run-multi` at once; nothing starts it again before `revive`. */
  kill(module: Module): void {
    process.kill(this.find("run_multi.py").pid, "SIGSTOP");
    process.kill(this.find(`--port ${this.ports[module]}`).pid, "SIGKILL");
  }

  /** Let whatever was killed be started again. */
  revive(): void {
    process.kill(this.find("run_multi.py").pid, "SIGCONT");
  }

  /** Do what Ctrl-C does; return the processes that it has left, and which were then killed: there must be none. */
  async interrupt(): Promise<string[]> {
    const before = this.processes();
    const ended = new Promise<void>((resolve) => {
      this.make.once("exit", () => resolve());
      if (this.make.exitCode !== null || this.make.signalCode !== null) resolve();
    });
    // A terminal signals a group; ours is also that of the tests, so that their Ctrl-C ends it all.
    const foreground = before.find(({ pid }) => pid === this.make.pid)?.group;
    for (const { pid, group } of before) {
      if (group !== foreground) continue;
      signal(pid, "SIGINT");
      // One that a failed test has left stopped hears of it only now.
      signal(pid, "SIGCONT");
    }
    await Promise.race([ended, sleep(END_MS, undefined, { ref: false })]);
    // A number may belong to another process by now, but hardly with the same command.
    const known = new Map([...before, ...this.processes()].map(({ pid, command }) => [pid, command]));
    const left = allProcesses().filter(({ pid, command }) => known.get(pid) === command);
    for (const { pid } of left) signal(pid, "SIGKILL");
    return left.map(({ command }) => command);
  }

  private find(part: string): Process {
    const found = this.processes().find(({ command }) => command.includes(part));
    if (!found) throw new Error(`no process of the set has ${part} in its command`);
    return found;
  }

  /** The make and everything below it. */
  private processes(): Process[] {
    const set = new Set([this.make.pid]);
    // Parents are started before their children, but numbers begin again at some time.
    const all = allProcesses();
    for (let size = 0; size !== set.size; ) {
      size = set.size;
      for (const { pid, parent } of all) if (set.has(parent)) set.add(pid);
    }
    return all.filter(({ pid }) => set.has(pid));
  }
}

/** Send a signal to a process that may have ended meanwhile. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

function allProcesses(): Process[] {
  const lines = execFileSync("ps", ["-A", "-ww", "-o", "pid=,ppid=,pgid=,args="], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => {
    const [, pid, parent, group, command] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return command ? [{ pid: Number(pid), parent: Number(parent), group: Number(group), command }] : [];
  });
}

function waitForLine(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const seen: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      // Read to its end, so that the pipe never fills.
      createInterface(stream).on("line", (line) => {
        seen.push(line);
        if (line.includes(text)) resolve();
      });
    }
    const refuse = (what: string) => reject(new Error(`${what}:\n${seen.join("\n")}`));
    child.once("exit", () => refuse("make ended"));
    setTimeout(() => refuse(`make has not said "${text}" in ${START_MS / 1000} s`), START_MS).unref();
  });
}

async function freePorts(): Promise<[number, number, number]> {
  const servers = [createServer(), createServer(), createServer()] as const;
  const [page, broker, datafeed] = await Promise.all(
    servers.map(async (server) => {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return (server.address() as AddressInfo).port;
    }),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return [page ?? 0, broker ?? 0, datafeed ?? 0];
}
