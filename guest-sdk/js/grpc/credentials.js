// Credentials: made as the package makes them, and of no use, as the host authenticates its own connection.

export class CallCredentials {
  static createFromMetadataGenerator() {
    return new CallCredentials();
  }

  static createFromGoogleCredential() {
    return new CallCredentials();
  }

  static createEmpty() {
    return new CallCredentials();
  }

  compose() {
    return this;
  }
}

export class ChannelCredentials {
  static createInsecure() {
    return new ChannelCredentials();
  }

  static createSsl() {
    return new ChannelCredentials();
  }

  static createFromSecureContext() {
    return new ChannelCredentials();
  }

  compose() {
    return this;
  }
}

export const credentials = {
  combineChannelCredentials: (first) => first,
  combineCallCredentials: (first) => first,
  createInsecure: ChannelCredentials.createInsecure,
  createSsl: ChannelCredentials.createSsl,
  createFromSecureContext: ChannelCredentials.createFromSecureContext,
  createFromMetadataGenerator: CallCredentials.createFromMetadataGenerator,
  createFromGoogleCredential: CallCredentials.createFromGoogleCredential,
  createEmpty: CallCredentials.createEmpty,
};
