/* vm/run_watched.c - The interpreter once more, which tells of every instruction before it runs (vm_watch). */
#include "vm/vm.h"

static void tell_step(const struct vm_watch *watch, const struct image *image, uint32_t function, uint32_t pc,
                      const uint64_t *registers)
{
    if (watch->instruction) watch->instruction(watch->self, image, function, pc);
    if (watch->registers) watch->registers(watch->self, image, function, pc, registers);
}

#define VM_WATCHED
#include "vm/run.c"
