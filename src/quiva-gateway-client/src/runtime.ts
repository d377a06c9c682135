import type { BatchRun } from './generated.js';

/** Where the gateway is and who calls it. */
export interface GatewayOptions {
    /** The gateway's address, by https; by http only on this machine, since requests carry credentials. */
    baseUrl: string;
    /** An API key. The gateway accepts one credential: either this or a bearer token. */
    apiKey?: string | undefined;
    /** Gives the JWT to send with a request. It is asked for each one. */
    bearerToken?: (() => string | Promise<string>) | undefined;
    /** What sends requests; the global fetch unless given. */
    fetch?: typeof fetch | undefined;
}

/**
 * What became of a call to run a workflow: a run; or a text such as `ordered run: customer-17`, when it waits for others of the same key.
 * Its path is the answer's `location`.
 */
export type RunWorkflowResponse = StartedRun | string;

/** A run that was started or has finished. */
export interface StartedRun {
    /** Identifier to follow the run by; of a list of triggers, to name the lot by. */
    trackingId?: string;
    /** Result of the run, any JSON value, when the caller waited. */
    result?: unknown;
    /** One for each of several triggers, in their order. */
    runs?: BatchRun[];
}

/** What every operation takes. */
export interface CallOptions {
    /** Gives the request up. */
    signal?: AbortSignal | undefined;
}

/** What an operation answered. */
export interface GatewayResponse<T> {
    /** The body. */
    value: T;
    /** The status, from 200 to 299; or 304, with no value, when the stored version is one that `ifNoneMatch` names. */
    status: number;
    /** The version that is stored now, to be sent as `ifMatch` with the next change. */
    etag?: string | undefined;
    /** The path of what was created. */
    location?: string | undefined;
    /** The next cursor of answers that are bare lists, from their `Link` header. Other lists carry theirs in `value`. */
    nextCursor?: string | undefined;
    headers: Headers;
}

/** The gateway answered something else than the operation promises. A gateway that can't be reached is fetch's own error. */
export class GatewayError<T = unknown> extends Error {
    override readonly name = 'GatewayError';
    /** The gateway's own sentence about what went wrong; undefined when the answer has none, as when a proxy gave it. */
    readonly error: string | undefined;
    /** Seconds to wait before another try, with 429 and 503. */
    readonly retryAfter: number | undefined;

    constructor(
        /** The contract's operationId. */
        readonly operation: string,
        readonly status: number,
        readonly headers: Headers,
        /** The body: JSON if it is that, else text. */
        readonly body: T,
    ) {
        const error = typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'string' ? body.error : undefined;
        super(`${operation} was answered ${status}: ${error ?? 'no reason was given.'}`);
        this.error = error;
        const seconds = headers.get('Retry-After');
        this.retryAfter = seconds === null || !/^\d+$/.test(seconds) ? undefined : Number(seconds);
    }
}

type Scalar = string | number | boolean;

interface Parts {
    path?: Record<string, Scalar>;
    /** A list is a pair for each item, an object a pair `name[member]` for each member (`style: deepObject`). */
    query?: Record<string, Scalar | readonly Scalar[] | object | undefined>;
    headers?: Record<string, Scalar | undefined>;
    /** Browsers send their own cookies instead. */
    cookies?: Record<string, Scalar | undefined>;
    /** The parts of a multipart form. */
    parts?: Record<string, Scalar | Blob | undefined>;
    body?: unknown;
    form?: Record<string, string>;
    accept?: 'blob' | 'nothing';
    signal?: AbortSignal | undefined;
}

/** Sends the calls of the generated clients. */
export class Gateway {
    private readonly root: string;

    constructor(private readonly options: GatewayOptions) {
        const url = new URL(options.baseUrl);
        if (url.protocol !== 'https:' && !(url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname))) {
            throw new TypeError('baseUrl must be an https address; http is for this machine only.');
        }
        if (options.apiKey && options.bearerToken) {
            throw new TypeError('Set apiKey or bearerToken, and not both.');
        }
        this.root = url.href.replace(/\/*$/, '/');
    }

    async call<T>(operation: string, method: string, template: string, parts: Parts): Promise<GatewayResponse<T>> {
        const headers = new Headers({ Accept: 'application/json' });
        for (const [name, value] of Object.entries(parts.headers ?? {})) {
            if (value !== undefined) {
                headers.set(name, String(value));
            }
        }
        const cookies = Object.entries(parts.cookies ?? {}).filter(([, value]) => value !== undefined);
        if (cookies.length > 0) {
            headers.set('Cookie', cookies.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('; '));
        }
        if (this.options.apiKey) {
            headers.set('X-Api-Key', this.options.apiKey);
        } else if (this.options.bearerToken) {
            headers.set('Authorization', `Bearer ${await this.options.bearerToken()}`);
        }
        const init: RequestInit = { method, headers, redirect: 'error' };
        if (parts.signal) {
            init.signal = parts.signal;
        }
        if (parts.parts) {
            init.body = formOf(parts.parts);
        } else if (parts.body instanceof Blob) {
            headers.set('Content-Type', parts.body.type || 'application/octet-stream');
            init.body = parts.body;
        } else if (parts.body !== undefined) {
            headers.set('Content-Type', 'application/json');
            init.body = JSON.stringify(parts.body);
        } else if (parts.form !== undefined) {
            init.body = new URLSearchParams(parts.form);
        }
        const response = await (this.options.fetch ?? fetch)(this.root + address(template, parts), init);
        const text = response.ok && parts.accept === 'blob' ? undefined : await response.text();
        const body = text === undefined ? await response.blob() : parse(text);
        const isKnown = response.status === 304;
        const isEmpty = isKnown || response.status === 204 || (response.ok && parts.accept === 'nothing');
        // An answer may be a JSON text; what is no JSON at all comes as it is.
        const isAnswer = typeof body === 'string' ? text?.startsWith('"') : typeof body === 'object' && body !== null;
        if ((!response.ok && !isKnown) || (!isEmpty && !isAnswer)) {
            throw new GatewayError(operation, response.status, response.headers, body);
        }
        return {
            // The server's tests hold it to the contract; nothing is checked again here.
            value: (isEmpty ? undefined : body) as T,
            status: response.status,
            etag: response.headers.get('ETag') ?? undefined,
            location: response.headers.get('Location') ?? undefined,
            nextCursor: nextCursor(response.headers.get('Link')),
            headers: response.headers,
        };
    }
}

function address(template: string, parts: Parts): string {
    const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
        const value = parts.path?.[name];
        // An empty segment or a dot segment (RFC 3986, section 5.2.4) would name another resource, or another operation.
        if (value === undefined || ['', '.', '..'].includes(String(value))) {
            throw new TypeError(`'${value}' can't be a part of a path: ${name}`);
        }
        return encodeURIComponent(value);
    });
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parts.query ?? {})) {
        if (Array.isArray(value)) {
            value.forEach((item) => query.append(name, String(item)));
        } else if (typeof value === 'object') {
            Object.entries(value)
                .filter(([, member]) => member !== undefined)
                .forEach(([member, text]) => query.append(`${name}[${member}]`, String(text)));
        } else if (value !== undefined) {
            query.append(name, String(value));
        }
    }
    return query.size > 0 ? `${path}?${query}` : path;
}

/** A list whose items stand in one pair (`explode: false`). */
export function joined(values: readonly Scalar[] | undefined): string | undefined {
    if (values?.some((value) => String(value).includes(','))) {
        throw new TypeError('A comma parts the items of this list.');
    }
    return values && values.length > 0 ? values.join(',') : undefined;
}

function formOf(fields: Record<string, Scalar | Blob | undefined>): FormData {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) {
        if (value instanceof Blob) {
            form.append(name, value, value instanceof File ? value.name : name);
        } else if (value !== undefined) {
            form.append(name, String(value));
        }
    }
    return form;
}

function parse(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        // A proxy's page, for example.
        return text;
    }
}

function nextCursor(link: string | null): string | undefined {
    const cursor = link?.match(/<[^>]*[?&]cursor=([^&>]*)[^>]*>\s*;\s*rel="?next"?/)?.[1];
    return cursor === undefined ? undefined : decodeURIComponent(cursor);
}
