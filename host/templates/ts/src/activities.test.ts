// Runs activities in Node, without a server and without a sandbox.

import { CancelledFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';

import { ship } from './activities';

const order = { id: '7', parcels: ['tea', 'cup'] };

test('all parcels are sent, and each is told', async () => {
  const environment = new MockActivityEnvironment();
  const heartbeats: unknown[] = [];
  environment.on('heartbeat', (details) => heartbeats.push(details));
  expect(await environment.run(ship, order)).toEqual({ order: '7', sent: ['tea', 'cup'] });
  expect(heartbeats).toEqual([1, 2]);
});

test('an attempt goes on from the last heartbeat', async () => {
  const environment = new MockActivityEnvironment({ attempt: 2, heartbeatDetails: 2 });
  environment.on('heartbeat', () => expect.unreachable('nothing is left to send'));
  expect(await environment.run(ship, order)).toEqual({ order: '7', sent: ['tea', 'cup'] });
});

test('a cancellation ends it at once', async () => {
  const environment = new MockActivityEnvironment();
  environment.on('heartbeat', () => environment.cancel());
  await expect(environment.run(ship, order)).rejects.toBeInstanceOf(CancelledFailure);
});

test('an order without parcels is not tried again', async () => {
  const empty = new MockActivityEnvironment().run(ship, { id: '8', parcels: [] });
  await expect(empty).rejects.toMatchObject({ type: 'EmptyOrder', nonRetryable: true });
});
