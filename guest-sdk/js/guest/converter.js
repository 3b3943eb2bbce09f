// The data converter: Temporal's default, or what the project names, as for Temporal's worker.

import { ValueError } from '@temporalio/common';
import { defaultDataConverter } from '@temporalio/common/lib/converter/data-converter';

import { host } from '../platform/host.js';

/** Codecs are the host's: their keys never come into the sandbox. */
export function converterOf({ payloadConverter, failureConverter }) {
  return {
    payloadConverter: payloadConverter ? checked(payloadConverter) : defaultDataConverter.payloadConverter,
    failureConverter: failureConverter ?? defaultDataConverter.failureConverter,
    payloadCodecs: [],
    isDefault: !payloadConverter && !failureConverter,
  };
}

/** The converter, with what converters of the project's own are told about the activity. */
export function inContext(converter) {
  if (converter.isDefault) return converter;
  const { namespace, activityId, workflow, isLocal } = host.info();
  return { ...converter, context: { type: 'activity', namespace, activityId, workflowId: workflow?.workflowId, isLocal } };
}

/** The project's converter, whose payloads are looked at before they go to the host. */
function checked(converter) {
  const toPayload = (...args) => {
    const payload = converter.toPayload(...args);
    if (payload === undefined) throw new ValueError("the project's payload converter has no payload for a value");
    const isBytes = (value) => value instanceof Uint8Array && !value.buffer.detached;
    const { metadata = {}, data = new Uint8Array() } = payload ?? {};
    if (payload === null || typeof payload !== 'object' || !isBytes(data) || !Object.values(metadata).every(isBytes)) {
      throw new ValueError("what the project's payload converter returned is no payload: { metadata, data }, with Uint8Arrays");
    }
    return payload;
  };
  return Object.assign(Object.create(converter), { toPayload });
}
