// Packages that send requests, to `origin`.

import Anthropic from '@anthropic-ai/sdk';
import { GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, streamText } from 'ai';
import axios from 'axios';
import got from 'got';
import ky from 'ky';
import OpenAI from 'openai';
import pLimit from 'p-limit';
import pRetry, { AbortError } from 'p-retry';
import Stripe from 'stripe';

/** Below which this is the answer to everything. */
function giving(origin: string, body: string): string {
  return `${origin}/give/${encodeURIComponent(body)}`;
}

const events = (all: unknown[]) => all.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('');

export async function uses_clients(origin: string): Promise<unknown> {
  const json = giving(origin, JSON.stringify({ answer: 42 }));
  const failing = await axios.get(`${origin}/missing`).catch((error) => [error.name, error.response?.status]);
  return {
    axios: [(await axios.post(json, { question: 1 })).data, failing],
    got: await got.post(json, { json: { question: 1 } }).json(),
    ky: await ky.post(json, { json: { question: 1 } }).json(),
  };
}

export async function uses_openai(origin: string): Promise<unknown> {
  const completion = { id: '1', object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }] };
  const client = (body: string) => new OpenAI({ apiKey: 'key', baseURL: giving(origin, body), maxRetries: 0 });
  const question = { model: 'any', messages: [{ role: 'user' as const, content: 'Hi' }] };
  const whole = await client(JSON.stringify(completion)).chat.completions.create(question);
  const chunk = (content: string) => ({ choices: [{ index: 0, delta: { content } }] });
  const stream = await client(`${events([chunk('He'), chunk('llo')])}data: [DONE]\n\n`).chat.completions.create({ ...question, stream: true });
  let streamed = '';
  for await (const each of stream) streamed += each.choices[0]?.delta.content ?? '';
  return [whole.choices[0]?.message.content, streamed];
}

export async function uses_anthropic(origin: string): Promise<unknown> {
  const message = { id: '1', type: 'message', role: 'assistant', content: [{ type: 'text', text: 'Hello' }], usage: { input_tokens: 1, output_tokens: 1 } };
  const client = (body: string) => new Anthropic({ apiKey: 'key', baseURL: giving(origin, body), maxRetries: 0 });
  const question = { model: 'any', max_tokens: 10, messages: [{ role: 'user' as const, content: 'Hi' }] };
  const whole = await client(JSON.stringify(message)).messages.create(question);
  const named = (type: string, rest: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
  const stream = client(
    named('message_start', { message: { ...message, content: [] } }) +
      named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
      named('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hello' } }) +
      named('content_block_stop', { index: 0 }) +
      named('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } }) +
      named('message_stop', {}),
  ).messages.stream(question);
  return [whole.content, await stream.finalText()];
}

export async function uses_ai(origin: string): Promise<unknown> {
  const completion = { id: '1', object: 'chat.completion', created: 1, model: 'any', choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } };
  const model = (body: string) => createOpenAI({ apiKey: 'key', baseURL: giving(origin, body) }).chat('any');
  const whole = await generateText({ model: model(JSON.stringify(completion)), prompt: 'Hi', maxRetries: 0 });
  const chunk = (delta: object, finish_reason: string | null) => ({ id: '1', created: 1, model: 'any', choices: [{ index: 0, delta, finish_reason }] });
  const body = `${events([chunk({ role: 'assistant', content: 'He' }, null), chunk({ content: 'llo' }, 'stop')])}data: [DONE]\n\n`;
  const streamed = streamText({ model: model(body), prompt: 'Hi', maxRetries: 0 });
  return [whole.text, whole.usage.totalTokens, await streamed.text];
}

export async function uses_stripe(origin: string): Promise<unknown> {
  const { hostname, port } = new URL(origin);
  const stripe = new Stripe('sk_test', { host: hostname, port, protocol: 'http', httpClient: Stripe.createFetchHttpClient(), maxNetworkRetries: 0 });
  const missing = await stripe.customers.retrieve('cus_1').catch((error) => [error.type, error.statusCode]);
  const signed = await stripe.webhooks.generateTestHeaderStringAsync({ payload: '{"id":"evt_1","object":"event"}', secret: 'whsec' });
  return [missing, (await stripe.webhooks.constructEventAsync('{"id":"evt_1","object":"event"}', signed, 'whsec')).id];
}

export async function uses_s3(origin: string): Promise<unknown> {
  const client = (body: string) =>
    new S3Client({
      region: 'eu-west-1',
      endpoint: giving(origin, body),
      forcePathStyle: true,
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
      maxAttempts: 1,
    });
  const buckets = '<ListAllMyBucketsResult><Buckets><Bucket><Name>reports</Name></Bucket></Buckets></ListAllMyBucketsResult>';
  const listed = await client(buckets).send(new ListBucketsCommand({}));
  await client('').send(new PutObjectCommand({ Bucket: 'reports', Key: 'a b.txt', Body: 'text' }));
  const got = await client('content').send(new GetObjectCommand({ Bucket: 'reports', Key: 'a b.txt' }));
  return [listed.Buckets?.map(({ Name }) => Name), await got.Body?.transformToString()];
}

export async function uses_concurrency(): Promise<unknown> {
  let atOnce = 0;
  let most = 0;
  const limit = pLimit(2);
  const each = async (value: number) => {
    most = Math.max(most, ++atOnce);
    await new Promise((done) => setTimeout(done, 1));
    atOnce--;
    return value * 2;
  };
  const doubled = await Promise.all([1, 2, 3, 4].map((value) => limit(() => each(value))));
  let tries = 0;
  const options = { retries: 3, minTimeout: 1 };
  const tried = await pRetry(async () => (++tries < 3 ? Promise.reject(new Error('not yet')) : tries), options);
  const given = await pRetry(() => Promise.reject(new AbortError('enough')), options).catch((error) => error.message);
  return [doubled, most, tried, given];
}
