// Globals such as `fetch`, `URL` and streams are those of browsers, whatever `lib` says.
/// <reference lib="dom" />

// Gharial's API for test scripts in JavaScript, for editors and for TypeScript.
//
// `gharial types` writes it next to scripts, with a jsconfig.json that names it. Or refer to it
// by `/// <reference path="gharial.d.ts" />`, or in a tsconfig.json's `include`. It works in
// TypeScript 5 to 7, and next to `@types/k6`: for modules that both declare, it is this file
// that counts. TypeScript does not let a global class of browsers change: for a socket with a
// third argument, import `WebSocket` from 'k6/websockets'.

// -- Globals ------------------------------------------------------------------------

/** Number of the virtual user, from 1; 0 while the script is only loaded. */
declare var __VU: number;

/** Number of the iteration of this virtual user, from 0; undefined at the top level. */
declare var __ITER: number;

/** Environment variables, and those given with `-e NAME=value`; undefined if there is none. */
declare var __ENV: { [name: string]: string };

/** The global object, under its name in Node and in k6. */
declare var global: typeof globalThis;
/** What the global object is, as in a browser: it takes listeners, but has no events of its own. */
declare class WorkerGlobalScope extends EventTarget {
  protected constructor();
}
declare class DedicatedWorkerGlobalScope extends WorkerGlobalScope {}

interface Event {
  /** Milliseconds since the Unix epoch at which it happened, on the wire if there. */
  readonly timestamp: number;
}

interface WebSocketEventMap {
  ping: Event;
  pong: Event;
}

interface WebSocket {
  onping: ((this: WebSocket, event: Event) => any) | null;
  onpong: ((this: WebSocket, event: Event) => any) | null;
  /** Sends a ping frame; throws an InvalidStateError unless the socket is open. */
  ping(): void;
  /** Sends, and resolves to the data of the message that answers it; measured as `ws_req_duration`. */
  request(message: string | ArrayBuffer | ArrayBufferView | Blob, options?: SocketRequestOptions): Promise<any>;
  /** Resolves to the data of a message that matches, without sending one. */
  expect(match?: MessageMatch, options?: SocketExpectOptions): Promise<any>;
}

/** What identifies an answer: a function of a message's data, or a JSON path and the value there. */
type MessageMatch = ((data: any) => unknown) | { path: string; value?: unknown } | null;

interface SocketExpectOptions {
  /** A duration such as '5s', or milliseconds; default 10 s. */
  timeout?: string | number;
  /** The tag `name` of the measurements. */
  name?: string;
}

interface SocketRequestOptions extends SocketExpectOptions {
  match?: MessageMatch;
}

// Without lib "DOM.AsyncIterable", which not every TypeScript has.
interface ReadableStream<R = any> {
  [Symbol.asyncIterator](options?: { preventCancel?: boolean }): AsyncIterableIterator<R>;
  values(options?: { preventCancel?: boolean }): AsyncIterableIterator<R>;
}

interface WebSocketStreamOptions {
  protocols?: Iterable<string>;
  signal?: AbortSignal;
  headers?: Record<string, string>;
  tags?: Record<string, string | number | boolean>;
}

interface WebSocketCloseInfo {
  closeCode?: number;
  reason?: string;
}

/** A socket as a pair of streams, with back-pressure in both directions. */
declare class WebSocketStream {
  constructor(url: string | URL, options?: WebSocketStreamOptions);
  readonly url: string;
  readonly opened: Promise<{
    readable: ReadableStream<string | Uint8Array>;
    writable: WritableStream<string | BufferSource>;
    extensions: string;
    protocol: string;
  }>;
  readonly closed: Promise<{ closeCode: number; reason: string }>;
  close(info?: WebSocketCloseInfo): void;
}

/** Why a WebSocketStream failed. */
declare class WebSocketError extends DOMException {
  constructor(message?: string, info?: WebSocketCloseInfo);
  readonly closeCode: number | null;
  readonly reason: string;
}

// -- k6 -----------------------------------------------------------------------------

/** Reads a file while the script loads; a relative path is relative to the module that calls it. */
declare function open(path: string): string;
declare function open(path: string, mode: 'b'): ArrayBuffer;

/** What a module of that name exports; CommonJS files and JSON by any name, others by a literal one. */
declare function require(name: string): any;

interface ImportMeta {
  /** The module's address. */
  url: string;
  /** The address that an import of that name leads to. */
  resolve(name: string): string;
}

declare module 'k6' {
  export type Tags = Record<string, string | number | boolean>;

  /** What a check tests: a function that is given the value, or a value itself. */
  export type Condition<T> =
    | ((value: T) => unknown)
    | boolean | number | string | bigint | object | null | undefined;

  /** Tests each condition and counts it in `checks`; true if all of them hold. */
  export function check<T>(
    value: T,
    conditions: Record<string, Condition<T>>,
    tags?: Tags,
  ): boolean;

  /** Calls the function; its measurements have the tag `group`. Not for async functions. */
  export function group<T>(name: string, callback: () => T): T;

  /** Suspends this virtual user only. */
  export function sleep(seconds: number): void;

  /** Throws an error, which ends the iteration. */
  export function fail(message?: string): never;

  /** Makes Math.random repeatable from here on. */
  export function randomSeed(seed: number): void;

  const k6: {
    check: typeof check;
    group: typeof group;
    sleep: typeof sleep;
    fail: typeof fail;
    randomSeed: typeof randomSeed;
  };
  export default k6;
}

// -- Timers -------------------------------------------------------------------------

declare module 'k6/timers' {
  /** Calls back once, after the delay in milliseconds at the earliest. */
  export function setTimeout<A extends unknown[]>(
    callback: (...args: A) => void,
    delay?: number,
    ...args: A
  ): number;

  /** Calls back repeatedly, with a pause of `delay` milliseconds in between. */
  export function setInterval<A extends unknown[]>(
    callback: (...args: A) => void,
    delay?: number,
    ...args: A
  ): number;

  export function clearTimeout(id: number | undefined): void;
  export function clearInterval(id: number | undefined): void;

  const timers: {
    setTimeout: typeof setTimeout;
    setInterval: typeof setInterval;
    clearTimeout: typeof clearTimeout;
    clearInterval: typeof clearInterval;
  };
  export default timers;
}

declare module 'k6/experimental/timers' {
  export * from 'k6/timers';
  export { default } from 'k6/timers';
}

// -- WebSocket ----------------------------------------------------------------------

declare module 'k6/websockets' {
  /** A lens, which reads what goes over sockets; see the reference of lenses. */
  export type LensName = 'auto' | 'off' | 'socketio' | 'graphql-transport-ws' | 'graphql-ws'
    | 'mqtt' | 'stomp' | 'signalr' | 'phoenix' | 'jsonrpc' | 'centrifugo' | 'wamp';

  export interface Params {
    /** Headers of the opening request. */
    headers?: Record<string, string>;
    /** Tags of everything that this socket measures. */
    tags?: Record<string, string | number | boolean>;
    /** Offers permessage-deflate. */
    compression?: 'deflate' | { level?: number; windowBits?: number; contextTakeover?: boolean };
    /** PEM strings or paths, the name to send, and whether to check the server's certificate. */
    tls?: {
      cert?: string; key?: string; password?: string; ca?: string | string[]; sni?: string;
      verify?: boolean;
    };
    /** `http://`, `socks5://` or `socks4://`; empty for none, regardless of the environment. */
    proxy?: string;
    localAddress?: string;
    limits?: {
      dialTimeout?: string | number; tlsTimeout?: string | number;
      handshakeTimeout?: string | number; closeTimeout?: string | number;
      maxMessageSize?: number;
    };
    /** How many redirects to follow; default: none. */
    redirects?: number;
    /** The lens that reads what goes over it. */
    lens?: LensName;
    /** A cookie jar of `k6/http`, instead of the virtual user's own. */
    jar?: import('k6/http').CookieJar;
  }

  /** An `error` event, with k6's message of what went wrong. */
  export interface WebSocketErrorEvent extends Event {
    readonly error: string;
    /** The server's response, if it refused to open the socket. */
    readonly response?: {
      readonly status: number;
      readonly headers: Record<string, string>;
      readonly body: string;
    };
  }

  export interface EventMap {
    open: Event;
    message: MessageEvent;
    error: WebSocketErrorEvent;
    close: CloseEvent;
    ping: Event;
    pong: Event;
  }

  type Handler<K extends keyof EventMap> =
    | ((this: WebSocket, event: EventMap[K]) => unknown)
    | null;

  export class WebSocket extends EventTarget {
    static readonly CONNECTING: 0;
    static readonly OPEN: 1;
    static readonly CLOSING: 2;
    static readonly CLOSED: 3;
    readonly CONNECTING: 0;
    readonly OPEN: 1;
    readonly CLOSING: 2;
    readonly CLOSED: 3;

    /** Begins to connect; the third argument is k6's extension of the standard. */
    constructor(
      url: string | URL,
      protocols?: string | string[] | null,
      params?: Params | null,
    );

    readonly url: string;
    readonly readyState: 0 | 1 | 2 | 3;
    /** Bytes given to send() that have not been handed to the network yet. */
    readonly bufferedAmount: number;
    readonly extensions: string;
    readonly protocol: string;
    binaryType: 'blob' | 'arraybuffer';

    onopen: Handler<'open'>;
    onmessage: Handler<'message'>;
    onerror: Handler<'error'>;
    onclose: Handler<'close'>;
    onping: Handler<'ping'>;
    onpong: Handler<'pong'>;

    /** Sends a message; throws an InvalidStateError while the socket is connecting. */
    send(data: string | ArrayBuffer | ArrayBufferView | Blob): void;
    /** Begins to close, with 1000 or a code from 3000 to 4999, and a reason of at most 123 bytes. */
    close(code?: number, reason?: string): void;
    /** Sends a ping frame; throws an InvalidStateError unless the socket is open. */
    ping(): void;

    /** Sends, and resolves to the data of the message that answers it; measured as `ws_req_duration`. */
    request(message: string | ArrayBuffer | ArrayBufferView | Blob, options?: SocketRequestOptions): Promise<any>;
    /** Resolves to the data of a message that matches, without sending one. */
    expect(match?: MessageMatch, options?: SocketExpectOptions): Promise<any>;

    addEventListener<K extends keyof EventMap>(
      type: K,
      listener:
        | ((this: WebSocket, event: EventMap[K]) => unknown)
        | { handleEvent(event: EventMap[K]): unknown }
        | null,
      options?: boolean | AddEventListenerOptions,
    ): void;
    addEventListener(
      type: string,
      listener: EventListenerOrEventListenerObject | null,
      options?: boolean | AddEventListenerOptions,
    ): void;
    removeEventListener<K extends keyof EventMap>(
      type: K,
      listener:
        | ((this: WebSocket, event: EventMap[K]) => unknown)
        | { handleEvent(event: EventMap[K]): unknown }
        | null,
      options?: boolean | EventListenerOptions,
    ): void;
    removeEventListener(
      type: string,
      listener: EventListenerOrEventListenerObject | null,
      options?: boolean | EventListenerOptions,
    ): void;
  }

  export const Blob: typeof globalThis.Blob;

  const websockets: { WebSocket: typeof WebSocket; Blob: typeof Blob };
  export default websockets;
}

/** As `k6/websockets`, except that `binaryType` starts as "arraybuffer". */
declare module 'k6/experimental/websockets' {
  export * from 'k6/websockets';
  export { default } from 'k6/websockets';
}

declare module 'k6/experimental/webcrypto' {
  /** The global of the same name. */
  export const crypto: Crypto;
  const module: { crypto: Crypto };
  export default module;
}

// -- Metrics ------------------------------------------------------------------------

// -- Cookies ------------------------------------------------------------------------

declare module 'k6/http' {
  export interface CookieOptions {
    domain?: string;
    path?: string;
    /** A date, such as `Mon, 02 Jan 2006 15:04:05 GMT`. */
    expires?: string;
    /** In seconds. */
    max_age?: number;
    secure?: boolean;
    http_only?: boolean;
  }

  /** Cookies: give it to a request or to a WebSocket as the parameter `jar`. */
  export class CookieJar {
    set(url: string, name: string, value: string, options?: CookieOptions): void;
    cookiesForURL(url: string): Record<string, string[]>;
    delete(url: string, name: string): void;
    clear(url: string): void;
  }

  /** The name of a cipher suite. */
  export type CipherSuite = string;

  type Bytes = ArrayBuffer | ArrayBufferView;
  type ResponseType = 'text' | 'binary' | 'none';

  interface FileData {
    readonly data: string | Bytes;
    readonly filename: string;
    readonly content_type: string;
  }

  /** A URL whose tag `name` keeps the placeholders. */
  interface HttpUrl {
    readonly name: string;
    readonly url: string;
  }

  interface ExpectedStatuses {
    readonly __expectedStatuses: never;
  }

  /** An object is sent as a form, or as multipart if it has a file(). */
  export type Body = string | Bytes | { [name: string]: unknown } | null;

  export interface Params {
    headers?: Record<string, string | number>;
    cookies?: Record<string, string | { value: string; replace?: boolean }>;
    jar?: CookieJar;
    tags?: Record<string, string | number | boolean>;
    redirects?: number;
    /** Milliseconds, or a duration such as "10s". */
    timeout?: number | string;
    responseType?: ResponseType;
    auth?: 'basic' | 'digest';
    compression?: 'gzip' | 'deflate' | 'gzip, deflate' | 'deflate, gzip';
    /** Statuses that do not count as a failure; with null none counts as either. */
    responseCallback?: ExpectedStatuses | null;
    throw?: boolean;
  }

  export interface ResponseCookie {
    name: string;
    value: string;
    domain: string;
    path: string;
    http_only: boolean;
    secure: boolean;
    max_age: number;
    expires: number;
  }

  export interface Response {
    readonly status: number;
    readonly status_text: string;
    readonly body: any;
    readonly headers: Record<string, string>;
    readonly cookies: Record<string, ResponseCookie[]>;
    readonly url: string;
    readonly proto: string;
    readonly error: string;
    readonly error_code: number;
    readonly remote_ip: string;
    readonly remote_port: number;
    readonly tls_version: string;
    readonly tls_cipher_suite: string;
    /** In milliseconds. */
    readonly timings: {
      duration: number;
      blocked: number;
      looking_up: number;
      connecting: number;
      tls_handshaking: number;
      sending: number;
      waiting: number;
      receiving: number;
    };
    readonly request: {
      method: string;
      url: string;
      headers: Record<string, string[]>;
      body: string;
      cookies: Record<string, { name: string; value: string; replace: boolean }[]>;
    };
    /** The body as JSON, or the value at a path of names, numbers and `#`. */
    json(selector?: string): any;
    html(selector?: string): any;
  }

  type Url = string | HttpUrl | URL;
  type BatchRequest =
    | string
    | HttpUrl
    | [method: string, url: Url, body?: Body, params?: Params | null]
    | { method?: string; url: Url; body?: Body; params?: Params | null };

  /** The virtual user's own jar. */
  export function cookieJar(): CookieJar;
  /** Suspends the virtual user until the response has arrived, as all functions but one do. */
  export function request(
    method: string,
    url: Url,
    body?: Body,
    params?: Params | null,
  ): Response;
  export function get(url: Url, params?: Params | null): Response;
  export function head(url: Url, params?: Params | null): Response;
  export function post(url: Url, body?: Body, params?: Params | null): Response;
  export function put(url: Url, body?: Body, params?: Params | null): Response;
  export function patch(url: Url, body?: Body, params?: Params | null): Response;
  export function del(url: Url, body?: Body, params?: Params | null): Response;
  export function options(url: Url, body?: Body, params?: Params | null): Response;
  /** Suspends nothing: the iteration waits for the promise. */
  export function asyncRequest(
    method: string,
    url: Url,
    body?: Body,
    params?: Params | null,
  ): Promise<Response>;
  /** Makes several requests at once. */
  export function batch<T extends BatchRequest[] | Record<string, BatchRequest>>(
    requests: T,
  ): { [K in keyof T]: Response };
  export function file(
    data: string | Bytes,
    filename?: string,
    contentType?: string,
  ): FileData;
  export function url(parts: TemplateStringsArray, ...values: unknown[]): HttpUrl;
  export function expectedStatuses(
    ...statuses: (number | { min: number; max: number })[]
  ): ExpectedStatuses;
  export function setResponseCallback(callback: ExpectedStatuses | null): void;
  export const TLS_1_0: string;
  export const TLS_1_1: string;
  export const TLS_1_2: string;
  export const TLS_1_3: string;

  const http: {
    CookieJar: typeof CookieJar;
    cookieJar: typeof cookieJar;
    request: typeof request;
    get: typeof get;
    head: typeof head;
    post: typeof post;
    put: typeof put;
    patch: typeof patch;
    del: typeof del;
    options: typeof options;
    asyncRequest: typeof asyncRequest;
    batch: typeof batch;
    file: typeof file;
    url: typeof url;
    expectedStatuses: typeof expectedStatuses;
    setResponseCallback: typeof setResponseCallback;
    TLS_1_0: string;
    TLS_1_1: string;
    TLS_1_2: string;
    TLS_1_3: string;
  };
  export default http;
}

declare module 'k6/metrics' {
  type Tags = Record<string, string | number | boolean>;

  /** A custom metric: created at the top level of the script, given values during iterations. */
  abstract class Metric {
    /** With `isTime` the values are milliseconds. */
    constructor(name: string, isTime?: boolean);
    readonly name: string;
    /** Returns false, with a warning in the log, if the value is not a number. */
    add(value: number | boolean, tags?: Tags): boolean;
  }

  /** A sum. */
  export class Counter extends Metric {}
  /** The last value, the minimum and the maximum. */
  export class Gauge extends Metric {}
  /** The share of values that are not zero. */
  export class Rate extends Metric {}
  /** A distribution: average, percentiles, and so on. */
  export class Trend extends Metric {}

  const metrics: {
    Counter: typeof Counter;
    Gauge: typeof Gauge;
    Rate: typeof Rate;
    Trend: typeof Trend;
  };
  export default metrics;
}

// -- Options ------------------------------------------------------------------------

/** Types only: `import type { Options } from 'k6/options'`. */
declare module 'k6/options' {
  /** A time, such as "1m30s"; a number is in milliseconds. */
  type Duration = string | number;
  type Value = string | number | boolean;

  export interface Stage {
    duration: Duration;
    target: number;
  }

  export type Threshold =
    string | { threshold: string; abortOnFail?: boolean; delayAbortEval?: Duration };

  interface BaseScenario {
    startTime?: Duration;
    gracefulStop?: Duration;
    exec?: string;
    env?: Record<string, string>;
    tags?: Record<string, Value>;
    options?: Record<string, unknown>;
  }

  export interface ConstantVUsScenario extends BaseScenario {
    executor: 'constant-vus';
    vus?: number;
    duration: Duration;
  }

  export interface RampingVUsScenario extends BaseScenario {
    executor: 'ramping-vus';
    stages: Stage[];
    startVUs?: number;
    gracefulRampDown?: Duration;
  }

  export interface ConstantArrivalRateScenario extends BaseScenario {
    executor: 'constant-arrival-rate';
    duration: Duration;
    rate: number;
    timeUnit?: Duration;
    preAllocatedVUs: number;
    maxVUs?: number;
  }

  export interface RampingArrivalRateScenario extends BaseScenario {
    executor: 'ramping-arrival-rate';
    stages: Stage[];
    startRate?: number;
    timeUnit?: Duration;
    preAllocatedVUs: number;
    maxVUs?: number;
  }

  export interface SharedIterationsScenario extends BaseScenario {
    executor: 'shared-iterations';
    vus?: number;
    iterations?: number;
    maxDuration?: Duration;
  }

  export interface PerVUIterationsScenario extends BaseScenario {
    executor: 'per-vu-iterations';
    vus?: number;
    iterations?: number;
    maxDuration?: Duration;
  }

  export interface ExternallyControlledScenario extends BaseScenario {
    executor: 'externally-controlled';
    vus?: number;
    maxVUs?: number;
    duration: Duration;
  }

  /** Scenarios of your own executors, by their names: declare the module again to add to it. */
  export interface OtherScenarios {}

  export type Scenario =
    | ConstantVUsScenario
    | RampingVUsScenario
    | ConstantArrivalRateScenario
    | RampingArrivalRateScenario
    | SharedIterationsScenario
    | PerVUIterationsScenario
    | ExternallyControlledScenario
    | OtherScenarios[keyof OtherScenarios];

  /** What k6 knows, and Gharial ignores. */
  interface IgnoredOptions {
    cloud?: Record<string, unknown>;
    collectors?: Record<string, unknown>;
    executionSegment?: string;
    executionSegmentSequence?: string;
    ext?: Record<string, unknown>;
    features?: string | string[];
    metricSamplesBufferSize?: number;
    noUsageReport?: boolean;
    out?: string | string[];
    webDashboard?: boolean | Record<string, unknown>;
  }

  /** See the reference of options. A name that is not here has no effect in a run. */
  export interface Options extends IgnoredOptions {
    vus?: number;
    iterations?: number;
    duration?: Duration;
    stages?: Stage[];
    scenarios?: Record<string, Scenario>;
    minIterationDuration?: Duration;
    paused?: boolean;
    linger?: boolean;
    throw?: boolean;
    noSetup?: boolean;
    noTeardown?: boolean;
    setupTimeout?: Duration;
    teardownTimeout?: Duration;
    handleSummaryTimeout?: Duration;
    callbackTimeout?: Duration;
    memoryLimit?: string | number;
    randomSeed?: number;
    browserGlobals?: boolean;
    consoleOutput?: string;
    hosts?: Record<string, string>;
    blockHostnames?: string[];
    blacklistIPs?: string[];
    localIPs?: string;
    dns?: { ttl?: string; select?: string; policy?: string };
    userAgent?: string;
    dialTimeout?: Duration;
    tlsTimeout?: Duration;
    handshakeTimeout?: Duration;
    closeTimeout?: Duration;
    maxMessageSize?: string | number;
    messageQueueSize?: string | number;
    wsRedirects?: number;
    lenses?: string | import('k6/websockets').LensName[];
    sockets?: {
      /** The URL of the sockets that this is for; `*` stands for any characters. */
      match: string;
      name?: string;
      tags?: Record<string, string>;
      headers?: Record<string, string>;
      compression?: 'deflate' | { level?: number; windowBits?: number; contextTakeover?: boolean };
      tls?: { cert?: string; key?: string; password?: string; ca?: string | string[]; sni?: string; verify?: boolean };
      lens?: import('k6/websockets').LensName;
    }[];
    tagUrlQuery?: boolean;
    wsDebug?: number;
    insecureSkipTLSVerify?: boolean;
    caCertificates?: string | string[];
    tlsAuth?: { domains?: string[]; cert: string; key: string; password?: string }[];
    tlsVersion?: string | { min?: string; max?: string };
    tlsCipherSuites?: string[];
    maxRedirects?: number;
    batch?: number;
    batchPerHost?: number;
    rps?: number;
    discardResponseBodies?: boolean;
    noConnectionReuse?: boolean;
    noVUConnectionReuse?: boolean;
    noCookiesReset?: boolean;
    httpDebug?: 'headers' | 'full' | boolean;
    tags?: Record<string, Value>;
    systemTags?: string[];
    thresholds?: Record<string, Threshold | Threshold[]>;
    noThresholds?: boolean;
    noDataThresholds?: 'pass' | 'fail';
    summaryTrendStats?: string[];
    summaryTimeUnit?: 's' | 'ms' | 'us';
    workers?: number;
    cluster?: string;
    clusterTimeout?: Duration;
    workerWeights?: 'equal' | 'auto';
    onWorkerLost?: 'stop' | 'continue';
    allowLost?: number;
  }
}

// -- Execution ----------------------------------------------------------------------

declare module 'k6/execution' {
  export const instance: {
    /** Milliseconds since the test began. */
    readonly currentTestRunDuration: number;
    readonly iterationsCompleted: number;
    readonly iterationsInterrupted: number;
    readonly vusActive: number;
    readonly vusInitialized: number;
  };

  /** The scenario that this iteration belongs to; not at the top level. */
  export const scenario: {
    readonly name: string;
    readonly executor: string;
    /** Milliseconds since the Unix epoch. */
    readonly startTime: number;
    /** From 0 to 1. */
    readonly progress: number;
    readonly iterationInInstance: number;
    readonly iterationInTest: number;
  };

  export const test: {
    /** Ends the whole test at once. */
    abort(message?: string): never;
    /** Lets the test go on, but makes it fail at the end. */
    fail(message?: string): void;
    /** The options in effect. */
    readonly options: any;
  };

  export const vu: {
    readonly idInInstance: number;
    readonly idInTest: number;
    readonly iterationInInstance: number;
    readonly iterationInScenario: number;
    /** Tags of everything that this virtual user measures from here on. */
    readonly tags: Record<string, string | number | boolean>;
    readonly metrics: {
      readonly tags: Record<string, string | number | boolean>;
      /** What --out json and csv write in addition to the tags of each value; it makes no series. */
      readonly metadata: Record<string, string | number | boolean>;
    };
  };

  const execution: {
    instance: typeof instance;
    scenario: typeof scenario;
    test: typeof test;
    vu: typeof vu;
  };
  export default execution;
}

// -- The jslib utilities ------------------------------------------------------------

declare module 'k6/crypto' {
  export type Algorithm =
    | 'md4' | 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512' | 'sha512_224' | 'sha512_256'
    | 'ripemd160';
  export type Input = string | ArrayBuffer | ArrayBufferView;
  export type OutputEncoding = 'hex' | 'base64' | 'base64url' | 'base64rawurl';

  /** A digest that is given its input piece by piece. */
  export interface Hasher {
    update(input: Input): void;
    digest(outputEncoding: OutputEncoding): string;
    digest(outputEncoding: 'binary'): ArrayBuffer;
  }

  interface Digest {
    (input: Input, outputEncoding: OutputEncoding): string;
    (input: Input, outputEncoding: 'binary'): ArrayBuffer;
  }

  export function createHash(algorithm: Algorithm): Hasher;
  export function createHMAC(algorithm: Algorithm, secret: Input): Hasher;
  export function hmac(
    algorithm: Algorithm, secret: Input, input: Input, outputEncoding: OutputEncoding,
  ): string;
  export const md4: Digest;
  export const md5: Digest;
  export const sha1: Digest;
  export const sha256: Digest;
  export const sha384: Digest;
  export const sha512: Digest;
  export const sha512_224: Digest;
  export const sha512_256: Digest;
  export const ripemd160: Digest;
  export function hexEncode(input: Input): string;
  export function randomBytes(size: number): ArrayBuffer;
}

declare module 'k6/crypto/x509' {
  type Encoded = string | ArrayBuffer | ArrayBufferView | number[];

  /** One part of a name: its object identifier in dots, and its value. */
  export interface RDN {
    type: string;
    value: string;
  }

  export interface Issuer {
    commonName: string;
    country: string;
    stateOrProvinceName: string;
    localityName: string;
    organizationName: string;
    names: RDN[];
  }

  export interface Subject extends Issuer {
    postalCode: string;
    streetAddress: string;
    organizationalUnitName: string[];
  }

  export interface Certificate {
    subject: Subject;
    issuer: Issuer;
    /** As ISO 8601, such as "2020-01-02T03:04:05Z". */
    notBefore: string;
    notAfter: string;
    altNames: string[];
    signatureAlgorithm: string;
    /** The SHA-1 of the certificate. */
    fingerPrint: number[];
    publicKey:
      | { algorithm: 'RSA'; key: { n: bigint; e: number } }
      | { algorithm: 'ECDSA'; key: { curve: { name: string }; x: bigint; y: bigint } }
      | {
        algorithm: 'DSA';
        key: { parameters: { p: bigint; q: bigint; g: bigint }; y: bigint };
      };
  }

  /** The facts of a certificate in PEM; of several, the first. */
  export function parse(encoded: Encoded): Certificate;
  export function getAltNames(encoded: Encoded): string[];
  export function getIssuer(encoded: Encoded): Issuer;
  export function getSubject(encoded: Encoded): Subject;
}

declare module 'k6/experimental/csv' {
  import { File } from 'k6/experimental/fs';

  export interface Options {
    /** One character; a comma unless it is set. */
    delimiter?: string;
    skipFirstLine?: boolean;
    /** Lines are counted from 0. */
    fromLine?: number;
    /** The last line, itself included. */
    toLine?: number;
    /** Rows are objects by the names in the first line. */
    asObjects?: boolean;
  }

  /** All rows of what is left to read in a file, shared by the virtual users of a process. */
  export function parse(
    file: File, options: Options & { asObjects: true },
  ): Promise<Record<string, string>[]>;
  export function parse(file: File, options?: Options): Promise<string[][]>;

  /** Reads one row after the other; made at the top level of the script. */
  export class Parser {
    constructor(file: File, options?: Options);
    next(): Promise<{ done: boolean; value: string[] | Record<string, string> }>;
  }
}

declare module 'k6/experimental/fs' {
  export const SeekMode: { readonly Start: 0; readonly Current: 1; readonly End: 2 };

  /** Its name says what is wrong: NotFoundError, InvalidResourceError, ForbiddenError, TypeError. */
  export class FSError extends Error {
    constructor(kind: string, message: string);
  }

  export interface File {
    readonly path: string;
    stat(): Promise<{ name: string; size: number }>;
    /** Fills the array as far as there is something to read; returns how far, null at the end. */
    read(into: Uint8Array): Promise<number | null>;
    /** From the end, 0 is the last byte. */
    seek(offset: number, whence: number): Promise<number>;
  }

  /** At the top level of the script; paths are relative to it. */
  export function open(path: string): Promise<File>;
}

declare module 'k6/experimental/streams' {
  export const ReadableStream: typeof globalThis.ReadableStream;
  export const ReadableStreamDefaultReader: typeof globalThis.ReadableStreamDefaultReader;
  export const ReadableStreamDefaultController:
    typeof globalThis.ReadableStreamDefaultController;
  export const WritableStream: typeof globalThis.WritableStream;
  export const WritableStreamDefaultWriter: typeof globalThis.WritableStreamDefaultWriter;
  export const TransformStream: typeof globalThis.TransformStream;
  export const CountQueuingStrategy: typeof globalThis.CountQueuingStrategy;
  export const ByteLengthQueuingStrategy: typeof globalThis.ByteLengthQueuingStrategy;
}

declare module 'k6/data' {
  /** An array that all virtual users of a process share; its elements are frozen copies. */
  export class SharedArray<T> extends Array<T> {
    constructor(name: string, make: () => T[]);
  }
}

declare module 'k6/encoding' {
  export type Base64 = 'std' | 'rawstd' | 'url' | 'rawurl';
  export function b64encode(
    input: string | ArrayBuffer | ArrayBufferView, encoding?: Base64,
  ): string;
  export function b64decode(input: string, encoding?: Base64): ArrayBuffer;
  export function b64decode(input: string, encoding: Base64, format: 's'): string;
}

declare module 'k6/html' {
  type Wanted = string | Selection | Element;
  type Predicate = (index: number, one: Selection) => boolean;

  /** Nodes of a page, in its order. */
  export class Selection {
    private constructor();
    readonly length: number;
    size(): number;
    find(selector: Wanted): Selection;
    closest(selector: Wanted): Selection;
    contents(): Selection;
    /** These nodes and others. */
    add(selector: Wanted): Selection;
    has(selector: Wanted): Selection;
    children(selector?: Wanted): Selection;
    parent(selector?: Wanted): Selection;
    parents(selector?: Wanted): Selection;
    parentsUntil(until?: Wanted, filter?: Wanted): Selection;
    siblings(selector?: Wanted): Selection;
    next(selector?: Wanted): Selection;
    nextAll(selector?: Wanted): Selection;
    nextUntil(until?: Wanted, filter?: Wanted): Selection;
    prev(selector?: Wanted): Selection;
    prevAll(selector?: Wanted): Selection;
    prevUntil(until?: Wanted, filter?: Wanted): Selection;
    filter(selector: Wanted | Predicate): Selection;
    not(selector: Wanted | Predicate): Selection;
    is(selector: Wanted | Predicate): boolean;
    index(selector?: Wanted): number;
    eq(index: number): Selection;
    first(): Selection;
    last(): Selection;
    slice(first: number, last?: number): Selection;
    text(): string;
    html(): string | undefined;
    attr(name: string): string | undefined;
    attr(name: string, fallback: string): string;
    data(): Record<string, unknown>;
    data(name: string): unknown;
    val(): string | string[] | undefined;
    serialize(): string;
    serializeArray(): { name: string; value: string }[];
    serializeObject(): Record<string, string>;
    get(): Element[];
    get(index: number): Element | undefined;
    toArray(): Selection[];
    each(callback: (index: number, element: Element) => void): Selection;
    map<T>(callback: (index: number, selection: Selection) => T): T[];
  }

  /** One node. */
  export interface Element {
    selection(): Selection;
    nodeName(): string;
    nodeType(): number;
    nodeValue(): string | undefined;
    tagName(): string;
    textContent(): string;
    innerHTML(): string;
    outerHTML(): string;
    attributes(): Record<string, { name: string; value: string }>;
    getAttribute(name: string): string | undefined;
    hasAttribute(name: string): boolean;
    id(): string | undefined;
    className(): string | undefined;
    classList(): string[];
    value(): string | string[] | undefined;
    children(): Element[];
    childNodes(): Element[];
    firstElementChild(): Element | undefined;
    lastElementChild(): Element | undefined;
    parentElement(): Element | undefined;
    nextElementSibling(): Element | undefined;
    previousElementSibling(): Element | undefined;
    querySelector(selector: string): Element | undefined;
    querySelectorAll(selector: string): Element[];
    matches(selector: string): boolean;
    getElementsByClassName(name: string): Element[];
    getElementsByTagName(name: string): Element[];
    isDefaultNamespace(): boolean;
    namespaceURI(): string;
    // Methods of one kind of element, such as `host()` of a link or `form()` of a field.
    [ofItsKind: string]: any;
  }

  export function parseHTML(text: string): Selection;
}

declare module 'k6/secrets' {
  /** A secret of the default source; it never shows in a log. */
  export function get(name: string): Promise<string>;
  export function source(sourceName: string): { get(name: string): Promise<string> };
}

declare module 'k6/ws' {
  export interface Params {
    headers?: Record<string, string>;
    tags?: Record<string, string | number | boolean>;
    jar?: import('k6/http').CookieJar;
    compression?: 'deflate' | '';
  }

  export interface Response {
    url: string;
    status: number;
    headers: Record<string, string>;
    body: string;
    error: string;
  }

  /** A socket of `connect`, which returns when the socket is closed. */
  export interface Socket {
    on(event: 'open' | 'ping' | 'pong', handler: () => void): void;
    on(event: 'message', handler: (text: string) => void): void;
    on(event: 'binaryMessage', handler: (data: ArrayBuffer) => void): void;
    on(event: 'close', handler: (code: number) => void): void;
    on(event: 'error', handler: (error: Error & { error(): string }) => void): void;
    send(message: unknown): void;
    sendBinary(message: ArrayBuffer): void;
    ping(): void;
    setTimeout(callback: () => void, delay: number): void;
    setInterval(callback: () => void, delay: number): void;
    /** Closes with the given code, by default 1001. */
    close(code?: number): void;
  }

  /** Blocks the virtual user until the socket is closed. */
  export function connect(url: string, callback: (socket: Socket) => void): Response;
  export function connect(
    url: string, params: Params | null, callback: (socket: Socket) => void,
  ): Response;
}

declare module 'https://jslib.k6.io/k6-utils/*' {
  import type { Condition, Tags } from 'k6';

  /** A whole number from `min` to `max`, both included. */
  export function randomIntBetween(min: number, max: number): number;
  export function randomItem<T>(items: ArrayLike<T>): T;
  /** Random characters of the charset; default: a to z. */
  export function randomString(length: number, charset?: string): string;
  /** A random UUID, version 4; unpredictable if `secure`. */
  export function uuidv4(secure?: boolean): string;

  /** The string between two others, null if there is none. */
  export function findBetween(
    content: string,
    left: string,
    right: string,
    repeat?: false,
  ): string | null;
  export function findBetween(
    content: string,
    left: string,
    right: string,
    repeat: true,
  ): string[] | null;

  /** Stages whose targets follow a bell curve. */
  export function normalDistributionStages(
    maxVus: number,
    durationSeconds: number,
    numberOfStages?: number,
  ): { duration: string; target: number }[];

  /** As check() of 'k6', and a promise if the value or a condition is one. */
  export function check<T>(
    value: T | Promise<T>,
    conditions: Record<string, Condition<T>>,
    tags?: Tags,
  ): boolean | Promise<boolean>;

  /** Milliseconds of a duration such as '1h30m'. */
  export function parseDuration(text: string): number;
  /** Index, from 0, of the stage that the current scenario is in. */
  export function getCurrentStageIndex(): number;
  /** Sets the tag `stage`. */
  export function tagWithCurrentStageIndex(): void;
  /** Sets the tag `stage_profile`: ramp-up, steady or ramp-down. */
  export function tagWithCurrentStageProfile(): void;
}
