/** The whole project as a user starts it, with `make run` or `make run-multi`, on free ports. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { urlVariable } from "../../src/plugins/urlVariable";
import { FRONTEND } from "../support/workspace";

interface Process {
  pid: number;
  parent: number;
  group: number;
  command: string;
}

const MODULES = join(FRONTEND, "../backend/src/trading_api/modules");
const START_MS = 120_000;
const STOP_MS = 20_000;

export class Stack {
  readonly address: string;

  private constructor(
    private readonly make: ChildProcess,
    private readonly urls: Record<string, string>,
    private readonly data: string,
    port: number,
  ) {
    this.address = `http://127.0.0.1:${port}`;
  }

  /** Start the project with these environment variables, and wait until it responds. */
  static async start(target: "run" | "run-multi", settings: Record<string, string>): Promise<Stack> {
    const modules = readdirSync(MODULES).filter((name) => existsSync(join(MODULES, name, "specs/openapi.json")));
    const [port = 0, ...ports] = await freePorts(1 + modules.length);
    const urls = Object.fromEntries(
      modules.map((name, index) => [urlVariable(name), `http://127.0.0.1:${ports[index]}`]),
    );
    const data = mkdtempSync(join(tmpdir(), "data-"));
    const make = spawn("make", ["-f", join(FRONTEND, "../project.mk"), target, `PORT=${port}`], {
      stdio: ["ignore", "pipe", "pipe"],
      // Without the variables of the make that runs the tests.
      env: { ...process.env, MAKEFLAGS: "", MAKELEVEL: "", MFLAGS: "", DATA_DIR: data, ...urls, ...settings },
    });
    const stack = new Stack(make, urls, data, port);
    try {
      await waitForLine(make, "Ctrl-C");
    } catch (error) {
      await stack.interrupt();
      throw error;
    }
    return stack;
  }

  /** Kill the process of a module of `run-multi`, and prevent its restart until `revive`. */
  kill(module: string): void {
    const port = new URL(this.urls[urlVariable(module)] ?? "").port;
    process.kill(this.find("run_multi.py").pid, "SIGSTOP");
    process.kill(this.find(`--port ${port}`).pid, "SIGKILL");
  }

  /** Allow the restart of the killed process. */
  revive(): void {
    process.kill(this.find("run_multi.py").pid, "SIGCONT");
  }

  /** Stop the project as Ctrl-C does; kill the processes that are left, and return their commands. */
  async interrupt(): Promise<string[]> {
    const before = this.processes();
    const ended = new Promise<void>((resolve) => {
      this.make.once("exit", () => resolve());
      if (this.make.exitCode !== null || this.make.signalCode !== null) resolve();
    });
    // A terminal signals the foreground group. Here that is also the group of the tests, so that
    // Ctrl-C stops everything; only the project's members of it get the signal.
    const foreground = before.find(({ pid }) => pid === this.make.pid)?.group;
    for (const { pid } of before.filter(({ group }) => group === foreground)) {
      signal(pid, "SIGINT");
      // A process that `kill` has stopped must continue to receive the signal.
      signal(pid, "SIGCONT");
    }
    await Promise.race([ended, sleep(STOP_MS, undefined, { ref: false })]);
    // The system may have given a process id to another process, but not with the same command.
    const known = new Map([...before, ...this.processes()].map(({ pid, command }) => [pid, command]));
    const left = allProcesses().filter(({ pid, command }) => known.get(pid) === command);
    for (const { pid } of left) signal(pid, "SIGKILL");
    rmSync(this.data, { recursive: true, force: true });
    return left.map(({ command }) => command);
  }

  private find(part: string): Process {
    const found = this.processes().find(({ command }) => command.includes(part));
    if (!found) throw new Error(`no process of the project has "${part}" in its command`);
    return found;
  }

  /** Return the process of make and its descendants. */
  private processes(): Process[] {
    const pids = new Set([this.make.pid]);
    const all = allProcesses();
    // Repeated until nothing is added, because a child may have a lower process id than its parent.
    for (let size = 0; size !== pids.size; ) {
      size = pids.size;
      for (const { pid, parent } of all) if (pids.has(parent)) pids.add(pid);
    }
    return all.filter(({ pid }) => pids.has(pid));
  }
}

/** Send a signal to a process that may have ended. */
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

/** Wait until a process prints a line with `text`; go on reading, so that its pipes never fill. */
function waitForLine(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface(stream).on("line", (line) => {
        output.push(line);
        if (line.includes(text)) resolve();
      });
    }
    const fail = (problem: string) => reject(new Error(`${problem}:\n${output.join("\n")}`));
    child.once("exit", () => fail("make ended"));
    setTimeout(() => fail(`make did not print "${text}" within ${START_MS / 1000} s`), START_MS).unref();
  });
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = servers.map(async (server) => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  });
  const free = await Promise.all(ports);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return free;
}
