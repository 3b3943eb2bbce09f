// Temporal's client as the attempt's context has it.

import { Client, Connection, WorkflowService } from '@temporalio/client';

// It leads to nowhere yet, and so it can be made when the component is built. The host tries again by itself.
const connection = Connection.lazy({ interceptors: [] });

// Messages are read and written by functions that are made from their descriptions when they are first needed. All of
// them are made here, when the component is built: that takes longer than any call.
const prepared = new Set();
for (const { resolvedRequestType, resolvedResponseType } of WorkflowService.methodsArray) {
  prepare(resolvedRequestType);
  prepare(resolvedResponseType);
}

function prepare(type) {
  if (!type?.fieldsArray || prepared.has(type)) return;
  prepared.add(type);
  type.setup();
  for (const field of type.fieldsArray) prepare(field.resolve().resolvedType);
}

/** The client of an attempt, as Temporal's worker would make it. */
export function clientOf({ namespace }, dataConverter) {
  return new Client({ connection, namespace, dataConverter });
}
