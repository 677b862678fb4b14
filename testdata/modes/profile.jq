# The rules that hold on $arch for docker's fourteen capabilities; minKernel is that of every kernel that containr runs on.
["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "NET_BIND_SERVICE", "NET_RAW", "SYS_CHROOT", "MKNOD",
 "AUDIT_WRITE", "SETFCAP" | "CAP_" + .] as $caps
| {
    defaultAction, defaultErrnoRet, architectures: $names,
    syscalls: [
      .syscalls[]
      | select(.includes.arches == null or (.includes.arches | index($arch)))
      | select((.excludes.arches // []) | index($arch) | not)
      | select((.includes.caps // []) - $caps == [])
      | select((.excludes.caps // []) - $caps == (.excludes.caps // []))
      | {names, action, args: (.args // []), errnoRet}
      | with_entries(select(.value != null))
    ]
  }
