export * from './requests';
export * from './tokens';
export * from './values';
