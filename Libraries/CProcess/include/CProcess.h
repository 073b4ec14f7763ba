#pragma once

/// Forbids core dumps, ptrace and /proc/pid/mem to others of the same user. 0, or -1 with errno.
int tacet_forbid_dumps(void);
/// Whether this process may be dumped: 0 no.
int tacet_may_be_dumped(void);
