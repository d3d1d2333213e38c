/** Types of the calls, read from the generated paths: what each takes and answers. */

import type { paths } from "./generated";

export type Verb = "get" | "post" | "put" | "patch" | "delete";

/** The paths that know a verb. */
export type PathOf<V extends Verb> = {
  [P in keyof paths]: paths[P] extends Record<V, { responses: unknown }> ? P : never;
}[keyof paths];

type OperationOf<P extends keyof paths, V extends Verb> =
  paths[P] extends Record<V, infer O> ? O : never;

type Success = 200 | 201 | 202;

type AnswerOf<O> = O extends { responses: infer R }
  ? {
      [S in keyof R & Success]: R[S] extends { content: infer C } ? C[keyof C] : undefined;
    }[keyof R & Success]
  : never;

/** What a call answers; `undefined` where it has no body. */
export type Answer<P extends keyof paths, V extends Verb> = [AnswerOf<OperationOf<P, V>>] extends [
  never,
]
  ? undefined
  : AnswerOf<OperationOf<P, V>>;

type PathPart<O> = O extends { parameters: { path: infer X } } ? { path: X } : { path?: never };
type QueryPart<O> = O extends { parameters: { query: infer X } }
  ? { query: X }
  : O extends { parameters: { query?: infer X } }
    ? { query?: Exclude<X, undefined> }
    : { query?: never };
type BodyPart<O> = O extends { requestBody: { content: { "application/json": infer X } } }
  ? { body: X }
  : O extends { requestBody?: { content: { "application/json": infer X } } }
    ? { body?: X }
    : O extends { requestBody: { content: unknown } }
      ? { file: Blob }
      : { body?: never };

/** What every call may be given besides its own parameters. */
export interface CallOptions {
  /** Ends the call from outside: a screen that was left. */
  signal?: AbortSignal;
  /** The name of the command; made once and kept over tries and reloads. Made here if left out. */
  key?: string;
  /** A fresh proof of who is asking, from `/auth/step-up`. */
  stepUp?: string;
  /** Milliseconds for one try, in place of the client's. */
  timeoutMs?: number;
}

/** All that a call takes. */
export type Input<P extends keyof paths, V extends Verb> = PathPart<OperationOf<P, V>> &
  QueryPart<OperationOf<P, V>> &
  BodyPart<OperationOf<P, V>> &
  CallOptions;

/** The input may be left out where nothing in it is asked for. */
export type Inputs<P extends keyof paths, V extends Verb> =
  Partial<Input<P, V>> extends Input<P, V> ? [input?: Input<P, V>] : [input: Input<P, V>];
