//! How the program in an image proves that it works: it answers over the network, or says something.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::time::Duration;

use serde_json::{Value, json};

use super::cases::text;
use crate::failure::{Context as _, Failure, Outcome};
use crate::registry;

/// What to ask and what must come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Http {
        port: u16,
        path: String,
        contains: String,
    },
    Tcp {
        port: u16,
        send: String,
        contains: String,
    },
    Dns {
        port: u16,
        question: String,
    },
    /// The program ends by itself; its arguments replace the image's command.
    Output {
        args: Vec<String>,
        contains: String,
    },
}

impl Answer {
    /// Reads the form of `cases.json`.
    ///
    /// # Errors
    /// The kind is unknown, or a key of it is missing.
    pub(super) fn parse(value: &Value) -> Outcome<Self> {
        let port = || {
            let number = value["port"].as_u64().and_then(|number| u16::try_from(number).ok());
            number.context(|| "cases.json: an answer needs a `port`".to_owned())
        };
        match value["kind"].as_str() {
            Some("http") => {
                Ok(Self::Http { port: port()?, path: text(value, "path")?, contains: text(value, "contains")? })
            }
            Some("tcp") => {
                Ok(Self::Tcp { port: port()?, send: text(value, "send")?, contains: text(value, "contains")? })
            }
            Some("dns") => Ok(Self::Dns { port: port()?, question: text(value, "question")? }),
            Some("output") => {
                let args = value["args"].as_array().into_iter().flatten().filter_map(Value::as_str);
                Ok(Self::Output { args: args.map(str::to_owned).collect(), contains: text(value, "contains")? })
            }
            _ => Err(Failure::new("cases.json: an answer is http, tcp, dns or output")),
        }
    }

    /// Returns the form of `cases.json` again, to hand it to another process.
    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::Http { port, path, contains } => {
                json!({"kind": "http", "port": port, "path": path, "contains": contains})
            }
            Self::Tcp { port, send, contains } => {
                json!({"kind": "tcp", "port": port, "send": send, "contains": contains})
            }
            Self::Dns { port, question } => json!({"kind": "dns", "port": port, "question": question}),
            Self::Output { args, contains } => json!({"kind": "output", "args": args, "contains": contains}),
        }
    }

    /// Returns the arguments that replace the image's command.
    pub(super) fn args(&self) -> &[String] {
        match self {
            Self::Output { args, .. } => args,
            _ => &[],
        }
    }

    /// Asks once, on the loopback.
    ///
    /// # Errors
    /// Nobody answers, or not what was asked for.
    pub(super) fn ask(&self) -> Outcome {
        let (said, contains) = match self {
            Self::Http { port, path, contains } => {
                (registry::get(*port, path).context(|| "no HTTP answer".to_owned())?, contains)
            }
            Self::Tcp { port, send, contains } => {
                (talk(*port, send, contains).context(|| "no answer".to_owned())?, contains)
            }
            Self::Dns { port, question } => return resolve(*port, question),
            Self::Output { .. } => return Err(Failure::new("a program that ends by itself is not asked")),
        };
        expect(&said, contains)
    }
}

/// Checks that a text holds what it should.
pub(super) fn expect(said: &str, contains: &str) -> Outcome {
    match said.contains(contains) {
        true => Ok(()),
        false => Err(Failure::new(format!("`{contains}` is not in the answer:\n{said}"))),
    }
}

/// Sends a line and reads until the wanted text is there, as servers of such protocols keep the connection open.
fn talk(port: u16, send: &str, contains: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(send.as_bytes())?;
    let (mut said, mut part) = (String::new(), [0; 4096]);
    while !said.contains(contains) {
        let length = stream.read(&mut part)?;
        if length == 0 {
            break;
        }
        said.push_str(&String::from_utf8_lossy(&part[..length]));
    }
    Ok(said)
}

/// Asks a name server for an address; any reply to this question that is no error will do.
fn resolve(port: u16, question: &str) -> Outcome {
    let query = query(question);
    let mut reply = [0; 512];
    let mut ask = || -> std::io::Result<usize> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_read_timeout(Some(Duration::from_secs(2)))?;
        socket.connect((Ipv4Addr::LOCALHOST, port))?;
        socket.send(&query)?;
        socket.recv(&mut reply)
    };
    let length = ask().context(|| "no DNS answer".to_owned())?;
    let is_reply = length >= 12 && reply[..2] == query[..2] && reply[2] & 0x80 != 0;
    match (is_reply, reply[3] & 0x0f) {
        (true, 0) => Ok(()),
        (true, code) => Err(Failure::new(format!("the name server answers with error {code}"))),
        (false, _) => Err(Failure::new("what came back is no reply to the question")),
    }
}

/// Returns a query for the IPv4 address of a name (RFC 1035, section 4.1).
fn query(name: &str) -> Vec<u8> {
    let mut bytes = vec![0x4d, 0x21, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        bytes.push(u8::try_from(label.len()).expect("a label has at most 63 bytes"));
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.extend_from_slice(&[0, 0, 1, 0, 1]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn answers_survive_the_way_to_another_process() {
        let text = r#"[{"kind":"http","port":80,"path":"/","contains":"a"},{"kind":"tcp","port":1,"send":"b","contains":"c"},
            {"kind":"dns","port":53,"question":"d.e"},{"kind":"output","args":["f"],"contains":"g"}]"#;
        let values: Value = serde_json::from_str(text).unwrap();
        for value in values.as_array().unwrap() {
            assert_eq!(Answer::parse(value).unwrap().to_json(), *value);
        }
    }

    #[test]
    fn a_wrong_answer_fails() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::spawn(move || {
            for _ in 0..2 {
                listener.accept().unwrap().0.write_all(b"PONG").unwrap();
            }
        });
        let answer = |contains: &str| Answer::Tcp { port, send: String::new(), contains: contains.to_owned() };
        assert_eq!(answer("PONG").ask(), Ok(()));
        assert!(answer("PING").ask().is_err());
        server.join().unwrap();
    }

    #[test]
    fn a_query_has_the_wire_form() {
        assert_eq!(query("a.bc")[12..], [1, b'a', 2, b'b', b'c', 0, 0, 1, 0, 1]);
    }
}
