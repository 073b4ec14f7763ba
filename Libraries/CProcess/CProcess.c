#include "CProcess.h"
#include <sys/prctl.h>

// prctl is variadic: Swift cannot call it.
int tacet_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
int tacet_may_be_dumped(void) { return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0); }
