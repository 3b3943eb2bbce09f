// Sigstore's own libraries: `verify KEY BUNDLE` looks at a bundle that was made with a key, and `sign KEY STATEMENT BUNDLE`
// makes one. Without a transparency log, as bundles of keys may be.
const crypto = require('node:crypto');
const fs = require('node:fs');
const { bundleFromJSON, bundleToJSON } = require('@sigstore/bundle');
const { DSSEBundleBuilder } = require('@sigstore/sign');
const { Verifier, toSignedEntity, toTrustMaterial } = require('@sigstore/verify');

const NOBODY = {
  mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  tlogs: [],
  ctlogs: [],
  certificateAuthorities: [],
  timestampAuthorities: [],
};

function verify(keyFile, bundleFile) {
  const publicKey = crypto.createPublicKey(fs.readFileSync(keyFile));
  const trusted = toTrustMaterial(NOBODY, () => ({ publicKey, validFor: () => true }));
  const verifier = new Verifier(trusted, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });
  verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(fs.readFileSync(bundleFile)))));
}

async function sign(keyFile, statementFile, bundleFile) {
  const privateKey = crypto.createPrivateKey(fs.readFileSync(keyFile));
  const publicKey = crypto.createPublicKey(privateKey).export({ type: 'spki', format: 'pem' });
  const signer = {
    sign: async (data) => ({
      signature: crypto.sign('sha256', data, privateKey),
      key: { $case: 'publicKey', publicKey, hint: 'tests' },
    }),
  };
  const builder = new DSSEBundleBuilder({ signer, witnesses: [] });
  const artifact = { data: fs.readFileSync(statementFile), type: 'application/vnd.in-toto+json' };
  fs.writeFileSync(bundleFile, JSON.stringify(bundleToJSON(await builder.create(artifact))));
}

async function main([command, ...files]) {
  await { verify, sign }[command](...files);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(String(error));
  process.exit(1);
});
