// Every function that this file exports is an activity of its name.

import { activityInfo, ApplicationFailure, CancelledFailure, heartbeat, log, sleep } from '@temporalio/activity';

export interface Order {
  id: string;
  parcels: string[];
}

export interface Shipment {
  order: string;
  sent: string[];
}

/** Sends the parcels of an order, one after the other. */
export async function ship(order: Order): Promise<Shipment> {
  if (order.parcels.length === 0) {
    throw ApplicationFailure.nonRetryable(`order ${order.id} has no parcels`, 'EmptyOrder', order.id);
  }
  // What the last heartbeat of the attempt before said: an attempt goes on from there.
  let sent: number = activityInfo().heartbeatDetails ?? 0;
  try {
    while (sent < order.parcels.length) {
      await send(order.parcels[sent]);
      sent += 1;
      heartbeat(sent);
    }
  } catch (error) {
    // A cancellation cuts `sleep` and `fetch` short; what is to be cleaned up then is cleaned up here.
    if (error instanceof CancelledFailure) log.warn('cancelled', { order: order.id, sent });
    throw error;
  }
  return { order: order.id, sent: order.parcels };
}

/** Stands for a request to a carrier. */
async function send(parcel: string): Promise<void> {
  await sleep('500 ms');
  log.info('sent', { parcel });
}
