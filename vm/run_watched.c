/* vm/run_watched.c - The interpreter compiled again, so that every instruction is reported before it runs
 * (vm_watch), and may be stopped there (vm_stops). */
#include "vm/vm.h"

/* Reports the instruction at the innermost frame's pc. True: the fiber is to stop before it. */
static bool tell_watched_step(struct vm *vm, const struct image *image, const struct stack *stack,
                              const struct frame *frame, const uint64_t *registers)
{
    const struct vm_watch *watch = vm->watch;
    const struct vm_stops *stops = vm->stops;
    if (vm->going) {
        vm->going = false;
        return false;
    }
    if (watch && watch->instruction) watch->instruction(watch->self, image, frame->function, frame->pc);
    if (watch && watch->registers) watch->registers(watch->self, image, frame->function, frame->pc, registers);
    if (!vm->stopping || !stops->here(stops->self, vm->handle, vm->fiber, stack->depth, frame->function, frame->pc))
        return false;
    if (watch && watch->stands) watch->stands(watch->self, image, frame->function, frame->pc);
    return true;
}

#define VM_WATCHED
#include "vm/run.c"
