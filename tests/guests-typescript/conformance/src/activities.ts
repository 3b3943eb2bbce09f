// The activities of the conformance suite: see tests/it/conformance/README.md.

export * from './asking';
export * from './cancellation';
export * from './client';
export * from './failures';
export * from './heartbeats';
export * from './measurements';
export * from './values';
export * from './waits';
export * from './work';
export * from './workflows';
