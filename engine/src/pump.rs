//! Reads the two pipes of a running command until both are closed.

use std::os::fd::{AsFd as _, OwnedFd};

use containr_progress::Stream;
use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;

/// Bytes that are read at once: what a pipe holds.
const PIECE: usize = 64 * 1024;

/// Hands each piece of output to `take` in the order of arrival.
///
/// The pipes close when the last process of the command's tree is gone, so this ends with the command.
///
/// # Errors
/// Only what poll(2) and read(2) give on a pipe, which is nothing in practice.
pub(crate) fn pump(
    stdout: Option<OwnedFd>,
    stderr: Option<OwnedFd>,
    mut take: impl FnMut(Stream, &[u8]),
) -> Result<(), Errno> {
    let mut open: Vec<(Stream, OwnedFd)> = [(Stream::Stdout, stdout), (Stream::Stderr, stderr)]
        .into_iter()
        .filter_map(|(stream, pipe)| Some((stream, pipe?)))
        .collect();
    let mut buffer = vec![0; PIECE];
    while !open.is_empty() {
        let mut polled: Vec<PollFd<'_>> =
            open.iter().map(|(_, pipe)| PollFd::from_borrowed_fd(pipe.as_fd(), PollFlags::IN)).collect();
        match rustix::event::poll(&mut polled, None) {
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(error) => return Err(error),
        }
        let ready: Vec<bool> = polled.iter().map(|fd| !fd.revents().is_empty()).collect();
        let mut closed = vec![false; open.len()];
        for (index, (stream, pipe)) in open.iter().enumerate().filter(|(index, _)| ready[*index]) {
            match rustix::io::read(pipe, &mut buffer[..]) {
                Ok(0) => closed[index] = true,
                Ok(count) => take(*stream, &buffer[..count]),
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(error) => return Err(error),
            }
        }
        let mut index = 0;
        open.retain(|_| {
            index += 1;
            !closed[index - 1]
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn both_pipes_are_read_to_their_ends() {
        let (out_reader, out) = rustix::pipe::pipe().unwrap();
        let (error_reader, error) = rustix::pipe::pipe().unwrap();
        let writer = std::thread::spawn(move || {
            std::fs::File::from(out).write_all(&[b'o'; 200_000]).unwrap();
            std::fs::File::from(error).write_all(b"e").unwrap();
        });
        let (mut outs, mut errors) = (0, 0);
        pump(Some(out_reader), Some(error_reader), |stream, data| match stream {
            Stream::Stdout => outs += data.len(),
            Stream::Stderr => errors += data.len(),
        })
        .unwrap();
        writer.join().unwrap();
        assert_eq!((outs, errors), (200_000, 1));
    }
}
