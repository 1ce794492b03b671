/* vm/ops_core.c - Instructions that the interpreter calls as functions: questions to the core about agents, queues,
 * places, and about the main interaction (questions.def). */
#include "vm/vm.h"

enum { ASK_FUEL = 4 }; /* fuel for one access to a table of the core */

bool op_ask(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    uint16_t type = vm_register_type(vm, word_a(i));
    uint64_t word = 0;
    vm->fuel -= ASK_FUEL;
    bool known = vm->handle && vm->host.ask &&
                 vm->host.ask(vm->host.self, vm->handle, word_c(i), r[word_b(i)], r[extension], &word);
    r[word_a(i)] = known ? word : type_is_optional(type) ? value_none(type) : 0;
    return true;
}

bool op_measure(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    int64_t figure = 0;
    uint64_t object = r[word_b(i)];
    vm->fuel -= ASK_FUEL;
    if (vm->candidate && vm->candidate->measure_of)
        figure = vm->candidate->measure_of(vm->candidate->self, extension, object);
    else if (vm->handle && vm->host.measure)
        figure = vm->host.measure(vm->host.self, vm->handle, extension, object);
    r[word_a(i)] = (uint64_t)figure;
    return true;
}

bool op_latch(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    (void)extension;
    r[word_a(i)] = vm->handle && vm->host.latch && vm->host.latch(vm->host.self, vm->handle, word_bc(i));
    return true;
}
