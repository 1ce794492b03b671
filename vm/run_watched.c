/* vm/run_watched.c - The interpreter once more, which tells of every instruction before it runs (vm_watch). */
#define VM_WATCHED
#include "vm/run.c"
