//! Tiny programs for the tests: one system call, its result as exit code.

/// A static x86_64 program that makes one call with zeros as arguments and exits with its error number.
pub(crate) fn call_64(number: u32) -> Vec<u8> {
    let mut code = vec![0x31, 0xff, 0x31, 0xf6, 0x31, 0xd2, 0x4d, 0x31, 0xd2, 0xb8]; // zero rdi, rsi, rdx, r10; mov eax, number
    code.extend(number.to_le_bytes());
    code.extend([0x0f, 0x05, 0x89, 0xc7, 0xf7, 0xdf, 0xb8, 60, 0, 0, 0, 0x0f, 0x05]); // syscall; edi = -eax; exit
    let mut file = identification(2);
    file.extend([2_u16, 62].map(u16::to_le_bytes).concat());
    file.extend(1_u32.to_le_bytes());
    file.extend([ENTRY + 120, 64, 0].map(u64::to_le_bytes).concat());
    file.extend(0_u32.to_le_bytes());
    file.extend([64_u16, 56, 1, 64, 0, 0].map(u16::to_le_bytes).concat());
    let size = 120 + code.len() as u64;
    file.extend([1_u32, 5].map(u32::to_le_bytes).concat());
    file.extend([0, ENTRY, ENTRY, size, size, 4096].map(u64::to_le_bytes).concat());
    file.extend(code);
    file
}

/// A static i386 program that exits with `code`.
pub(crate) fn exit_32(exit: u8) -> Vec<u8> {
    let code = [0xb8, 1, 0, 0, 0, 0xbb, exit, 0, 0, 0, 0xcd, 0x80]; // mov eax, 1; mov ebx, exit; int 0x80
    let entry = ENTRY as u32;
    let mut file = identification(1);
    file.extend([2_u16, 3].map(u16::to_le_bytes).concat());
    file.extend([1_u32, entry + 84, 52, 0, 0].map(u32::to_le_bytes).concat());
    file.extend([52_u16, 32, 1, 40, 0, 0].map(u16::to_le_bytes).concat());
    let size = 84 + code.len() as u32;
    file.extend([1, 0, entry, entry, size, size, 5, 4096].map(u32::to_le_bytes).concat());
    file.extend(code);
    file
}

/// Where programs are loaded.
const ENTRY: u64 = 0x40_0000;

fn identification(class: u8) -> Vec<u8> {
    let mut bytes = vec![0x7f, b'E', b'L', b'F', class, 1, 1];
    bytes.resize(16, 0);
    bytes
}
