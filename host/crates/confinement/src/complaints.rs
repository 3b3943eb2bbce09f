//! What a process says on its standard error.

use std::io::{self, BufRead as _, BufReader, Read};

/// Bytes of the longest line that is heard whole.
const LONGEST: u64 = 4 << 10;

/// Has `heard` told of what a process complains, line by line, `most` lines in its life. Returns when the process is gone.
pub fn hear(complaints: impl Read, most: usize, heard: impl Fn(&str)) {
    let mut complaints = BufReader::new(complaints);
    for _ in 0..most {
        let mut line = Vec::new();
        match complaints.by_ref().take(LONGEST).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => heard(String::from_utf8_lossy(&line).trim_end()),
        }
    }
    // More is read, so that it can go on, and heard by nobody.
    let _ = io::copy(&mut complaints, &mut io::sink());
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn so_many_lines_are_heard_and_none_longer() {
        let long = "x".repeat(5_000);
        let said = format!("one\n{long}\nthree\n\u{fffd}four\n");
        let lines = RefCell::new(Vec::new());
        hear(said.as_bytes(), 4, |line| lines.borrow_mut().push(line.len()));
        assert_eq!(*lines.borrow(), [3, 4_096, 904, 5]);
    }
}
