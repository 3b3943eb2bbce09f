//! `[audit]` and `[receipts]`, once they are checked: what is kept of what happened.

use records::FileSettings;

use super::{
    problems::{Place, Problems},
    raw::{RawAudit, RawReceipts},
    section::Declared as _,
};

/// What is kept of what happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RecordSettings {
    /// The audit log, if there is to be one.
    pub audit: Option<FileSettings>,
    /// Receipts, if there are to be any.
    pub receipts: Option<FileSettings>,
    /// Whether results carry what they have cost.
    pub result_metadata: bool,
}

/// Checks what was written.
pub(super) fn validate(
    (audit, receipts): (RawAudit, RawReceipts),
    (of_audit, of_receipts): (&Place, &Place),
    problems: &mut Problems,
) -> RecordSettings {
    audit.check(of_audit, problems);
    receipts.check(of_receipts, problems);
    let is_empty = |file: &Option<std::path::PathBuf>| file.as_ref().is_some_and(|file| file.as_os_str().is_empty());
    problems.refuse_if(is_empty(&audit.file), &of_audit.key("file"), "it is empty");
    problems.refuse_if(is_empty(&receipts.file), &of_receipts.key("file"), "it is empty");
    let (audit_size, receipts_size) = (audit.max_size().0, receipts.max_size().0);
    let is_same = audit.file.is_some() && audit.file == receipts.file;
    problems.refuse_if(is_same, &of_receipts.key("file"), "it is the audit log; name another file");
    RecordSettings {
        result_metadata: receipts.result_metadata(),
        audit: audit.file.map(|path| FileSettings { path, max_size: audit_size }),
        receipts: receipts.file.map(|path| FileSettings { path, max_size: receipts_size }),
    }
}
