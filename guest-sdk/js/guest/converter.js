// The data converter: Temporal's default, or what the project names, as for Temporal's worker.

import { defaultDataConverter } from '@temporalio/common/lib/converter/data-converter';

/** Codecs are the host's: their keys never come into the sandbox. */
export function converterOf({ payloadConverter, failureConverter }) {
  return {
    payloadConverter: payloadConverter ?? defaultDataConverter.payloadConverter,
    failureConverter: failureConverter ?? defaultDataConverter.failureConverter,
    payloadCodecs: [],
  };
}
