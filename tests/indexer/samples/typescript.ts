import type { Logger } from "./logger";
import fs = require("fs");

/** How a job ended. */
export enum Outcome {
  Done = "done",
  Failed = "failed",
}

/** What a worker needs. */
export interface WorkerOptions<T = unknown> extends Base {
  readonly name: string;
  onError?(error: Error): void;
}

export type Handler<T> = (value: T) => Promise<void>;

/**
 * Runs jobs one after the other.
 */
@Injectable({ scope: "request" })
export abstract class Worker<T extends object> implements Runnable {
  private readonly queue: T[] = [];

  constructor(private readonly options: WorkerOptions<T>) {}

  /** Does one job. */
  protected abstract handle(job: T): Promise<Outcome>;

  // Adds a job to the end.
  @Log()
  push(job: T): this {
    this.queue.push(job);
    return this;
  }

  private readonly drain = async (): Promise<void> => {
    while (this.queue.length) await this.handle(this.queue.pop()!);
  };

  static create<U extends object>(
    options: WorkerOptions<U>, // all of them
  ): Worker<U> {
    throw new Error("not here");
  }
}

export function parse(text: string): number;
export function parse(text: string, radix?: number): number {
  return parseInt(text, radix);
}

export namespace Times {
  /** One second. */
  export const SECOND = 1000;

  export function after(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }
}

const identity = <T,>(value: T): T => value;

declare module "legacy" {
  function connect(url: string): void;
}

declare global {
  interface Window {
    worker: unknown;
  }
}

export * from "./outcome";
