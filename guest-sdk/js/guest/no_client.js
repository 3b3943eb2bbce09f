// What is there of Temporal's client where no module of the project names it.

import { IllegalStateError } from '@temporalio/common';

export function clientOf() {
  throw new IllegalStateError(
    "Temporal's client is not in this component, as none of its modules names it: import '@temporalio/client' in one of them",
  );
}
