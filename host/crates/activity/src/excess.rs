//! What attempts come to that neither ends nor fails them: limits of their tenant that the process which runs them keeps,
//! and limits and grants of their component that only count.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

/// Something that was beyond a limit or a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// HTTP requests of its tenant at once.
    TenantHttpRequests,
    /// Bytes that its tenant sends in a second.
    TenantEgress,
    /// Bytes that its tenant receives in a second.
    TenantIngress,
    /// Bytes that its tenant writes to granted directories in a second.
    TenantDisk,
    /// An HTTP request that is not granted, and only counted.
    HttpGrant,
    /// A call of Temporal's client that is not granted, likewise.
    ClientGrant,
    /// A line beyond the attempt's rate, likewise.
    LogRate,
    /// An HTTP request beyond the attempt's own at once, likewise.
    HttpRequests,
    /// What is written to granted directories beyond what the attempt may, likewise.
    Disk,
}

impl Excess {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::TenantHttpRequests,
        Self::TenantEgress,
        Self::TenantIngress,
        Self::TenantDisk,
        Self::HttpGrant,
        Self::ClientGrant,
        Self::LogRate,
        Self::HttpRequests,
        Self::Disk,
    ];

    /// The key of the limit or grant.
    pub fn name(self) -> &'static str {
        match self {
            Self::TenantHttpRequests => "http-requests",
            Self::TenantEgress => "egress-bytes-per-second",
            Self::TenantIngress => "ingress-bytes-per-second",
            Self::TenantDisk => "disk-bytes-per-second",
            Self::HttpGrant => "grants.http",
            Self::ClientGrant => "grants.client",
            Self::LogRate => "limits.log-rate",
            Self::HttpRequests => "limits.http-requests",
            Self::Disk => "limits.disk",
        }
    }

    /// Whether it is of the attempt's tenant, and not of its component.
    pub fn is_of_tenant(self) -> bool {
        matches!(self, Self::TenantHttpRequests | Self::TenantEgress | Self::TenantIngress | Self::TenantDisk)
    }
}

/// How often an attempt came to each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Excesses(pub [u32; Excess::ALL.len()]);

impl Excesses {
    /// Counts one `count` times more.
    pub fn add(&mut self, excess: Excess, count: u64) {
        if let Some(counted) = self.0.get_mut(excess as usize) {
            *counted = counted.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        }
    }

    /// Those that there were, and how often.
    pub fn iter(self) -> impl Iterator<Item = (Excess, u64)> {
        Excess::ALL.into_iter().zip(self.0.map(u64::from)).filter(|(_, count)| *count != 0)
    }
}

/// Counts what an attempt comes to while it runs.
#[derive(Debug, Default)]
pub struct ExcessCounts([AtomicU64; Excess::ALL.len()]);

impl ExcessCounts {
    /// Counts one more.
    pub fn add(&self, excess: Excess) {
        if let Some(count) = self.0.get(excess as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How often it came to each so far.
    pub fn counts(&self) -> Excesses {
        let count = |count: &AtomicU64| u32::try_from(count.load(Ordering::Relaxed)).unwrap_or(u32::MAX);
        Excesses(self.0.each_ref().map(count))
    }
}

/// Counts what is done although it is not granted.
#[derive(Debug, Default)]
pub struct Beyond(Mutex<(u64, String)>);

impl Beyond {
    /// Counts something that would have been refused in these words.
    pub(crate) fn add(&self, words: String) {
        let mut beyond = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *beyond = (beyond.0.saturating_add(1), words);
    }

    /// How much was done since this was last asked, and in which words the last of it would have been refused.
    pub fn take(&self) -> (u64, String) {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// It says nothing about what is granted.
impl PartialEq for Beyond {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Beyond {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_place() {
        let counts = ExcessCounts::default();
        for (number, excess) in Excess::ALL.into_iter().enumerate() {
            (0..=number).for_each(|_| counts.add(excess));
        }
        let mut told = counts.counts();
        assert_eq!(told.0, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        told.add(Excess::ClientGrant, 10);
        assert_eq!(told.iter().nth(5), Some((Excess::ClientGrant, 16)));
    }
}
