//! Serves one quotation of the day as JSON.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

#[derive(serde::Serialize)]
struct Quote {
    author: &'static str,
    text: &'static str,
}

const QUOTES: [Quote; 2] = [
    Quote { author: "Seneca", text: "Luck is where preparation meets opportunity." },
    Quote { author: "Pliny", text: "From the end spring new beginnings." },
];

fn body(path: &str) -> String {
    let quote = QUOTES.iter().find(|quote| path.ends_with(quote.author)).unwrap_or(&QUOTES[0]);
    serde_json::to_string(quote).expect("a quote has only strings")
}

fn answer(mut client: TcpStream) -> std::io::Result<()> {
    let mut request = String::new();
    BufReader::new(client.try_clone()?).read_line(&mut request)?;
    let body = body(request.split(' ').nth(1).unwrap_or("/"));
    write!(
        client,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn main() -> std::io::Result<()> {
    let port = std::env::var("PORT").unwrap_or_else(|_| "7878".into());
    for client in TcpListener::bind(format!("0.0.0.0:{port}"))?.incoming() {
        if let Err(error) = client.and_then(answer) {
            eprintln!("client went away: {error}");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn picks_by_author() {
        assert!(super::body("/Pliny").contains("new beginnings"));
        assert!(super::body("/").contains("Seneca"));
    }
}
