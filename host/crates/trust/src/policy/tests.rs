//! What policies come to: by bundles of our own, and by some that others made.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair},
};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::*;
use crate::{Scope, Signer, Sigstore, keys::SigningKey, sign};

const PLACE: &str = "registry.example.com/acme/orders";
const MANIFEST: &[u8] = b"{\"schemaVersion\":2}";

/// A machine with keys, and with what it knows of versions.
struct Machine(TempDir);

impl Machine {
    fn new() -> Self {
        let machine = Self(TempDir::new().unwrap());
        let random = SystemRandom::new();
        let p256 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        machine.key("acme", p256.as_ref());
        machine.key("other", Ed25519KeyPair::generate_pkcs8(&random).unwrap().as_ref());
        machine
    }

    fn key(&self, name: &str, pkcs8: &[u8]) {
        let pem = |kind: &str, der: &[u8]| {
            format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", STANDARD.encode(der))
        };
        fs::write(self.file(name, "pem"), pem("PRIVATE KEY", pkcs8)).unwrap();
        let public = SigningKey::read(&self.file(name, "pem")).unwrap().public();
        fs::write(self.file(name, "pub"), pem("PUBLIC KEY", &public)).unwrap();
    }

    fn file(&self, name: &str, ending: &str) -> PathBuf {
        self.0.path().join(name).with_extension(ending)
    }

    fn sign(&self, key: &str, version: Option<u64>, expires_in: Option<Duration>) -> String {
        let digest = format!("{:x}", Sha256::digest(MANIFEST));
        sign(&self.file(key, "pem"), (PLACE, &digest), version, expires_in).unwrap().bundle
    }

    fn rule(&self, scope: &str, key: &str) -> Rule {
        Rule {
            scope: scope.parse().unwrap(),
            signer: Signer::Key(self.file(key, "pub")),
            require: vec![Kind::Signature],
            level: Level::Enforce,
            min_version: None,
            transparency_log: false,
            trusted_root: None,
        }
    }

    /// What becomes of the artefact under rules of the operator's.
    fn check(&self, rules: &[Rule], bundles: &[String]) -> Result<Verdict, String> {
        self.check_all(&Policy { operator: rules.to_vec(), tenant: Vec::new() }, false, bundles)
    }

    fn check_all(&self, policy: &Policy, is_pinned: bool, bundles: &[String]) -> Result<Verdict, String> {
        let artefact = Artefact { place: PLACE, is_pinned, manifest: MANIFEST, bundles };
        let versions = Versions::new(self.0.path().join("versions"));
        policy.check(&Sigstore, &versions, artefact).map_err(|error| error.to_string())
    }
}

/// Whether something was refused for this.
fn assert_refused(result: Result<Verdict, String>, why: &str) {
    let problem = result.expect_err(why);
    assert!(problem.contains(why), "{why}: {problem}");
}

#[test]
fn the_right_key_is_enough_and_another_is_not() {
    let machine = Machine::new();
    let rules = [machine.rule("registry.example.com/acme", "acme")];
    let verdict =
        machine.check(&rules, &[machine.sign("other", None, None), machine.sign("acme", Some(7), None)]).unwrap();
    assert_eq!(verdict.signed.len(), 1);
    assert_eq!(verdict.signed[0].1.version, Some(7));
    assert!(verdict.signed[0].0.contains("acme.pub"));
    assert_refused(Machine::new().check(&rules, &[machine.sign("other", None, None)]), "another key has signed it");
    assert_refused(Machine::new().check(&rules, &[]), "nothing that is signed is attached to it");
    let either = [rules[0].clone(), machine.rule("registry.example.com/acme", "other")];
    Machine::new().check(&either, &[machine.sign("other", None, None)]).unwrap();
}

#[test]
fn what_was_changed_is_refused() {
    let machine = Machine::new();
    let rules = [machine.rule("*", "acme")];
    let bundle = machine.sign("acme", Some(7), None);
    let payload = |bundle: &str, change: &dyn Fn(String) -> String| {
        let mut json: serde_json::Value = serde_json::from_str(bundle).unwrap();
        let payload = json["dsseEnvelope"]["payload"].as_str().unwrap();
        let payload = String::from_utf8(STANDARD.decode(payload).unwrap()).unwrap();
        json["dsseEnvelope"]["payload"] = STANDARD.encode(change(payload)).into();
        json.to_string()
    };
    let newer = payload(&bundle, &|payload| payload.replace("\"7\"", "\"8\""));
    assert_refused(machine.check(&rules, &[newer]), "another key has signed it");
    let other = Artefact { place: PLACE, is_pinned: false, manifest: b"{}", bundles: &[bundle] };
    let policy = Policy { operator: rules.to_vec(), tenant: Vec::new() };
    let problem = policy.check(&Sigstore, &Versions::new(machine.0.path().join("v")), other).unwrap_err();
    assert!(problem.to_string().contains("it is about another artefact"), "{problem}");
    for broken in ["", "{}", "[]", "null", "{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\"}"] {
        assert_refused(machine.check(&rules, &[broken.to_owned()]), "it is no bundle");
    }
}

#[test]
fn what_has_expired_is_refused() {
    let machine = Machine::new();
    let rules = [machine.rule("*", "acme")];
    let bundle = machine.sign("acme", None, Some(Duration::ZERO));
    // It expired at the beginning of the second in which it was made.
    assert_refused(machine.check(&rules, &[bundle]), "what was signed expired at 20");
    machine.check(&rules, &[machine.sign("acme", None, Some(Duration::from_secs(3_600)))]).unwrap();
}

#[test]
fn an_old_version_does_not_come_back() {
    let machine = Machine::new();
    let rules = [machine.rule("*", "acme")];
    machine.check(&rules, &[machine.sign("acme", Some(7), None)]).unwrap();
    assert_refused(
        machine.check(&rules, &[machine.sign("acme", Some(6), None)]),
        "signed as version 6, and 7 is the least",
    );
    assert_refused(machine.check(&rules, &[machine.sign("acme", None, None)]), "signed as no version, and 7");
    machine.check(&rules, &[machine.sign("acme", Some(7), None)]).unwrap();
    let policy = Policy { operator: rules.to_vec(), tenant: Vec::new() };
    machine.check_all(&policy, true, &[machine.sign("acme", Some(6), None)]).unwrap();
    machine.check(&rules, &[machine.sign("acme", Some(9), None), machine.sign("acme", Some(8), None)]).unwrap();
    assert_refused(machine.check(&rules, &[machine.sign("acme", Some(8), None)]), "9 is the least");
    let least = Rule { min_version: Some(10), ..rules[0].clone() };
    assert_refused(machine.check(&[least], &[machine.sign("acme", Some(9), None)]), "10 is the least");
    let file = fs::read_dir(machine.0.path().join("versions")).unwrap().next().unwrap().unwrap().path();
    fs::write(file, "many").unwrap();
    assert_refused(machine.check(&rules, &[machine.sign("acme", Some(9), None)]), "which versions were seen");
}

#[test]
fn a_version_counts_for_those_who_trust_its_signer() {
    let machine = Machine::new();
    let [acme, other] = ["acme", "other"].map(|name| machine.rule("*", name));
    let policy = |tenant: &[Rule]| Policy { operator: Vec::new(), tenant: tenant.to_vec() };
    let bundles = |key, version| vec![machine.sign(key, Some(version), None)];
    machine.check_all(&policy(std::slice::from_ref(&other)), false, &bundles("other", 999)).unwrap();
    machine.check_all(&policy(std::slice::from_ref(&acme)), false, &bundles("acme", 7)).unwrap();
    // Who trusts both, as while one key takes the place of another, takes no version below either.
    let both = policy(&[acme.clone(), other]);
    assert_refused(machine.check_all(&both, false, &bundles("acme", 8)), "999 is the least");
    // A key that is in another file is the same.
    let moved = machine.0.path().join("moved.pub");
    fs::copy(machine.file("acme", "pub"), &moved).unwrap();
    let moved = Rule { signer: Signer::Key(moved), ..acme };
    assert_refused(machine.check_all(&policy(&[moved]), false, &bundles("acme", 6)), "7 is the least");
}

#[test]
fn a_version_is_one_of_its_repository_alone() {
    let machine = Machine::new();
    let rules = [machine.rule("registry.example.com/acme", "acme")];
    let digest = format!("{:x}", Sha256::digest(MANIFEST));
    let of = |place, version| vec![sign(&machine.file("acme", "pem"), (place, &digest), version, None).unwrap().bundle];
    let other = "registry.example.com/acme/refunds";
    assert_refused(machine.check(&rules, &of(other, Some(900))), "version 900 of registry.example.com/acme/refunds");
    machine.check(&rules, &of(PLACE, Some(4))).unwrap();
    // Who asks for the digest, as of a mirror, wants that very artefact.
    let policy = Policy { operator: rules.to_vec(), tenant: Vec::new() };
    machine.check_all(&policy, true, &of(other, Some(900))).unwrap();
}

#[test]
fn what_no_rule_is_for_is_refused_unless_its_digest_is_pinned() {
    let machine = Machine::new();
    let policy = Policy { operator: vec![machine.rule("registry.example.com/else", "acme")], tenant: Vec::new() };
    let bundles = [machine.sign("acme", None, None)];
    assert_refused(machine.check_all(&policy, false, &bundles), "no rule is for it");
    machine.check_all(&policy, true, &bundles).unwrap();
    machine.check_all(&Policy::default(), false, &[]).unwrap();
    let counting = Rule { level: Level::Count, ..policy.operator[0].clone() };
    assert!(machine.check(&[counting], &bundles).unwrap().counted[0].0.contains("no rule is for it"));
}

#[test]
fn the_longest_scope_counts_and_neither_operator_nor_tenant_widens_the_other() {
    let machine = Machine::new();
    let (by_acme, by_other) = (machine.sign("acme", None, None), machine.sign("other", None, None));
    let operator = vec![machine.rule("*", "other"), machine.rule("registry.example.com/acme", "acme")];
    assert_refused(machine.check(&operator, std::slice::from_ref(&by_other)), "another key");
    machine.check(&operator, std::slice::from_ref(&by_acme)).unwrap();
    let both = Policy { operator, tenant: vec![machine.rule("*", "other")] };
    assert_refused(machine.check_all(&both, false, std::slice::from_ref(&by_acme)), "another key");
    assert_refused(machine.check_all(&both, false, std::slice::from_ref(&by_other)), "another key");
    assert_eq!(machine.check_all(&both, false, &[by_acme, by_other]).unwrap().signed.len(), 2);
}

#[test]
fn what_is_only_counted_is_told_and_taken() {
    let machine = Machine::new();
    let rule = Rule { level: Level::Count, ..machine.rule("*", "acme") };
    let verdict = machine.check(&[rule], &[]).unwrap();
    assert!(verdict.signed.is_empty() && verdict.counted[0].0.contains("it has no signature by key"), "{verdict:?}");
}

#[test]
fn all_that_is_wanted_must_be_said() {
    let machine = Machine::new();
    let require = vec![Kind::Signature, Kind::Provenance];
    let rule = Rule { require, ..machine.rule("*", "acme") };
    assert_refused(machine.check(&[rule], &[machine.sign("acme", None, None)]), "it has no provenance by key");
}

#[test]
fn keys_that_can_t_be_used_are_named() {
    let machine = Machine::new();
    let digest = format!("{:x}", Sha256::digest(MANIFEST));
    let problem = |text: &str| {
        let path = machine.file("odd", "pem");
        fs::write(&path, text).unwrap();
        sign(&path, (PLACE, &digest), None, None).unwrap_err().to_string()
    };
    assert!(problem("").contains("there is no private key in it"));
    assert!(problem("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----").contains("encrypted by cosign"));
    assert!(problem("-----BEGIN EC PRIVATE KEY-----").contains("openssl pkcs8"));
    assert!(problem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----").contains("no key of P-256"));
    let missing = machine.check(&[machine.rule("*", "missing")], &[machine.sign("acme", None, None)]);
    assert_refused(missing, "the public key in");
    let public = |text: &str| {
        fs::write(machine.file("odd", "pub"), text).unwrap();
        machine.check(&[machine.rule("*", "odd")], &[machine.sign("acme", None, None)])
    };
    let acme = fs::read_to_string(machine.file("acme", "pub")).unwrap();
    assert_refused(public(&acme.repeat(2)), "it has several keys");
    // The beginning of a key of RSA.
    let rsa = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----\n";
    assert_refused(public(rsa), "it is no key of P-256 or Ed25519");
}

/// What becomes of a bundle that others made.
fn of_others(rule: Rule, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Result<Verdict, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/policy/bundles");
    let mut manifest = fs::read(folder.join(name).with_extension("artefact")).unwrap();
    change(&mut manifest);
    let bundles = [fs::read_to_string(folder.join(name).with_extension("json")).unwrap()];
    let policy = Policy { operator: vec![rule], tenant: Vec::new() };
    let artefact = Artefact { place: PLACE, is_pinned: false, manifest: &manifest, bundles: &bundles };
    let versions = TempDir::new().unwrap();
    policy.check(&Sigstore, &Versions::new(versions.path().to_owned()), artefact).map_err(|error| error.to_string())
}

fn by(signer: Signer, kind: &str) -> Rule {
    Rule {
        scope: Scope::default(),
        signer,
        require: vec![Kind::named(kind).unwrap()],
        level: Level::Enforce,
        min_version: None,
        transparency_log: false,
        trusted_root: None,
    }
}

#[test]
fn an_identity_is_who_the_authority_says_and_nobody_else() {
    const KIND: &str = "https://schemas.conda.org/attestations-publish-1.schema.json";
    const ISSUER: &str = "https://token.actions.githubusercontent.com";
    const WORKFLOW: &str =
        "https://github.com/prefix-dev/sigstore-example/.github/workflows/action.yaml@refs/heads/main";
    let check = |identity: &str, issuer: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let signer = Signer::identity(identity.to_owned(), issuer.to_owned()).unwrap();
        of_others(by(signer, KIND), "statement-by-identity", change)
    };
    let nothing = |_: &mut Vec<u8>| {};
    check(WORKFLOW, ISSUER, &nothing).unwrap();
    check("https://github.com/prefix-dev/sigstore-example/.github/workflows/action.yaml@*", ISSUER, &nothing).unwrap();
    check("https://github.com/prefix-dev/*", ISSUER, &nothing).unwrap();
    assert_refused(check("https://github.com/prefix/*", ISSUER, &nothing), "has signed it");
    assert_refused(check("https://github.com/prefix-dev/sigstore-example", ISSUER, &nothing), "it has no");
    assert_refused(check(WORKFLOW, "https://accounts.google.com", &nothing), "it has no");
    assert_refused(check(WORKFLOW, ISSUER, &|manifest| manifest.push(b' ')), "it has no");
    let unlogged = Signer::identity(WORKFLOW.to_owned(), ISSUER.to_owned()).unwrap();
    let empty = NamedRoot::empty();
    let rule = Rule { trusted_root: Some(empty.0.path().to_owned()), ..by(unlogged, KIND) };
    assert_refused(of_others(rule, "statement-by-identity", nothing), "it has no");
}

/// A file with a root that trusts nobody.
struct NamedRoot(tempfile::NamedTempFile);

impl NamedRoot {
    fn empty() -> Self {
        let file = tempfile::NamedTempFile::new().unwrap();
        let root = r#"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1","tlogs":[],
            "certificateAuthorities":[],"ctlogs":[],"timestampAuthorities":[]}"#;
        fs::write(file.path(), root).unwrap();
        Self(file)
    }
}

#[test]
fn a_key_s_signature_over_the_manifest_itself_is_one() {
    let key = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/policy/bundles/message-by-key.pub");
    of_others(by(Signer::Key(key.clone()), "signature"), "message-by-key", |_| {}).unwrap();
    let logged = Rule { transparency_log: true, ..by(Signer::Key(key.clone()), "signature") };
    assert_refused(of_others(logged, "message-by-key", |_| {}), "over a digest can't be checked here");
    let changed = of_others(by(Signer::Key(key), "signature"), "message-by-key", |manifest| manifest.push(b' '));
    assert_refused(changed, "another key has signed it");
}

#[test]
fn patterns_of_identities_stand_at_the_end_of_a_part() {
    let identity = |text: &str| Signer::identity(text.to_owned(), "https://issuer.example.com".to_owned());
    assert!(identity("https://github.com/acme/*").is_ok() && identity("ann@example.com").is_ok());
    for wrong in ["", "*", "https://github.com/acme*", "https://*/acme/", "*@example.com", "https://github.com/**"] {
        assert!(identity(wrong).is_err(), "{wrong}");
    }
}
