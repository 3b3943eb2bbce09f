// What `tests/it/typescript/differential` calls here and on Temporal's own worker.

export * from './attempt';
export * from './failing';
export * from './heartbeats';
export * from './requests';
export * from './shapes';
export { default } from './shapes';
export * from './stopping';
export * from './throwing';
export * from './values';
