// Temporal's messages as `@temporalio/proto` has them: a thousand types, each of which would be an object with all of its
// fields in the memory that attempts begin with. What no call that can be granted has in it is left out.

import { readFile } from 'node:fs/promises';

const MODULE = /[\\/]@temporalio[\\/]proto[\\/]protos[\\/]json-module\.js$/;

// The description is one object in the module, written as JSON.
const DESCRIPTION = /\.addJSON\((\{[\s\S]*\n\})\)/;

const SERVICE = ['temporal', 'api', 'workflowservice', 'v1', 'WorkflowService'];

// Beside what the calls say: what the client and the converters make or read themselves.
const NAMED = ['temporal.api.errordetails.v1', 'temporal.api.sdk.v1.ExternalStorageReference', 'google.rpc.Status', 'grpc.health.v1'];

// What a method has that can't be granted: the host refuses it before it reads the request.
const NOTHING = 'google.protobuf.Empty';

/** Leaves out what `methods`, those that can be granted, have no use for. */
export const fewerMessages = (methods) => ({
  name: 'isolet:fewer-messages',
  setup(build) {
    build.onLoad({ filter: MODULE }, async ({ path: file }) => {
      const code = await readFile(file, 'utf8');
      const [, description] = DESCRIPTION.exec(code) ?? [];
      // A form that is not known stays as it is.
      if (!description) return undefined;
      const text = JSON.stringify(new Messages(JSON.parse(description)).of(methods));
      // As a text it takes less memory than as code.
      return { contents: code.replace(DESCRIPTION, () => `.addJSON(JSON.parse(${JSON.stringify(text)}))`), loader: 'js' };
    });
  },
});

/** All messages by namespace, and which of them are kept. */
class Messages {
  #all;
  #kept = new Set();

  constructor(nested) {
    this.#all = { nested };
  }

  /** What the named methods have in them, in the form that all of it had. */
  of(methods) {
    const service = this.#at(SERVICE).methods;
    for (const name of methods) {
      const { requestType, responseType } = service[name] ?? {};
      if (requestType) this.#keep(requestType, SERVICE);
      if (responseType) this.#keep(responseType, SERVICE);
    }
    for (const name of [...NAMED, NOTHING]) this.#keep(name, []);
    return this.#slim(this.#all, []).nested;
  }

  #at(path) {
    return path.reduce((each, name) => each?.nested?.[name], this.#all);
  }

  /** Keeps what a name means within a scope, and all that is in it. */
  #keep(name, scope) {
    const path = this.#resolve(name.split('.'), scope);
    // Numbers, texts and the like.
    if (!path || this.#kept.has(path.join('.'))) return;
    this.#kept.add(path.join('.'));
    const { fields = {}, nested = {} } = this.#at(path);
    for (const field of Object.values(fields)) this.#keep(field.type, path);
    if (Object.keys(fields).length === 0) for (const each of Object.keys(nested)) this.#keep(each, path);
  }

  #resolve(name, scope) {
    for (let length = scope.length; length >= 0; length -= 1) {
      const path = [...scope.slice(0, length), ...name];
      if (this.#at(path)) return path;
    }
    return undefined;
  }

  /** What is kept of something, nothing if nothing is. Enumerations are small, and named everywhere. */
  #slim(each, path) {
    if (each.values) return each;
    if (each.methods) return { methods: this.#slimMethods(each.methods, path) };
    const inner = Object.entries(each.nested ?? {}).map(([name, value]) => [name, this.#slim(value, [...path, name])]);
    const nested = Object.fromEntries(inner.filter(([, value]) => value));
    const isKept = this.#kept.has(path.join('.')) && each.fields;
    if (!isKept && Object.keys(nested).length === 0) return undefined;
    const { edition } = each;
    return { ...(isKept ? each : { edition }), nested: Object.keys(nested).length > 0 ? nested : undefined };
  }

  #slimMethods(methods, service) {
    const isKept = (type) => this.#kept.has((this.#resolve(type.split('.'), service) ?? []).join('.'));
    const slim = ({ requestType, responseType }) => {
      const [request, response] = [requestType, responseType].map((type) => (isKept(type) ? type : NOTHING));
      return { requestType: request, responseType: response };
    };
    return Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, slim(method)]));
  }
}
