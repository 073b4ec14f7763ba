#pragma once

/// Heap allocations made by the calling thread since it began: malloc, calloc, realloc and the aligned kinds.
unsigned long tacet_thread_allocations(void);
