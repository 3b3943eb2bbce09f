//! What every server of the tests does: a thread for each connection.

use std::{
    io,
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
};

/// Serves every connection until the tests end.
pub(crate) fn serve(listener: TcpListener, talk: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static) {
    let talk = Arc::new(talk);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let talk = Arc::clone(&talk);
            // The client may go away at any time.
            thread::spawn(move || drop(talk(stream)));
        }
    });
}
