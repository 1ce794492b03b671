/* vm/ops_counter.c - Instructions that the interpreter calls as functions: the site's counters. */
#include "vm/vm.h"

/* The fuel for one access to a counter, which the core looks up in a table outside the block. */
enum { TALLY_FUEL = 16 };

bool op_tally(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    char name[8], key[8];
    (void)extension;
    vm->fuel -= TALLY_FUEL;
    if (vm->handle && vm->host.tally)
        vm->host.tally(vm->host.self, vm_text(vm, r[word_a(i)], name), vm_text(vm, r[word_b(i)], key),
                       (int64_t)r[word_c(i)]);
    return true;
}

bool op_tallied(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    char name[8], key[8];
    int64_t count = 0;
    vm->fuel -= TALLY_FUEL;
    if (vm->handle && vm->host.tallied)
        count = vm->host.tallied(vm->host.self, vm_text(vm, r[word_b(i)], name), vm_text(vm, r[word_c(i)], key),
                                 (int64_t)r[extension]);
    r[word_a(i)] = (uint64_t)count;
    return true;
}
