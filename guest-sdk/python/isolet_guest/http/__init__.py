"""Outgoing HTTP: what stands where sockets and TLS would be.

A client library writes the bytes of a request to what it takes for a socket; they are read here, sent through the host
with `wasi:http`, and the response is written back as bytes. So the libraries themselves run unchanged.

- `exchange`: one request and its response, on the host's resources; `errors`: why there is none.
- `wire`: HTTP as bytes; `connection`: an exchange behind such bytes.
- `sockets`, `tls`: what libraries take for a socket and for the module `ssl`.
- `no_sockets`: everything else that a socket could do, which is refused.
- `waiting`: blocking, or beside the other tasks of an asyncio loop.
- `clients`, `importing`: the libraries, made to use them when they are imported.
"""
