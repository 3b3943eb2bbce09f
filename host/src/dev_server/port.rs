//! Ports on the loopback interface.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context as _, anyhow};

use crate::exit::{Exit, OrExit as _, Problem};

/// Chooses a port: the `wanted` one, which must be free; without one the `usual` one if that is free; else any. `flag`
/// names the port in errors. Another program may still take the port before it is used.
///
/// # Errors
/// When the wanted port is taken, or the system has none.
pub(crate) fn choose(wanted: Option<u16>, usual: u16, flag: &str) -> Result<u16, Problem> {
    match wanted {
        Some(0) => any(),
        Some(port) if is_free(port) => Ok(port),
        Some(port) => {
            Err(Problem::new(Exit::PortInUse, anyhow!("another program listens on port {port} of 127.0.0.1"))
                .cure(format!("stop that program, or choose another port with {flag}; {flag} 0 takes any free one")))
        }
        None if is_free(usual) => Ok(usual),
        None => any(),
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn any() -> Result<u16, Problem> {
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    address.map(|address| address.port()).context("failed to find a free port").or_exit(Exit::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wanted_port_must_be_free_and_a_usual_one_need_not() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let problem = choose(Some(port), 1, "--port").unwrap_err();
        assert_eq!(problem.exit, Exit::PortInUse);
        assert!(problem.error.to_string().contains(&port.to_string()));
        assert_ne!(choose(None, port, "--port").unwrap(), port);
        assert_ne!(choose(Some(0), port, "--port").unwrap(), 0);
    }
}
